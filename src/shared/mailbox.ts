import { CollabError } from "../protocol/errors.ts";

/** One task at a time, in order, bounded. An idle mailbox runs a task at once, in the caller's turn. */
export class Mailbox {
	readonly #limit: number;
	#busy = false;
	readonly #waiting: (() => void)[] = [];

	/** @param limit tasks that may wait; the next one is refused with `UNAVAILABLE` */
	constructor(limit: number) {
		this.#limit = limit;
	}

	get idle(): boolean {
		return !this.#busy;
	}

	async run<T>(task: () => T | Promise<T>): Promise<T> {
		if (this.#busy) {
			if (this.#waiting.length >= this.#limit)
				throw new CollabError("UNAVAILABLE", "Too many requests are waiting");
			await new Promise<void>((enter) => {
				this.#waiting.push(enter);
			});
		}
		this.#busy = true;
		try {
			return await task();
		} finally {
			const next = this.#waiting.shift();
			if (next === undefined) this.#busy = false;
			else next();
		}
	}
}
