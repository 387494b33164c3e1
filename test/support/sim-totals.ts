import type { SimReport } from "./sim-run.ts";

/** What many runs did together: one in which everybody only joins again proves nothing. */
export class SimTotals {
	runs = 0;
	revisions = 0;
	/** Edits that clients named, each counted once, however often it was sent. */
	named = 0;
	/** Of those, the ones acknowledged; the rest were refused or went down with their connection, and were made anew. */
	acknowledged = 0;
	readonly failures: string[] = [];
	readonly events = new Map<string, number>();
	readonly refusals = new Map<string, number>();

	add({ seed, violations, world, revision }: SimReport): void {
		this.runs++;
		this.revisions += revision;
		this.named += world.tapes.sent.size;
		this.acknowledged += world.tapes.acked.size;
		for (const [what, count] of world.counts) this.#count(what, count);
		this.#count("frames", world.tapes.frames);
		this.#count("joins", world.tapes.joins);
		for (const [why, count] of world.tapes.refusals)
			this.refusals.set(why, (this.refusals.get(why) ?? 0) + count);
		if (violations.length > 0)
			this.failures.push(`seed ${seed}: ${violations.slice(0, 3).join("; ")}`);
	}

	get acknowledgedShare(): number {
		return this.acknowledged / this.named;
	}

	/** How often that happened. */
	times(what: string): number {
		return this.events.get(what) ?? 0;
	}

	#count(what: string, count: number): void {
		this.events.set(what, (this.events.get(what) ?? 0) + count);
	}
}
