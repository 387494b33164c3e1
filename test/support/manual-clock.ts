import type { Clock } from "../../src/shared/clock.ts";

interface Timer {
	readonly dueMs: number;
	readonly task: () => void;
}

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
	readonly #timers = new Set<Timer>();
	#nowMs: number;

	constructor(startMs = 1_700_000_000_000) {
		this.#nowMs = startMs;
	}

	/** Timers that have not run. */
	get waiting(): number {
		return this.#timers.size;
	}

	nowMs(): number {
		return this.#nowMs;
	}

	after(delayMs: number, task: () => void): () => void {
		const timer = { dueMs: this.#nowMs + delayMs, task };
		this.#timers.add(timer);
		return () => this.#timers.delete(timer);
	}

	/** Runs what becomes due on the way, in order, also what those tasks start. */
	advance(ms: number): void {
		const endMs = this.#nowMs + ms;
		for (
			let timer = this.#next(endMs);
			timer !== undefined;
			timer = this.#next(endMs)
		) {
			this.#timers.delete(timer);
			this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
			timer.task();
		}
		this.#nowMs = endMs;
	}

	#next(endMs: number): Timer | undefined {
		let next: Timer | undefined;
		for (const timer of this.#timers)
			if (timer.dueMs <= endMs && (!next || timer.dueMs < next.dueMs))
				next = timer;
		return next;
	}
}
