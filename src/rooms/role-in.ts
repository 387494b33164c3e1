import { CollabError } from "../protocol/errors.ts";
import type { Role } from "../shared/roles.ts";
import type { Visitor } from "./requests.ts";
import type { Room, RoomStore } from "./room-store.ts";

/** What a room gives to everybody who is no member, when it is public. */
const PUBLIC_ROLE = { document: "view", room: "edit" } as const;

/** Throws `FORBIDDEN` for a person without a role in the room. */
export async function roleIn(
	room: Room,
	visitor: Visitor,
	store: Pick<RoomStore, "findRole">,
): Promise<Role> {
	const { userId, tokenRole } = visitor;
	if (tokenRole !== undefined) return admitted(tokenRole);
	const role = await store.findRole(room.roomId, userId);
	return admitted(role ?? publicRole(room));
}

/** What a room gives to everybody. */
export const publicRole = ({
	visibility,
	kind,
}: Pick<Room, "visibility" | "kind">): Role | undefined =>
	visibility === "public" ? PUBLIC_ROLE[kind] : undefined;

/** A token that does not name the room admits to nothing there, not even to knowing whether there is one. */
export function checkToken({ tokenRole }: Visitor): void {
	if (tokenRole === null) admitted(null);
}

function admitted(role: Role | null | undefined): Role {
	if (role === undefined || role === null)
		throw new CollabError("FORBIDDEN", "You have no role here");
	return role;
}
