import type { DocId, UserId } from "../shared/ids.ts";
import type { Role } from "../shared/roles.ts";
import type { Room } from "./room-store.ts";

/** Somebody at the door of a room. */
export interface Visitor {
	readonly userId: UserId;
	/**
	 * Role from the token's `permissions`, null when they do not name the room: decides instead of the members' list when
	 * present.
	 */
	readonly tokenRole?: Role | null;
}

/** A bearer at the door of a room: by his token's permissions when it has any, else by his name. */
export const visitorOf = (
	{
		userId,
		permissions,
	}: {
		readonly userId: UserId;
		readonly permissions?:
			| { roleOn(docId: DocId): Role | undefined }
			| undefined;
	},
	docId: DocId,
): Visitor => ({
	userId,
	...(permissions === undefined
		? {}
		: { tokenRole: permissions.roleOn(docId) ?? null }),
});

export interface VisitRequest extends Visitor {
	readonly docId: DocId;
}

export type NewRoom = VisitRequest &
	Pick<Room, "kind" | "title" | "visibility" | "metadata">;

export interface InviteRequest extends VisitRequest {
	readonly invitedId: UserId;
	readonly role: Role;
}

export interface KickRequest extends VisitRequest {
	readonly kickedId: UserId;
}

export interface MembersRequest extends VisitRequest {
	readonly after?: UserId;
}

export interface RenameRequest extends VisitRequest {
	readonly title: string;
}
