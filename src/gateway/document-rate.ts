import { CollabError } from "../protocol/errors.ts";
import { NO_TOKEN, TokenBucket } from "../shared/token-bucket.ts";

const EDITS = new TokenBucket({ capacity: 2_000, perSecond: 500 });
const RETRY_AFTER_MS = 1_000;

/** Edits of one document at one gateway, whoever sends them. */
export class DocumentRate {
	#fullAtMs = 0;

	/** Throws `UNAVAILABLE` when all of its writers together send too many. */
	charge(nowMs: number): void {
		const next = EDITS.charge(this.#fullAtMs, nowMs);
		if (next === NO_TOKEN)
			throw new CollabError(
				"UNAVAILABLE",
				"Too many edits of this document",
				{ limit: "document" },
				{ retryAfterMs: RETRY_AFTER_MS },
			);
		this.#fullAtMs = next;
	}
}
