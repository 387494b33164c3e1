import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
	CALM,
	ROUGH,
	type SimFaults,
	SPLIT,
	TORN,
	WILD,
} from "../support/sim-faults.ts";
import { simulate } from "../support/sim-run.ts";
import { SimTotals } from "../support/sim-totals.ts";

const isFull = process.env.TEST_FULL === "1";
const RUNS = isFull ? 1_500 : 150;
const STEPS = isFull ? 500 : 300;
const TIMEOUT_MS = isFull ? 1_200_000 : 120_000;

const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => {
	rejections.push(reason);
};
beforeAll(() => {
	process.on("unhandledRejection", onRejection);
});
afterAll(() => {
	process.off("unhandledRejection", onRejection);
});

/** A failure names its seed: with the same faults and `STEPS` it is replayed. */
async function runAll(first: number, faults: SimFaults): Promise<SimTotals> {
	const totals = new SimTotals();
	for (let seed = first; seed < first + RUNS; seed++)
		totals.add(await simulate({ seed, steps: STEPS, faults }));
	return totals;
}

describe("owners, gateways and clients in a simulated network", () => {
	it(
		"[SIM-1] agree on everything when messages are only late",
		async () => {
			const totals = await runAll(100_000, CALM);
			expect(totals.failures).toEqual([]);
			expect(totals.acknowledgedShare).toBeGreaterThan(0.8);
		},
		TIMEOUT_MS,
	);

	it(
		"[SIM-2] agree on everything when connections and processes come and go",
		async () => {
			const totals = await runAll(200_000, ROUGH);
			expect(totals.failures).toEqual([]);
			expect(totals.acknowledgedShare).toBeGreaterThan(0.6);
			expect(totals.times("cuts")).toBeGreaterThan(RUNS);
		},
		TIMEOUT_MS,
	);

	it(
		"[SIM-3] agree on everything when two owners write at a time",
		async () => {
			const totals = await runAll(300_000, SPLIT);
			expect(totals.failures).toEqual([]);
			// Who has several in flight is told to join again by an owner that does not know them, and makes them anew.
			expect(totals.acknowledgedShare).toBeGreaterThan(0.4);
			expect(totals.times("second owners")).toBeGreaterThan(RUNS);
		},
		TIMEOUT_MS,
	);

	it(
		"[SIM-3] agree on everything when clients come back while what they sent is under way at two owners",
		async () => {
			const totals = await runAll(500_000, TORN);
			expect(totals.failures).toEqual([]);
			expect(totals.acknowledgedShare).toBeGreaterThan(0.4);
			expect(totals.times("cuts")).toBeGreaterThan(2 * RUNS);
		},
		TIMEOUT_MS,
	);

	it(
		"[SIM-3] agree on everything when messages are lost, repeated and reordered, commits and reads fail and owners crash",
		async () => {
			const totals = await runAll(400_000, WILD);
			expect(totals.failures).toEqual([]);
			expect(totals.revisions).toBeGreaterThan(10 * RUNS);
			expect(totals.times("owner crashes")).toBeGreaterThan(RUNS);
			expect(totals.times("gateway crashes")).toBeGreaterThan(RUNS / 2);
		},
		TIMEOUT_MS,
	);

	it("[SIM-4] leave no rejected promise without a handler", () => {
		expect(rejections).toEqual([]);
	});

	it("[SIM-5] do the same again when the seed is the same", async () => {
		const lines = async (): Promise<readonly string[]> => {
			const told: string[] = [];
			const trace = (line: string) => told.push(line);
			await simulate({ seed: 7, steps: 200, faults: WILD, trace });
			return told;
		};
		const first = await lines();
		expect(first.length).toBeGreaterThan(200);
		expect(await lines()).toEqual(first);
	});
});
