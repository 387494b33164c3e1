import { CollabError } from "../protocol/errors.ts";

/** A person's role in a room, weakest first; each includes those before it. */
export const ROLES = ["view", "comment", "edit", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** What a session asks for when it joins a document. */
export const MODES = ["view", "comment", "edit"] as const;
export type Mode = (typeof MODES)[number];

export const roleAtLeast = (role: Role, needed: Role): boolean =>
	ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** The highest mode that a role allows. */
export const modeOf = (role: Role): Mode => (role === "owner" ? "edit" : role);

/** Throws `FORBIDDEN` for a role below the needed one. */
export function requireRole(role: Role, needed: Role): void {
	if (!roleAtLeast(role, needed))
		throw new CollabError("FORBIDDEN", `The role ${role} is not ${needed}`);
}
