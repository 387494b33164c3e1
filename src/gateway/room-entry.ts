import type { PresentSession } from "../presence/presence-book.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ServerData } from "../protocol/events.ts";
import { visitorOf } from "../rooms/requests.ts";
import type { RoomWithRole } from "../rooms/room-store.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import { modeOf } from "../shared/roles.ts";
import type { Identity } from "./authenticate.ts";
import type { Backend } from "./backend.ts";
import type { DocumentEntry } from "./document-entry.ts";
import { presentSession } from "./join-attempt.ts";
import { answerJoin, joinedJson } from "./joined.ts";
import { checkHeard, type RoleWatch } from "./role-watch.ts";
import type { RoomExit, RoomExitDeps } from "./room-exit.ts";
import type { RoomMembership } from "./room-membership.ts";
import type { Session } from "./session.ts";
import { inTurn } from "./turns.ts";

export interface RoomEntryDeps extends RoomExitDeps {
	readonly backend: Pick<Backend, "visitRoom">;
	readonly documents: DocumentEntry;
	readonly clock: Clock;
	readonly limits: Limits;
}

interface Attempt {
	readonly session: Session;
	readonly identity: Identity;
	readonly request: Request<"room:join">;
	readonly room: RoomWithRole;
	readonly watch: RoleWatch;
}

/** How sessions come into rooms, and leave them when they ask to; a document's id leads into the document. */
export class RoomEntry {
	readonly #deps: RoomEntryDeps;
	readonly #exit: RoomExit;

	constructor(deps: RoomEntryDeps, exit: RoomExit) {
		this.#deps = deps;
		this.#exit = exit;
	}

	async join(session: Session, request: Request<"room:join">): Promise<void> {
		const { identity } = session;
		if (identity === undefined) return;
		const { room: docId } = request.data;
		const watch = session.roleWatches.open(docId);
		try {
			const visit = { docId, ...visitorOf(identity, docId) };
			const room = await this.#deps.backend.visitRoom(visit);
			const attempt = { session, identity, request, room, watch };
			if (room.kind === "document") await this.#joinDocument(attempt);
			else await inTurn(session, docId, () => this.#enter(attempt));
		} finally {
			session.roleWatches.close(watch);
		}
	}

	leave(session: Session, roomId: DocId): Promise<void> {
		if (session.memberships.has(roomId))
			return this.#deps.documents.leave(session, roomId);
		if (!session.rooms.has(roomId))
			throw new CollabError("NOT_JOINED", "Join the room first", {
				room: roomId,
			});
		return inTurn(session, roomId, async () => {
			const membership = session.rooms.get(roomId);
			if (membership !== undefined) this.#exit.part(session, membership);
		});
	}

	/** The highest mode that the role allows. */
	#joinDocument({ session, request, room }: Attempt): Promise<void> {
		const ask = { docId: room.roomId, create: false };
		return this.#deps.documents.enter(session, ask, (arrival) =>
			answerJoin(session, request, arrival.about, joinedJson(arrival)),
		);
	}

	async #enter(attempt: Attempt): Promise<void> {
		const { session, room } = attempt;
		const { rooms, presence } = this.#deps;
		const { roomId } = room;
		this.#makeWay(session, roomId);
		const seat = await rooms.enter(roomId, session);
		try {
			// The room tells who comes and goes in its own words.
			const silent = { id: session.id, sendPresence: () => {} };
			const entered = { seat, presence: await presence.enter(roomId, silent) };
			try {
				await this.#admit(attempt, entered);
			} catch (error) {
				presence.leave(roomId, entered.presence);
				throw error;
			}
		} catch (error) {
			rooms.leave(roomId, seat);
			throw error;
		}
	}

	async #admit(
		attempt: Attempt,
		entered: Pick<RoomMembership, "seat" | "presence">,
	): Promise<void> {
		const { session, identity, room, watch } = attempt;
		const { roomId } = room;
		const mode = modeOf(room.role);
		const nowMs = this.#deps.clock.nowMs();
		const present = presentSession(session.id, identity, mode, nowMs);
		const { presence } = this.#deps;
		const others = await presence.present(entered.presence, present);
		try {
			checkHeard(watch, mode);
			if (session.isClosing) throw new CollabError("UNAVAILABLE", "Closing");
		} catch (error) {
			presence.absent(roomId, session.id);
			throw error;
		}
		session.rooms.set(roomId, { roomId, mode, present, ...entered });
		answer(attempt, [...others, present]);
		presence.announce(roomId, "joined", present);
		entered.seat.open();
		entered.presence.open(present);
	}

	/** A session that joins again starts anew. */
	#makeWay(session: Session, roomId: DocId): void {
		const previous = session.rooms.get(roomId);
		if (previous !== undefined) this.#exit.detach(session, previous);
		const max = this.#deps.limits.documents;
		if (session.rooms.size >= max)
			throw new CollabError("RATE_LIMITED", "Too many rooms are open", {
				limit: "documents",
				max,
			});
	}
}

function answer(
	{ session, request, room }: Attempt,
	members: readonly PresentSession[],
): void {
	const { roomId, title, role, metadata } = room;
	const data = JSON.stringify({
		room: roomId,
		name: title,
		mode: modeOf(role),
		members,
		metadata,
	} satisfies ServerData<"room:joined">);
	session.sendJson("room:joined", roomId, data, true);
	session.acknowledge(request, data, true);
}
