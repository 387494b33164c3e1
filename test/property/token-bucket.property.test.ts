import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
	NO_TOKEN,
	type Rate,
	TokenBucket,
} from "../../src/shared/token-bucket.ts";

const NOW_MS = 1_790_000_000_123;
const rates = fc.record({
	capacity: fc.integer({ min: 1, max: 40 }),
	perSecond: fc.oneof(
		fc.integer({ min: 1, max: 1_000 }),
		fc.constantFrom(1 / 6, 5 / 60, 1 / 3, 0.7, 333),
	),
});
/** Pauses between requests, in milliseconds: floods, trickles and rests. */
const pauses = fc.array(
	fc.oneof(
		fc.constant(0),
		fc.integer({ min: 0, max: 20 }),
		fc.integer({ min: 0, max: 20_000 }),
	),
	{ maxLength: 400, size: "max" },
);

/** Times at which requests were let through. */
function play(rate: Rate, gaps: readonly number[]): readonly number[] {
	const bucket = new TokenBucket(rate);
	const taken: number[] = [];
	let state = 0;
	let nowMs = NOW_MS;
	for (const gap of gaps) {
		nowMs += gap;
		const next = bucket.charge(state, nowMs);
		if (next === NO_TOKEN) continue;
		state = next;
		taken.push(nowMs);
	}
	return taken;
}

describe("a token bucket", () => {
	it("[RATE-1] takes in no stretch of time more than its capacity and what flows in meanwhile", () => {
		fc.assert(
			fc.property(rates, pauses, (rate, gaps) => {
				const taken = play(rate, gaps);
				for (const [i, from] of taken.entries())
					for (const [j, to] of taken.entries()) {
						if (j < i) continue;
						const most = rate.capacity + (rate.perSecond * (to - from)) / 1_000;
						if (j - i + 1 > most) throw new Error(`${j - i + 1} > ${most}`);
					}
			}),
			{ numRuns: 300 },
		);
	});

	it("[RATE-1] refuses nobody who keeps to its rate, and tells exactly how long to wait", () => {
		fc.assert(
			fc.property(rates, pauses, (rate, gaps) => {
				const bucket = new TokenBucket(rate);
				let state = 0;
				let nowMs = NOW_MS;
				for (const gap of gaps) {
					nowMs += gap;
					const before = bucket.remaining(state, nowMs);
					const wait = bucket.waitMs(state, nowMs);
					const next = bucket.charge(state, nowMs);
					expect(next === NO_TOKEN).toBe(wait > 0);
					expect(before >= 1).toBe(wait === 0);
					if (next === NO_TOKEN) {
						expect(bucket.charge(state, nowMs + wait - 1)).toBe(NO_TOKEN);
						expect(bucket.charge(state, nowMs + wait)).not.toBe(NO_TOKEN);
					} else {
						expect(bucket.remaining(next, nowMs)).toBe(before - 1);
						state = next;
					}
				}
			}),
			{ numRuns: 100 },
		);
	});

	it("[RATE-1] is empty at worst after a clock that jumped back", () => {
		const bucket = new TokenBucket({ capacity: 2, perSecond: 1 });
		let state = bucket.charge(0, NOW_MS);
		const anHourAgo = NOW_MS - 3_600_000;
		expect(bucket.charge(state, anHourAgo)).toBe(NO_TOKEN);
		expect(bucket.waitMs(state, anHourAgo)).toBe(1_000);
		state = bucket.charge(0, NOW_MS);
		expect(bucket.remaining(state, NOW_MS + 1_000)).toBe(2);
	});
});
