import type { Clock } from "../shared/clock.ts";
import type { BoundedPlace, Quota } from "../shared/ports/quota.ts";
import type { Rate } from "../shared/token-bucket.ts";
import type { RedisLink, RedisScript } from "./redis-link.ts";
import { CHARGE, HOLD, RENEW, TAKE } from "./redis-quota-scripts.ts";

/** A node that has not been heard for so long has given its places back. */
export const NODE_TTL_MS = 30_000;
const RENEW_MS = 10_000;
/** Names in one command. */
const HELD_AT_ONCE = 500;

export interface RedisQuotaOptions {
	/** First part of every key. */
	readonly namespace: string;
	/** This process, never used by another one. */
	readonly node: string;
	readonly clock: Clock;
}

/** Quotas in Redis. What this node holds is known here, and told again whenever Redis may not know it. */
export class RedisQuota implements Quota {
	readonly #options: RedisQuotaOptions;
	readonly #prefix: string;
	readonly #charge: RedisScript;
	readonly #take: RedisScript;
	readonly #hold: RedisScript;
	readonly #renew: RedisScript;
	/** Places by name, never 0. */
	readonly #held = new Map<string, number>();
	/** A call has failed, which may have been carried out or not. */
	#isStale = false;
	#cancel = (): void => {};

	constructor(link: RedisLink, options: RedisQuotaOptions) {
		this.#options = options;
		this.#prefix = `${options.namespace}:quota:`;
		this.#charge = link.script(CHARGE);
		this.#take = link.script(TAKE);
		this.#hold = link.script(HOLD);
		this.#renew = link.script(RENEW);
	}

	/** Begins to give signs of life. */
	open(): void {
		this.#cancel = this.#options.clock.after(RENEW_MS, () => {
			this.open();
			void this.renew();
		});
	}

	/** Gives everything back. */
	async close(): Promise<void> {
		this.#cancel();
		this.#held.clear();
		await this.#run(this.#hold, [1]);
	}

	async charge(name: string, { capacity, perSecond }: Rate): Promise<number> {
		const tokenUs = Math.ceil(1_000_000 / perSecond);
		const key = `${this.#prefix}bucket:${name}`;
		try {
			const waitUs = await this.#charge([key], [tokenUs, tokenUs * capacity]);
			return Math.ceil((waitUs as number) / 1_000);
		} catch {
			return 0;
		}
	}

	async take(places: readonly BoundedPlace[]): Promise<string | undefined> {
		const names = places.map(({ name }) => name);
		for (const name of names) this.#add(name, 1);
		const args = places.flatMap(({ name, limit }) => [
			name,
			this.#held.get(name) ?? 0,
			limit,
		]);
		const full = (await this.#run(this.#take, args)) ?? "";
		if (full === "") return undefined;
		this.give(names);
		return full as string;
	}

	give(names: readonly string[]): void {
		for (const name of names) this.#add(name, -1);
		void this.#run(this.#hold, [0, ...this.#placesOf(names)]);
	}

	/** A sign of life. Tells all that is held when Redis has lost it, or may have. */
	async renew(): Promise<void> {
		const isStale = this.#isStale;
		this.#isStale = false;
		const isRight = await this.#run(this.#renew, [this.#held.size]);
		if (isRight === undefined || (isRight === 1 && !isStale)) return;
		const names = [...this.#held.keys()];
		for (let i = 0; i === 0 || i < names.length; i += HELD_AT_ONCE) {
			const part = this.#placesOf(names.slice(i, i + HELD_AT_ONCE));
			// All at once, so that nothing which is taken or given meanwhile comes between.
			void this.#run(this.#hold, [i === 0 ? 1 : 0, ...part]);
		}
	}

	#placesOf(names: readonly string[]): readonly (string | number)[] {
		return names.flatMap((name) => [name, this.#held.get(name) ?? 0]);
	}

	#add(name: string, count: number): void {
		const places = (this.#held.get(name) ?? 0) + count;
		if (places > 0) this.#held.set(name, places);
		else this.#held.delete(name);
	}

	/** Undefined: it has failed. */
	async #run(
		script: RedisScript,
		args: readonly (string | number)[],
	): Promise<unknown> {
		const own = [`${this.#prefix}node:`, NODE_TTL_MS, this.#options.node];
		try {
			return await script([`${this.#prefix}nodes`], [...own, ...args]);
		} catch {
			this.#isStale = true;
			return undefined;
		}
	}
}
