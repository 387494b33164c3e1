import { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import type { UserId } from "../shared/ids.ts";
import { type Role, requireRole, roleAtLeast } from "../shared/roles.ts";
import type { NewRoom, VisitRequest } from "./requests.ts";
import { checkToken, publicRole, roleIn } from "./role-in.ts";
import type { Room, RoomStore, RoomWithRole } from "./room-store.ts";

export interface Entrance {
	readonly role: Role;
	readonly title: string;
	/** Latest version; absent before the first. */
	readonly version?: string;
}

/** Rooms in one answer to `list`. */
const LISTED_ROOMS = 500;

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
	 * Throws `NOT_FOUND` when there is no such document (`ALREADY_EXISTS` when it cannot be made, because a generic room
	 * has the id), `FORBIDDEN` for a person without a role.
	 */
	async enter(
		request: VisitRequest & {
			readonly create: boolean;
			/** He edits what he opens: who is no member becomes one. */
			readonly isDemo?: boolean;
		},
	): Promise<Entrance> {
		const { docId, create } = request;
		checkToken(request);
		const room =
			(await this.#store.find(docId)) ??
			(create ? await this.#makeDocument(request) : undefined);
		if (room?.kind === "room" && create)
			throw new CollabError("ALREADY_EXISTS", "A room has this id");
		if (room?.kind !== "document")
			throw new CollabError("NOT_FOUND", "There is no such document");
		if (request.isDemo) await this.#admit(request);
		const role = await roleIn(room, request, this.#store);
		const { title, version } = room;
		return { role, title, ...(version === undefined ? {} : { version }) };
	}

	async #admit({ docId, userId }: VisitRequest): Promise<void> {
		const role = await this.#store.findRole(docId, userId);
		if (role === undefined) await this.#store.setRole(docId, userId, "edit");
	}

	/** The room, of whatever kind, and the person's role in it. Throws `NOT_FOUND` or `FORBIDDEN`. */
	async visit(request: VisitRequest): Promise<RoomWithRole> {
		checkToken(request);
		const room = await this.#store.find(request.docId);
		if (room === undefined)
			throw new CollabError("NOT_FOUND", "There is no such room");
		return { ...room, role: await roleIn(room, request, this.#store) };
	}

	/** What each of them may do there, in the order asked; null: nothing, or there is no such room. */
	async rolesOf(
		visits: readonly Pick<VisitRequest, "docId" | "userId">[],
	): Promise<readonly (Role | null)[]> {
		const found = await this.#store.findRoles(visits);
		return found.map((room) =>
			room === undefined ? null : (room.role ?? publicRole(room) ?? null),
		);
	}

	/** Makes a room or a document of the person's own. Throws `ALREADY_EXISTS`, or `FORBIDDEN` by the token. */
	async create(request: NewRoom): Promise<void> {
		const { docId, userId, kind, title, visibility, metadata } = request;
		checkToken(request);
		if (request.tokenRole) requireRole(request.tokenRole, "edit");
		const room: Room = {
			roomId: docId,
			kind,
			title,
			visibility,
			metadata,
			createdAtMs: this.#clock.nowMs(),
		};
		if (!(await this.#store.create(room, userId)))
			throw new CollabError("ALREADY_EXISTS", "This id is taken");
	}

	/** Rooms and documents that the person is a member of, newest first. */
	list(userId: UserId): Promise<readonly RoomWithRole[]> {
		return this.#store.listOf(userId, LISTED_ROOMS);
	}

	/**
	 * Of two who make the same room at once, one owns it and the other finds it. A token makes only what it may edit:
	 * a link to look at things takes nobody's ids.
	 */
	async #makeDocument(request: VisitRequest): Promise<Room | undefined> {
		const { docId, userId, tokenRole } = request;
		if (tokenRole && !roleAtLeast(tokenRole, "edit")) return undefined;
		const room: Room = {
			roomId: docId,
			kind: "document",
			title: docId,
			visibility: "private",
			metadata: {},
			createdAtMs: this.#clock.nowMs(),
		};
		const made = await this.#store.create(room, userId);
		return made ? room : this.#store.find(docId);
	}
}
