import { RATES } from "../protocol/rates.ts";

/** One bucket of one session. Times are milliseconds since 1970. */
export class Bucket {
	/** When it is full again; see `TokenBucket`. */
	fullAtMs = 0;
	/** Its warning stands until then. */
	warnedUntilMs = 0;
	/** Closed until then, however full. */
	pausedUntilMs = 0;
}

/** Documents of one session with a bucket that is not full. */
const MOST_DOCUMENTS = 128;

/** What one session has used of its rates; a bucket is made when it is first needed. */
export class Usage {
	readonly #buckets: (Bucket | undefined)[] = [];
	#documents: Map<string, Bucket> | undefined;
	/** It has been over its rates since then, without a pause. */
	overSinceMs = Number.NEGATIVE_INFINITY;
	refusedAtMs = Number.NEGATIVE_INFINITY;

	/** @param index of the rate class */
	bucket(index: number): Bucket {
		const known = this.#buckets[index];
		if (known !== undefined) return known;
		while (this.#buckets.length < CLASS_COUNT) this.#buckets.push(undefined);
		const made = new Bucket();
		this.#buckets[index] = made;
		return made;
	}

	/** Undefined: too many documents at once; one more would have to forget another's. */
	documentBucket(key: string, nowMs: number): Bucket | undefined {
		this.#documents ??= new Map();
		const known = this.#documents.get(key);
		if (known !== undefined) return known;
		if (this.#documents.size >= MOST_DOCUMENTS) this.#forgetFull(nowMs);
		if (this.#documents.size >= MOST_DOCUMENTS) return undefined;
		const made = new Bucket();
		this.#documents.set(key, made);
		return made;
	}

	#forgetFull(nowMs: number): void {
		for (const [key, { fullAtMs }] of this.#documents ?? [])
			if (fullAtMs <= nowMs) this.#documents?.delete(key);
	}
}

const CLASS_COUNT = Object.keys(RATES).length;
