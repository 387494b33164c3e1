import { CollabError } from "../protocol/errors.ts";

/** How many edits a membership may have without an answer; over it, none until all of them are answered. */
export class InflightGate {
	readonly #max: number;
	#isShut = false;

	constructor(max: number) {
		this.#max = max;
	}

	/** @param size edits without an answer. Throws `RATE_LIMITED`. */
	check(size: number): void {
		if (size === 0) this.#isShut = false;
		this.#isShut ||= size >= this.#max;
		if (!this.#isShut) return;
		throw new CollabError(
			"RATE_LIMITED",
			"Too many edits without an answer",
			{ limit: "inflight", max: this.#max },
			{ retryAfterMs: 1_000 },
		);
	}
}
