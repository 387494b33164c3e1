import { CollabError } from "../protocol/errors.ts";
import type { SessionId } from "../shared/ids.ts";
import { NO_TOKEN, TokenBucket } from "../shared/token-bucket.ts";

const EDITS = new TokenBucket({ capacity: 2_000, perSecond: 500 });
/** With fewer tokens left than this, nobody takes more than his share of a second. */
const SCARCE = 1_000;
const SECOND_MS = 1_000;

/** Edits of one document at one gateway, whoever sends them; when they are scarce, who has taken most waits first. */
export class DocumentRate {
	#fullAtMs = 0;
	#secondAtMs = 0;
	/** What each session has taken in this second; made when the first edit comes. */
	#taken: Map<SessionId, number> | undefined;
	#writersBefore = 0;

	/** Throws `UNAVAILABLE` when all of its writers together send too many, and this one no fewer than the others. */
	charge(writer: SessionId, nowMs: number): void {
		const second = this.#second(nowMs);
		const taken = second.get(writer) ?? 0;
		const writers = Math.max(second.size, this.#writersBefore, 1);
		const next = EDITS.charge(this.#fullAtMs, nowMs);
		if (next === NO_TOKEN || taken > this.#share(writers, nowMs))
			throw new CollabError(
				"UNAVAILABLE",
				"Too many edits of this document",
				{ limit: "document" },
				{ retryAfterMs: SECOND_MS },
			);
		this.#fullAtMs = next;
		second.set(writer, taken + 1);
	}

	/** The scarcer the tokens, the smaller: they never run out for one who has just come. */
	#share(writers: number, nowMs: number): number {
		const left = EDITS.remaining(this.#fullAtMs, nowMs);
		if (left >= SCARCE) return Infinity;
		return (EDITS.rate.perSecond / writers) * (left / SCARCE);
	}

	#second(nowMs: number): Map<SessionId, number> {
		const passedMs = nowMs - this.#secondAtMs;
		const isOver = passedMs >= SECOND_MS || passedMs < 0;
		if (this.#taken !== undefined && !isOver) return this.#taken;
		this.#writersBefore =
			passedMs < 2 * SECOND_MS ? (this.#taken?.size ?? 0) : 0;
		this.#secondAtMs = nowMs;
		this.#taken = new Map();
		return this.#taken;
	}
}
