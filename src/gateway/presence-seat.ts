import { OwnPresence, type Place } from "../presence/own-presence.ts";
import type {
	PresenceStatus,
	PresentSession,
	StatusChange,
} from "../presence/presence-book.ts";
import type { PresenceUpdate } from "../presence/presence-message.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import type { PresenceNews } from "./backlog.ts";
import type { Message } from "./message.ts";
import type { PresenceWheel, Teller } from "./presence-wheel.ts";

/** The session behind a seat. */
export interface Listener {
	readonly id: SessionId;
	sendPresence(news: PresenceNews, about: string, message: Message): void;
}

/** What is heard of somebody else's session. */
export interface Heard {
	readonly news: PresenceNews;
	readonly about: SessionId;
	readonly message: Message;
}

export interface SeatHost {
	readonly clock: Pick<Clock, "nowMs">;
	readonly wheel: Pick<PresenceWheel, "touch">;
}

/** One session in the presence of a document: hears the others, and tells of itself. What it hears before `open` waits. */
export class PresenceSeat implements Teller {
	readonly docId: DocId;
	readonly session: Listener;
	toldAtMs = Number.NEGATIVE_INFINITY;
	/** Its session has been told who was there when it came in. */
	hasMet = true;
	/** What the book was told last. */
	reported: PresenceStatus | undefined;
	readonly #host: SeatHost;
	readonly #own: OwnPresence;
	#present: PresentSession | undefined;
	#held: Heard[] | undefined = [];

	constructor(docId: DocId, session: Listener, host: SeatHost) {
		this.docId = docId;
		this.session = session;
		this.#host = host;
		this.#own = new OwnPresence(host.clock.nowMs());
	}

	get hasTold(): boolean {
		return this.toldAtMs > Number.NEGATIVE_INFINITY;
	}

	/** As it came in; undefined before `open`. */
	get present(): PresentSession | undefined {
		return this.#present;
	}

	hear(heard: Heard): void {
		if (this.#held === undefined) this.#tell(heard);
		else this.#held.push(heard);
	}

	/** The session has its answer: from here on it takes part. */
	open(present: PresentSession): void {
		this.#present = present;
		const held = this.#held ?? [];
		this.#held = undefined;
		for (const heard of held) this.#tell(heard);
	}

	#tell({ news, about, message }: Heard): void {
		this.session.sendPresence(news, about + this.docId, message);
	}

	move(place: Place): void {
		this.#changed(this.#own.move(place, this.#host.clock.nowMs()));
	}

	say(status: PresenceStatus): void {
		this.#changed(this.#own.say(status, this.#host.clock.nowMs()));
	}

	/** The person has done something else, such as an edit. */
	act(): void {
		this.#changed(this.#own.act(this.#host.clock.nowMs()));
	}

	/** Finds out whether the person has fallen silent. */
	watch(nowMs: number): void {
		this.#changed(this.#own.watch(nowMs));
	}

	/** What the book does not know yet. */
	change(): StatusChange | undefined {
		const { status, lastActivity } = this.#own;
		if (this.#present === undefined || status === this.reported)
			return undefined;
		return {
			docId: this.docId,
			sessionId: this.session.id,
			...(status === undefined ? {} : { status }),
			lastActivity,
		};
	}

	update(): PresenceUpdate {
		const { userId, sessionId } = this.#present as PresentSession;
		return { userId, sessionId, ...this.#own.state() };
	}

	#changed(isChanged: boolean): void {
		if (isChanged && this.#present !== undefined) this.#host.wheel.touch(this);
	}
}
