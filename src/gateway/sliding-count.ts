/** Tells when something has happened `limit` times within `windowMs`. */
export class SlidingCount {
	readonly #limit: number;
	readonly #windowMs: number;
	/** Made when first needed: most sessions never do. */
	#times: number[] | undefined;

	constructor(limit: number, windowMs: number) {
		this.#limit = limit;
		this.#windowMs = windowMs;
	}

	/** Counts one; true when the limit is reached. */
	add(nowMs: number): boolean {
		this.#times ??= [];
		this.#times.push(nowMs);
		if (this.#times.length < this.#limit) return false;
		const [first = nowMs] = this.#times;
		this.#times.shift();
		return nowMs - first < this.#windowMs;
	}
}
