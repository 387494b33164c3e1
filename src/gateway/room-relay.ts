import {
	type PresenceMessage,
	presenceChannel,
} from "../presence/presence-message.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import { EventMessage, type Message } from "./message.ts";

/** What travels on a generic room's channel; the body is the data of `room:message`. */
interface SaidMessage {
	/** Nobody of this session hears it. */
	readonly except?: SessionId;
}

const roomChannel = (roomId: DocId): string => `room.${roomId}`;

/** The session behind a seat. */
interface Listener {
	readonly id: SessionId;
	send(message: Message): void;
}

/** One session's ear in a room; what it hears before `open` waits. */
export class RoomSeat {
	readonly session: Listener;
	#held: Message[] | undefined = [];

	constructor(session: Listener) {
		this.session = session;
	}

	hear(message: Message): void {
		if (this.#held === undefined) this.session.send(message);
		else this.#held.push(message);
	}

	open(): void {
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const message of held) this.session.send(message);
	}
}

interface Audience {
	readonly seats: Set<RoomSeat>;
	readonly subscribed: Promise<readonly ChannelSubscription[]>;
}

/** Carries what is said in generic rooms, and who comes and goes, between the sessions of all gateways. */
export class RoomRelay {
	readonly #bus: ChannelBus;
	readonly #audiences = new Map<DocId, Audience>();

	constructor(bus: ChannelBus) {
		this.#bus = bus;
	}

	/** Resolves when nothing can be missed any more; the caller owes `leave`. */
	async enter(roomId: DocId, session: Listener): Promise<RoomSeat> {
		const audience = this.#audiences.get(roomId) ?? this.#create(roomId);
		const seat = new RoomSeat(session);
		audience.seats.add(seat);
		try {
			await audience.subscribed;
		} catch (error) {
			this.leave(roomId, seat);
			throw error;
		}
		return seat;
	}

	leave(roomId: DocId, seat: RoomSeat): void {
		const audience = this.#audiences.get(roomId);
		if (audience === undefined || !audience.seats.delete(seat)) return;
		if (audience.seats.size > 0) return;
		this.#audiences.delete(roomId);
		audience.subscribed.then(
			(subscriptions) => {
				for (const subscription of subscriptions) subscription.unsubscribe();
			},
			() => {},
		);
	}

	/** @param dataJson JSON text of the data of `room:message` */
	say(roomId: DocId, dataJson: string, except: SessionId | undefined): void {
		const head: SaidMessage = except === undefined ? {} : { except };
		this.#bus.publish(roomChannel(roomId), { head, body: dataJson });
	}

	#create(roomId: DocId): Audience {
		const seats = new Set<RoomSeat>();
		const audience = { seats, subscribed: this.#subscribe(roomId, seats) };
		this.#audiences.set(roomId, audience);
		return audience;
	}

	#subscribe(
		roomId: DocId,
		seats: ReadonlySet<RoomSeat>,
	): Promise<readonly ChannelSubscription[]> {
		const said = ({ head, body = "{}" }: ChannelMessage) => {
			const message = new EventMessage("room:message", [body], roomId);
			tell(seats, message, (head as SaidMessage).except);
		};
		const moved = ({ head }: ChannelMessage) =>
			tellMoved(roomId, seats, head as PresenceMessage);
		return Promise.all([
			this.#bus.subscribe(roomChannel(roomId), said),
			this.#bus.subscribe(presenceChannel(roomId), moved),
		]);
	}
}

function tellMoved(
	roomId: DocId,
	seats: ReadonlySet<RoomSeat>,
	message: PresenceMessage,
): void {
	if (message.kind !== "joined" && message.kind !== "left") return;
	const { kind, session } = message;
	const data = JSON.stringify({ room: roomId, member: session });
	const event = new EventMessage(`room:member-${kind}`, [data], roomId);
	tell(seats, event, session.sessionId);
}

function tell(
	seats: ReadonlySet<RoomSeat>,
	message: Message,
	except: SessionId | undefined,
): void {
	for (const seat of seats) if (seat.session.id !== except) seat.hear(message);
}
