import type { CommitGroup, CommitOutcome, OpLog } from "./op-log.ts";

/** A document with sequenced ops that wait for the disk. */
export interface CommitSource {
	/** Its next consecutive rows, about `limit`; undefined when nothing is waiting. */
	takeGroup(limit: number): CommitGroup | undefined;
	/** What became of the group taken last; `unknown`: the log must be read back. */
	settleGroup(outcome: CommitOutcome | "unknown", cause?: unknown): void;
}

/**
 * Group commit: all documents of a node share one writer. What gathers while one transaction runs goes into the
 * next; no timer, at most one transaction in flight.
 */
export class CommitQueue {
	readonly #log: Pick<OpLog, "commit">;
	readonly #rowsPerFlush: number;
	readonly #waiting = new Set<CommitSource>();
	#flushing: Promise<void> | undefined;

	constructor(log: Pick<OpLog, "commit">, rowsPerFlush = 500) {
		this.#log = log;
		this.#rowsPerFlush = rowsPerFlush;
	}

	schedule(source: CommitSource): void {
		this.#waiting.add(source);
		this.#flushing ??= this.#run();
	}

	/** Resolves when nothing is waiting and nothing is in flight. */
	async idle(): Promise<void> {
		while (this.#flushing) await this.#flushing;
	}

	async #run(): Promise<void> {
		// One turn later: everything that this turn of the event loop sequences shares the first flush.
		await new Promise(setImmediate);
		while (this.#waiting.size > 0) await this.#flush();
		this.#flushing = undefined;
	}

	async #flush(): Promise<void> {
		const sources: CommitSource[] = [];
		const groups: CommitGroup[] = [];
		let room = this.#rowsPerFlush;
		for (const source of this.#waiting) {
			if (room <= 0) break;
			this.#waiting.delete(source);
			const group = source.takeGroup(room);
			if (group === undefined) continue;
			room -= group.rows.length;
			sources.push(source);
			groups.push(group);
		}
		if (groups.length === 0) return;
		let outcomes: readonly CommitOutcome[] = [];
		let cause: unknown;
		try {
			outcomes = await this.#log.commit(groups);
		} catch (error) {
			cause = error;
		}
		for (const [i, source] of sources.entries())
			source.settleGroup(outcomes[i] ?? "unknown", cause);
	}
}
