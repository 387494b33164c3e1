import { CollabError } from "../protocol/errors.ts";
import { requireRole } from "../shared/roles.ts";
import type {
	InviteRequest,
	KickRequest,
	MembersRequest,
	RenameRequest,
	VisitRequest,
} from "./requests.ts";
import type { Member, RoomStore, RoomWithRole } from "./room-store.ts";
import type { Rooms } from "./rooms.ts";

/** Members in one answer to `list`. */
const LISTED_MEMBERS = 1_000;

/** What a room's owner does about the room and its people. Throws `NOT_FOUND`, and `FORBIDDEN` for everybody else. */
export class Members {
	readonly #rooms: Pick<Rooms, "visit">;
	readonly #store: RoomStore;

	constructor(rooms: Pick<Rooms, "visit">, store: RoomStore) {
		this.#rooms = rooms;
		this.#store = store;
	}

	/** Gives a person a role at once, new or changed. Throws `INVALID_STATE` for an owner about himself. */
	async invite(request: InviteRequest): Promise<void> {
		const { docId, invitedId, role } = request;
		await this.#owned(request);
		if (invitedId === request.userId && role !== "owner")
			throw new CollabError(
				"INVALID_STATE",
				"An owner does not lower the own role",
			);
		await this.#store.setRole(docId, invitedId, role);
	}

	/** Takes a person out of the members' list. Throws `INVALID_STATE` for an owner. */
	async kick(request: KickRequest): Promise<void> {
		const { docId, kickedId } = request;
		await this.#owned(request);
		if ((await this.#store.findRole(docId, kickedId)) === "owner")
			throw new CollabError("INVALID_STATE", "An owner is not removed");
		await this.#store.removeMember(docId, kickedId);
	}

	/** The members by user id, for everybody who may come in. */
	async list(request: MembersRequest): Promise<readonly Member[]> {
		const { docId, after } = request;
		await this.#rooms.visit(request);
		return this.#store.listMembers(docId, LISTED_MEMBERS, after);
	}

	async rename(request: RenameRequest): Promise<void> {
		await this.#owned(request);
		await this.#store.setTitle(request.docId, request.title);
	}

	async #owned(request: VisitRequest): Promise<RoomWithRole> {
		const room = await this.#rooms.visit(request);
		requireRole(room.role, "owner");
		return room;
	}
}
