/** How much may happen: `capacity` at once, `perSecond` in the long run. */
export interface Rate {
	readonly capacity: number;
	readonly perSecond: number;
}

/** What `charge` answers when there is no token left. */
export const NO_TOKEN = -1;

/** Steps of this many milliseconds are added to a time of today without rounding. */
const GRAIN_MS = 1 / 1_024;

/**
 * The arithmetic of a token bucket. The whole state of one is a number that the caller keeps: the time at which it is
 * full again (milliseconds since 1970; 0 to begin with). In any stretch of time no more is taken than `capacity` and
 * what flows in meanwhile.
 */
export class TokenBucket {
	readonly rate: Rate;
	readonly #tokenMs: number;
	readonly #fillMs: number;

	constructor(rate: Rate) {
		this.rate = rate;
		this.#tokenMs = Math.ceil(1_000 / rate.perSecond / GRAIN_MS) * GRAIN_MS;
		this.#fillMs = this.#tokenMs * rate.capacity;
	}

	/** Takes a token: the new state, or `NO_TOKEN`, and then the state stays as it was. */
	charge(fullAtMs: number, nowMs: number): number {
		const next = this.#sane(fullAtMs, nowMs) + this.#tokenMs;
		return next - nowMs > this.#fillMs ? NO_TOKEN : next;
	}

	/** Whole tokens that are left. */
	remaining(fullAtMs: number, nowMs: number): number {
		const missingMs = this.#sane(fullAtMs, nowMs) - nowMs;
		return Math.floor((this.#fillMs - missingMs) / this.#tokenMs);
	}

	/** Milliseconds until there is a token. */
	waitMs(fullAtMs: number, nowMs: number): number {
		const next = this.#sane(fullAtMs, nowMs) + this.#tokenMs;
		return Math.max(0, Math.ceil(next - nowMs - this.#fillMs));
	}

	/** Never before now, and after a jump of the clock never further than an empty bucket needs. */
	#sane(fullAtMs: number, nowMs: number): number {
		if (fullAtMs <= nowMs) return nowMs;
		return Math.min(fullAtMs, nowMs + this.#fillMs);
	}
}
