import type { Clock } from "../shared/clock.ts";

/** Something that looks at the time now and then. */
export interface Timed {
	tick(nowMs: number): void;
}

export const TICK_MS = 500;

/** One timer for all connections; it stands still while there is none. */
export class Wheel {
	readonly #clock: Clock;
	readonly #items = new Set<Timed>();
	#cancel: (() => void) | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	add(item: Timed): void {
		this.#items.add(item);
		if (this.#cancel === undefined) this.#arm();
	}

	delete(item: Timed): void {
		this.#items.delete(item);
		if (this.#items.size > 0) return;
		this.#cancel?.();
		this.#cancel = undefined;
	}

	#arm(): void {
		this.#cancel = this.#clock.after(TICK_MS, () => {
			this.#arm();
			const now = this.#clock.nowMs();
			for (const item of this.#items) item.tick(now);
		});
	}
}
