import { withState } from "../presence/own-presence.ts";
import type { PresentSession } from "../presence/presence-book.ts";
import {
	type PresenceMessage,
	type PresenceUpdate,
	presenceChannel,
} from "../presence/presence-message.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import type { Backend } from "./backend.ts";
import { eventMessage } from "./message.ts";
import { PresenceBeat } from "./presence-beat.ts";
import {
	type Heard,
	type Listener,
	PresenceSeat,
	type SeatHost,
} from "./presence-seat.ts";
import { PresenceWheel } from "./presence-wheel.ts";

export interface PresenceDeps {
	readonly bus: ChannelBus;
	readonly clock: Clock;
	readonly log: Logger;
	readonly backend: Pick<Backend, "present" | "absent" | "reportPresence">;
}

interface Audience {
	readonly docId: DocId;
	readonly seats: Set<PresenceSeat>;
	/** What was last heard of each session, on this gateway or another. */
	readonly latest: Map<SessionId, PresenceUpdate>;
	readonly subscribed: Promise<ChannelSubscription>;
}

/** Sessions whose last update is kept; beyond it a joiner sees them where they move next. */
const KEPT_UPDATES = 2_000;

/** Tells the sessions of a document, on every gateway, who is in it, where, and since when. */
export class PresenceRelay {
	readonly #deps: PresenceDeps;
	readonly #audiences = new Map<DocId, Audience>();
	/** Shared by all seats. */
	readonly #seatHost: SeatHost;
	readonly #wheel: PresenceWheel;
	readonly #beat: PresenceBeat;

	constructor(deps: PresenceDeps) {
		this.#deps = deps;
		this.#wheel = new PresenceWheel(deps.clock, (docId, updates) =>
			this.#publish(docId, { kind: "updated", updates }),
		);
		this.#seatHost = { clock: deps.clock, wheel: this.#wheel };
		this.#beat = new PresenceBeat(deps, {
			entered: (seat, present, others) => {
				this.announce(seat.docId, "joined", present);
				this.#introduce(seat, others);
			},
			left: (docId, session) => this.announce(docId, "left", session),
		});
	}

	/** Resolves when nothing can be missed any more; the caller owes `leave`. */
	async enter(docId: DocId, session: Listener): Promise<PresenceSeat> {
		const audience = this.#audiences.get(docId) ?? this.#create(docId);
		const seat = new PresenceSeat(docId, session, this.#seatHost);
		audience.seats.add(seat);
		this.#beat.add(seat);
		try {
			await audience.subscribed;
		} catch (error) {
			this.leave(docId, seat);
			throw error;
		}
		return seat;
	}

	leave(docId: DocId, seat: PresenceSeat): void {
		this.#wheel.forget(seat);
		this.#beat.delete(seat);
		const audience = this.#audiences.get(docId);
		if (audience === undefined || !audience.seats.delete(seat)) return;
		if (audience.seats.size > 0) return;
		this.#audiences.delete(docId);
		audience.subscribed.then(
			(subscription) => subscription.unsubscribe(),
			() => {},
		);
	}

	announce(
		docId: DocId,
		kind: "joined" | "left",
		session: PresentSession,
	): void {
		this.#publish(docId, { kind, session });
	}

	/**
	 * Enters a seat's session in the book; answers with the others, with the cursor and status that were last heard. While
	 * the book cannot be reached those on this gateway are all that is known.
	 */
	async present(
		seat: PresenceSeat,
		present: PresentSession,
	): Promise<readonly PresentSession[]> {
		const { docId } = seat;
		const audience = this.#audiences.get(docId);
		const others = await this.#beat.enter(docId, present);
		seat.hasMet = others !== undefined;
		const known = others ?? sessionsOf(audience?.seats ?? []);
		return known.map((session) => {
			const update = audience?.latest.get(session.sessionId);
			return update === undefined ? session : withState(session, update);
		});
	}

	/** A session that others have seen has left; nobody waits for it. */
	part(docId: DocId, session: PresentSession): void {
		this.announce(docId, "left", session);
		void this.#beat.part(docId, session);
	}

	/** A session that was on its way in has not come; nobody waits for it. */
	absent(docId: DocId, sessionId: SessionId): void {
		void this.#beat.leave(docId, sessionId);
	}

	/** Those whom a session could not be told of when it came in. */
	#introduce(seat: PresenceSeat, others: readonly PresentSession[]): void {
		if (seat.hasMet) return;
		seat.hasMet = true;
		const met = sessionsOf(this.#audiences.get(seat.docId)?.seats ?? []);
		const ids = new Set(met.map(({ sessionId }) => sessionId));
		for (const session of others) {
			if (ids.has(session.sessionId)) continue;
			const data = { prdId: seat.docId, session };
			const message = eventMessage("presence:joined", data);
			seat.hear({ news: "stay", about: session.sessionId, message });
		}
	}

	close(): void {
		this.#wheel.close();
		this.#beat.close();
	}

	#publish(docId: DocId, head: PresenceMessage): void {
		this.#deps.bus.publish(presenceChannel(docId), { head });
	}

	#create(docId: DocId): Audience {
		const subscribed = this.#deps.bus.subscribe(
			presenceChannel(docId),
			(message: ChannelMessage) =>
				this.#hear(audience, message.head as PresenceMessage),
		);
		const audience: Audience = {
			docId,
			seats: new Set(),
			latest: new Map(),
			subscribed,
		};
		this.#audiences.set(docId, audience);
		// Cursors are in no store: the gateways that hold them answer.
		subscribed.then(
			() => this.#publish(docId, { kind: "asked" }),
			() => {},
		);
		return audience;
	}

	#hear(audience: Audience, message: PresenceMessage): void {
		switch (message.kind) {
			case "asked":
				this.#answer(audience);
				break;
			case "updated":
				for (const update of message.updates) hearUpdate(audience, update);
				break;
			default:
				hearMove(audience, message.kind, message.session);
		}
	}

	/** What the others know already is not told to their sessions again. */
	#answer({ docId, seats }: Audience): void {
		const updates = [...seats]
			.filter(({ hasTold }) => hasTold)
			.map((seat) => seat.update());
		if (updates.length > 0) this.#publish(docId, { kind: "updated", updates });
	}
}

const sessionsOf = (seats: Iterable<PresenceSeat>): readonly PresentSession[] =>
	[...seats].flatMap(({ present }) => (present === undefined ? [] : [present]));

function hearMove(
	audience: Audience,
	kind: "joined" | "left",
	session: PresentSession,
): void {
	audience.latest.delete(session.sessionId);
	const data = { prdId: audience.docId, session };
	const message = eventMessage(`presence:${kind}`, data);
	tell(audience, { news: "stay", about: session.sessionId, message });
}

function hearUpdate(audience: Audience, update: PresenceUpdate): void {
	const { docId, latest } = audience;
	const known = latest.get(update.sessionId);
	if (known !== undefined && isSame(known, update)) return;
	if (known !== undefined || latest.size < KEPT_UPDATES)
		latest.set(update.sessionId, update);
	const data = { prdId: docId, ...update };
	const message = eventMessage("presence:updated", data);
	tell(audience, { news: "place", about: update.sessionId, message });
}

const isSame = (one: PresenceUpdate, other: PresenceUpdate): boolean =>
	JSON.stringify(one) === JSON.stringify(other);

function tell({ seats }: Audience, heard: Heard): void {
	for (const seat of seats)
		if (seat.session.id !== heard.about) seat.hear(heard);
}
