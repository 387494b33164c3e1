import type { DocId, UserId } from "../shared/ids.ts";
import type { Role } from "../shared/roles.ts";

export interface Room {
	readonly roomId: DocId;
	/** `document`: made by joining a document; `room`: a generic space. */
	readonly kind: "document" | "room";
	readonly title: string;
	readonly visibility: "private" | "public";
	readonly createdAtMs: number;
}

/** Rooms and their members. */
export interface RoomStore {
	find(roomId: DocId): Promise<Room | undefined>;
	/**
	 * Creates the room with its first owner in one transaction.
	 * @returns false when the room existed already (nothing was changed).
	 */
	create(room: Room, ownerId: UserId): Promise<boolean>;
	findRole(roomId: DocId, userId: UserId): Promise<Role | undefined>;
	/** Sets or changes a member's role. */
	setRole(roomId: DocId, userId: UserId, role: Role): Promise<void>;
	/** Rooms that the user is a member of, newest first, at most `limit`. */
	listOf(
		userId: UserId,
		limit: number,
	): Promise<readonly (Room & { readonly role: Role })[]>;
}
