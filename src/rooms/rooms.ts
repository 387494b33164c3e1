import { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import { type Role, roleAtLeast } from "../shared/roles.ts";
import type { Room, RoomStore } from "./room-store.ts";

export interface Entrance {
	readonly role: Role;
	readonly title: string;
}

/** Who may come in, and as what. */
export class Rooms {
	readonly #store: RoomStore;
	readonly #clock: Pick<Clock, "nowMs">;

	constructor(store: RoomStore, clock: Pick<Clock, "nowMs">) {
		this.#store = store;
		this.#clock = clock;
	}

	/**
	 * Lets a person into a document's room; with `create` the first one to come makes it and owns it.
	 * `tokenRole` (from the token's permissions) decides instead of the members' list when present.
	 * Throws `NOT_FOUND` when there is no such document, `FORBIDDEN` for a person without a role.
	 */
	async enter(request: {
		readonly docId: DocId;
		readonly userId: UserId;
		readonly create: boolean;
		readonly tokenRole?: Role;
	}): Promise<Entrance> {
		const { docId, userId, create, tokenRole } = request;
		// Whoever may only look would otherwise take the document from those who may write it.
		const mayMake = create && roleAtLeast(tokenRole ?? "owner", "edit");
		const room =
			(await this.#store.find(docId)) ??
			(mayMake ? await this.#make(docId, userId) : undefined);
		if (room === undefined)
			throw new CollabError("NOT_FOUND", "There is no such document");
		const role = tokenRole ?? (await this.#store.findRole(docId, userId));
		if (role === undefined)
			throw new CollabError("FORBIDDEN", "You have no role in this document");
		return { role, title: room.title };
	}

	/** Gives a person a role at once, new or changed. Throws `FORBIDDEN` unless `byUserId` owns the room. */
	async invite(request: {
		readonly docId: DocId;
		readonly byUserId: UserId;
		readonly userId: UserId;
		readonly role: Role;
	}): Promise<void> {
		const { docId, byUserId, userId, role } = request;
		if ((await this.#store.find(docId)) === undefined)
			throw new CollabError("NOT_FOUND", "There is no such document");
		if ((await this.#store.findRole(docId, byUserId)) !== "owner")
			throw new CollabError("FORBIDDEN", "Only an owner invites");
		if (userId === byUserId && role !== "owner")
			throw new CollabError(
				"INVALID_STATE",
				"An owner does not lower the own role",
			);
		await this.#store.setRole(docId, userId, role);
	}

	/** Of two who make the same room at once, one owns it and the other finds it. */
	async #make(docId: DocId, ownerId: UserId): Promise<Room | undefined> {
		const room: Room = {
			roomId: docId,
			kind: "document",
			title: docId,
			visibility: "private",
			createdAtMs: this.#clock.nowMs(),
		};
		const made = await this.#store.create(room, ownerId);
		return made ? room : this.#store.find(docId);
	}
}
