import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { Progress } from "./progress.ts";

export interface DueDatesDeps {
	readonly progress: Pick<Progress, "sweep">;
	readonly clock: Clock;
	readonly logger: Pick<Logger, "warn">;
}

/** What other replicas have taken in is looked for this often. */
export const LOOK_MS = 30_000;
const RETRY_MS = 5_000;

/** Ends approvals when they are due, also those that became due while nobody was there; and what else has been missed. */
export class DueDates {
	readonly #deps: DueDatesDeps;
	#cancel = () => {};
	#wakesAtMs = Number.POSITIVE_INFINITY;
	#isClosed = false;
	/** Told to the log already. */
	#isFailing = false;

	constructor(deps: DueDatesDeps) {
		this.#deps = deps;
	}

	/** Ends what is due now; resolves when it has. */
	async run(): Promise<void> {
		this.#wakeAt(Number.POSITIVE_INFINITY);
		const next = await this.#sweep();
		if (this.#isClosed) return;
		const atMs = Math.min(next, this.#deps.clock.nowMs() + LOOK_MS);
		if (atMs < this.#wakesAtMs) this.#wakeAt(atMs);
	}

	/** Something will be due then. */
	expect(dueAtMs: number): void {
		if (dueAtMs < this.#wakesAtMs) this.#wakeAt(dueAtMs);
	}

	close(): void {
		this.#isClosed = true;
		this.#cancel();
	}

	#wakeAt(atMs: number): void {
		this.#cancel();
		this.#wakesAtMs = atMs;
		if (this.#isClosed || atMs === Number.POSITIVE_INFINITY) return;
		const { clock } = this.#deps;
		this.#cancel = clock.after(Math.max(0, atMs - clock.nowMs()), () => {
			void this.run();
		});
	}

	async #sweep(): Promise<number> {
		const { progress, clock, logger } = this.#deps;
		try {
			const next = await progress.sweep();
			this.#isFailing = false;
			return next ?? Number.POSITIVE_INFINITY;
		} catch (err) {
			if (!this.#isFailing) logger.warn({ err }, "approvals not swept");
			this.#isFailing = true;
			return clock.nowMs() + RETRY_MS;
		}
	}
}
