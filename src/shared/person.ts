import type { SessionId, UserId } from "./ids.ts";
import type { Permissions, PermissionsClaim } from "./permissions.ts";

/** Whose token has been accepted. */
export interface Bearer {
	readonly userId: UserId;
	/** Display name; the user id when the token has none. */
	readonly name: string;
	readonly avatar?: string;
	readonly roles: readonly string[];
	/** Undefined: the members' lists decide. */
	readonly permissions?: Permissions;
}

/** Somebody who asks a service for something, as it crosses the bus. */
export interface Person extends Omit<Bearer, "permissions"> {
	/** As in the token. */
	readonly permissions?: PermissionsClaim;
	/** Absent: he asks over REST. */
	readonly sessionId?: SessionId;
	/** How his session counts positions of the document that he names; absent: he has not joined it. */
	readonly unit?: "utf16" | "codepoint";
}

export const personOf = (
	{ userId, name, avatar, roles, permissions }: Bearer,
	where: Pick<Person, "sessionId" | "unit"> = {},
): Person => ({
	userId,
	name,
	roles,
	...where,
	...(avatar === undefined ? {} : { avatar }),
	...(permissions === undefined ? {} : { permissions: permissions.claim }),
});

/** Who did something, as others are told and as it is kept. */
export interface Actor {
	readonly id: UserId;
	readonly name: string;
	readonly avatar?: string;
}

export const actorOf = ({
	userId: id,
	name,
	avatar,
}: Pick<Person, "userId" | "name" | "avatar">): Actor => ({
	id,
	name,
	...(avatar === undefined ? {} : { avatar }),
});
