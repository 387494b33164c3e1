import type { DocId, UserId } from "../shared/ids.ts";
import type { Role } from "../shared/roles.ts";

export interface Room {
	readonly roomId: DocId;
	/** `document`: the people around a document; `room`: a generic space. */
	readonly kind: "document" | "room";
	readonly title: string;
	readonly visibility: "private" | "public";
	/** What its makers want to remember with it; JSON. */
	readonly metadata: Readonly<Record<string, unknown>>;
	readonly createdAtMs: number;
	/** Latest version of the document; absent before the first. */
	readonly version?: string;
}

/** A room as one of its people sees it. */
export type RoomWithRole = Room & { readonly role: Role };

/** What decides about what a person may do in a room. */
export interface MemberRole extends Pick<Room, "kind" | "visibility"> {
	/** Undefined: the person is no member. */
	readonly role: Role | undefined;
}

export interface Member {
	readonly userId: UserId;
	readonly role: Role;
}

/** A document as a list shows it. */
export interface DocumentEntry {
	readonly room: RoomWithRole;
	readonly revision: number;
	/** Time of the newest operation; of the creation when there is none. */
	readonly editedAtMs: number;
}

/** Place in a list that is ordered by time and id: what comes after it is asked for. */
export interface ListPlace {
	readonly editedAtMs: number;
	readonly roomId: DocId;
}

/** Rooms and their members. */
export interface RoomStore {
	find(roomId: DocId): Promise<Room | undefined>;
	/**
	 * Creates the room with its first owner in one transaction.
	 * @returns false when the room existed already (nothing was changed).
	 */
	create(room: Room, ownerId: UserId): Promise<boolean>;
	/** Throws `NOT_FOUND`. */
	setTitle(roomId: DocId, title: string): Promise<void>;
	findRole(roomId: DocId, userId: UserId): Promise<Role | undefined>;
	/** The rooms with the members' roles in them, in the order asked; undefined where there is no such room. */
	findRoles(
		visits: readonly { readonly docId: DocId; readonly userId: UserId }[],
	): Promise<readonly (MemberRole | undefined)[]>;
	/** Sets or changes a member's role. Throws `NOT_FOUND` when there is no such room. */
	setRole(roomId: DocId, userId: UserId, role: Role): Promise<void>;
	/** Takes a member out; nothing happens when the user is none. */
	removeMember(roomId: DocId, userId: UserId): Promise<void>;
	/** Members by user id, at most `limit`, those after `after`. */
	listMembers(
		roomId: DocId,
		limit: number,
		after?: UserId,
	): Promise<readonly Member[]>;
	/** Rooms that the user is a member of, newest first, at most `limit`. */
	listOf(userId: UserId, limit: number): Promise<readonly RoomWithRole[]>;
	/** Documents that the user is a member of, last edited first, at most `limit`, those after `after`. */
	listDocuments(
		userId: UserId,
		limit: number,
		after?: ListPlace,
	): Promise<readonly DocumentEntry[]>;
	/** Revision and time of the newest operation of a document; revision 0 when nothing was ever written. */
	findProgress(
		docId: DocId,
	): Promise<Pick<DocumentEntry, "revision" | "editedAtMs"> | undefined>;
}
