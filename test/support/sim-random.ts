/** Every choice of a simulation comes from here: one seed is one run. */
export class SimRandom {
	#state: number;

	constructor(seed: number) {
		this.#state = (seed * 2_654_435_761) >>> 0;
		// Neighbouring seeds begin alike: let them drift apart.
		for (let i = 0; i < 8; i++) this.next();
	}

	/** Uniform in [0, 1); mulberry32. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let x = this.#state;
		x = Math.imul(x ^ (x >>> 15), x | 1);
		x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
		return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
	}

	below(count: number): number {
		return Math.floor(this.next() * count);
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	pick<T>(items: readonly T[]): T {
		return items[this.below(items.length)] as T;
	}

	/** Takes one out: the oldest, or any when the order is lost. */
	take<T>(items: T[], reorder: number): T {
		const index = this.chance(reorder) ? this.below(items.length) : 0;
		return items.splice(index, 1)[0] as T;
	}

	/** One of the options, by weight. */
	weighted<T>(options: readonly (readonly [weight: number, option: T])[]): T {
		let rest = this.next() * options.reduce((sum, [weight]) => sum + weight, 0);
		for (const [weight, option] of options) {
			rest -= weight;
			if (rest < 0) return option;
		}
		return (options.at(-1) as readonly [number, T])[1];
	}
}
