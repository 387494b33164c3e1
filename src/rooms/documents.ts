import { CollabError } from "../protocol/errors.ts";
import type { UserId } from "../shared/ids.ts";
import type { VisitRequest } from "./requests.ts";
import type { DocumentEntry, ListPlace, RoomStore } from "./room-store.ts";
import type { Rooms } from "./rooms.ts";

/** A person's documents, as lists and pages about them need them. */
export class Documents {
	readonly #rooms: Pick<Rooms, "visit">;
	readonly #store: RoomStore;

	constructor(rooms: Pick<Rooms, "visit">, store: RoomStore) {
		this.#rooms = rooms;
		this.#store = store;
	}

	/** One document with the person's role. Throws `NOT_FOUND` (also for a generic room) or `FORBIDDEN`. */
	async describe(request: VisitRequest): Promise<DocumentEntry> {
		const room = await this.#rooms.visit(request);
		const progress = await this.#store.findProgress(request.docId);
		if (progress === undefined)
			throw new CollabError("NOT_FOUND", "There is no such document");
		return { room, ...progress };
	}

	/** Those that the person is a member of, last edited first. */
	listOf(request: {
		readonly userId: UserId;
		readonly limit: number;
		readonly after?: ListPlace;
	}): Promise<readonly DocumentEntry[]> {
		const { userId, limit, after } = request;
		return this.#store.listDocuments(userId, limit, after);
	}
}
