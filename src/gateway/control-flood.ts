/** Pings, pongs and the like that a peer may send in a window. */
const CONTROLS = 500;
const WINDOW_MS = 10_000;

/** Counts what a peer sends beside its requests: no bucket is charged for it. */
export class ControlFlood {
	#count = 0;
	#sinceMs = 0;

	/** Counts one; true when there are too many. */
	add(nowMs: number): boolean {
		if (nowMs - this.#sinceMs >= WINDOW_MS) {
			this.#sinceMs = nowMs;
			this.#count = 0;
		}
		this.#count += 1;
		return this.#count > CONTROLS;
	}
}
