import type { PresentSession } from "../presence/presence-book.ts";
import { encodeEvent } from "../protocol/envelope.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import { textFrame } from "./frame.ts";

/** What travels on a document's presence channel. */
interface PresenceMessage {
	readonly kind: "joined" | "left";
	readonly session: PresentSession;
}

export const presenceChannel = (docId: DocId): string => `presence.${docId}`;

/** The session behind a seat. */
interface Listener {
	readonly id: SessionId;
	send(frame: Buffer): void;
}

/** One session's ear for who comes and goes in a document; what it hears before `open` waits. */
export class PresenceSeat {
	readonly session: Listener;
	#held: Buffer[] | undefined = [];

	constructor(session: Listener) {
		this.session = session;
	}

	hear(frame: Buffer): void {
		if (this.#held === undefined) this.session.send(frame);
		else this.#held.push(frame);
	}

	open(): void {
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const frame of held) this.session.send(frame);
	}
}

interface Audience {
	readonly seats: Set<PresenceSeat>;
	readonly subscribed: Promise<ChannelSubscription>;
}

/** Tells the sessions of a document, on every gateway, who joins and leaves it. */
export class PresenceRelay {
	readonly #bus: ChannelBus;
	readonly #audiences = new Map<DocId, Audience>();

	constructor(bus: ChannelBus) {
		this.#bus = bus;
	}

	/** Resolves when nothing can be missed any more; the caller owes `leave`. */
	async enter(docId: DocId, session: Listener): Promise<PresenceSeat> {
		const audience = this.#audiences.get(docId) ?? this.#create(docId);
		const seat = new PresenceSeat(session);
		audience.seats.add(seat);
		try {
			await audience.subscribed;
		} catch (error) {
			this.leave(docId, seat);
			throw error;
		}
		return seat;
	}

	leave(docId: DocId, seat: PresenceSeat): void {
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
		const head: PresenceMessage = { kind, session };
		this.#bus.publish(presenceChannel(docId), { head });
	}

	#create(docId: DocId): Audience {
		const seats = new Set<PresenceSeat>();
		const receive = (message: ChannelMessage) =>
			tell(docId, seats, message.head as PresenceMessage);
		const audience = {
			seats,
			subscribed: this.#bus.subscribe(presenceChannel(docId), receive),
		};
		this.#audiences.set(docId, audience);
		return audience;
	}
}

function tell(
	docId: DocId,
	seats: ReadonlySet<PresenceSeat>,
	{ kind, session }: PresenceMessage,
): void {
	const frame = textFrame(
		encodeEvent(`presence:${kind}`, { prdId: docId, session }),
	);
	for (const seat of seats)
		if (seat.session.id !== session.sessionId) seat.hear(frame);
}
