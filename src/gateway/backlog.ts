import type { Message } from "./message.ts";

/** A connection that may be behind with reading. */
export interface Reader {
	/** Enough waits for the peer: what can wait is not sent now. */
	readonly isCongested: boolean;
	/** Runs `task` once, when what is queued now has left. */
	onceDrained(task: () => void): void;
	send(message: Message): void;
}

/** `stay`: somebody comes or goes; `place`: where he is meanwhile. */
export type PresenceNews = "stay" | "place";

/** News of so many sessions wait at most; beyond it the oldest is left out. */
const MOST = 1_000;

/** What a congested reader hears of presence later: of each session the latest alone. */
export class Backlog {
	readonly #reader: Reader;
	readonly #latest = new Map<string, Message>();
	#isWaiting = false;

	constructor(reader: Reader) {
		this.#reader = reader;
	}

	/** Later news of the same things has to wait here too. */
	get isEmpty(): boolean {
		return this.#latest.size === 0;
	}

	put(news: PresenceNews, about: string, message: Message): void {
		if (news === "stay") this.#latest.delete(`place ${about}`);
		const key = `${news} ${about}`;
		this.#latest.delete(key);
		this.#latest.set(key, message);
		const [oldest] = this.#latest.keys();
		if (this.#latest.size > MOST && oldest !== undefined)
			this.#latest.delete(oldest);
		if (!this.#isWaiting) this.#wait();
	}

	#wait(): void {
		this.#isWaiting = true;
		this.#reader.onceDrained(() => this.#flush());
	}

	#flush(): void {
		this.#isWaiting = false;
		if (this.#reader.isCongested) {
			this.#wait();
			return;
		}
		for (const message of this.#latest.values()) this.#reader.send(message);
		this.#latest.clear();
	}
}
