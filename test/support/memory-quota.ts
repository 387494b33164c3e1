import type { Clock } from "../../src/shared/clock.ts";
import type { BoundedPlace, Quota } from "../../src/shared/ports/quota.ts";
import {
	NO_TOKEN,
	type Rate,
	TokenBucket,
} from "../../src/shared/token-bucket.ts";

/** Quotas of several gateways in one process. */
export class MemoryQuota implements Quota {
	readonly #clock: Pick<Clock, "nowMs">;
	readonly #fullAtMs = new Map<string, number>();
	readonly taken = new Map<string, number>();
	/** Knows nothing, as when what it is kept in is away. */
	isAway = false;

	constructor(clock: Pick<Clock, "nowMs">) {
		this.#clock = clock;
	}

	async charge(name: string, rate: Rate): Promise<number> {
		if (this.isAway) return 0;
		const [bucket, nowMs] = [new TokenBucket(rate), this.#clock.nowMs()];
		const fullAtMs = this.#fullAtMs.get(name) ?? 0;
		const next = bucket.charge(fullAtMs, nowMs);
		if (next === NO_TOKEN) return Math.max(1, bucket.waitMs(fullAtMs, nowMs));
		this.#fullAtMs.set(name, next);
		return 0;
	}

	async take(places: readonly BoundedPlace[]): Promise<string | undefined> {
		if (!this.isAway)
			for (const { name, limit } of places)
				if ((this.taken.get(name) ?? 0) >= limit) return name;
		for (const { name } of places)
			this.taken.set(name, (this.taken.get(name) ?? 0) + 1);
		return undefined;
	}

	give(names: readonly string[]): void {
		for (const name of names)
			this.taken.set(name, (this.taken.get(name) ?? 0) - 1);
	}
}
