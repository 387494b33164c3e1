import { CollabError, ERRORS } from "../protocol/errors.ts";

/** The way in of a session's requests. */
export interface Reading {
	/** Nothing more is read until `resumeReading` has been called as often. */
	pauseReading(): void;
	resumeReading(): void;
}

/**
 * Which edits of a session in a document are let through: at `max` without an answer nothing more is read; what had been
 * read already is refused until all are answered, and so is what presupposes a refused edit.
 */
export class EditGate {
	readonly #max: number;
	readonly #reading: Reading;
	#isShut = false;
	#isPausing = false;
	/** An edit was refused while later ones were under way: they presuppose it, and so may all that follow. */
	#mustResync = false;
	/** An edit was sent before the one before was answered. */
	#isPipelining = false;

	constructor(max: number, reading: Reading) {
		this.#max = max;
		this.#reading = reading;
	}

	/** @param open edits without an answer. Throws `RESYNC_REQUIRED` or `RATE_LIMITED`. */
	check(open: number): void {
		if (this.#mustResync)
			throw new CollabError(
				"RESYNC_REQUIRED",
				"An earlier edit was refused: join again",
				{ reason: "refused" },
			);
		if (open === 0) this.#isShut = false;
		this.#isShut ||= open >= this.#max;
		if (!this.#isShut) return;
		throw new CollabError(
			"RATE_LIMITED",
			"Too many edits without an answer",
			{ limit: "inflight", max: this.#max },
			{ retryAfterMs: 1_000 },
		);
	}

	/** One has been let through, and is among the `open`. */
	passed(open: number): void {
		this.#isPipelining ||= open > 1;
		if (open < this.#max || this.#isPausing) return;
		this.#isPausing = true;
		this.#reading.pauseReading();
	}

	/** One has got its answer; half of them open again are worth the next read. */
	answered(open: number): void {
		if (!this.#isPausing || open > this.#max / 2) return;
		this.#isPausing = false;
		this.#reading.resumeReading();
	}

	/** One was turned away before it came here, or here. */
	turnedAway(open: number): void {
		this.#mustResync ||= open > 0;
	}

	/** The owner has refused one. Who waits for answers, and was wrong, has sent nothing that presupposes it. */
	refused({ code }: CollabError): void {
		const isWrong = ERRORS[code].recovery === "none";
		if (!isWrong || this.#isPipelining) this.#mustResync = true;
	}
}
