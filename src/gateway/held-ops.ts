import type { Delivery } from "./delivery.ts";

/** Beyond so many ops, or characters of them, the log is asked instead. */
const MOST_OPS = 1_024;
const MOST_CHARS = 4_194_304;

/** Ops that wait behind a gap, or for a joiner. */
export class HeldOps {
	readonly #ops = new Map<number, Delivery>();
	#chars = 0;

	get isEmpty(): boolean {
		return this.#ops.size === 0;
	}

	/** What does not fit any more is in the log. */
	keep(delivery: Delivery): void {
		const { rev } = delivery.head;
		if (this.#ops.size >= MOST_OPS || this.#chars >= MOST_CHARS) return;
		if (this.#ops.has(rev)) return;
		this.#ops.set(rev, delivery);
		this.#chars += delivery.size;
	}

	get(rev: number): Delivery | undefined {
		return this.#ops.get(rev);
	}

	delete(rev: number): void {
		this.#chars -= this.#ops.get(rev)?.size ?? 0;
		this.#ops.delete(rev);
	}

	/** Forgets everything up to `rev`. */
	prune(rev: number): void {
		for (const held of this.#ops.keys()) if (held <= rev) this.delete(held);
	}
}
