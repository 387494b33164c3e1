import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { CALM, ROUGH, type SimFaults, WILD } from "../support/sim-faults.ts";
import { simulate } from "../support/sim-run.ts";
import { SimTotals } from "../support/sim-totals.ts";

const isFull = process.env.TEST_FULL === "1";
const RUNS = isFull ? 2_000 : 200;
const STEPS = isFull ? 500 : 250;
const TIMEOUT_MS = 1_800_000;
/** Each profile has seeds of its own, so that a seed names one run. */
const FIRST_SEED = { calm: 100_000, rough: 200_000, wild: 300_000 };

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

/** Runs with these faults; `STEPS` and the seed of a failure replay it. */
async function runAll(
	name: keyof typeof FIRST_SEED,
	faults: SimFaults,
): Promise<SimTotals> {
	const totals = new SimTotals();
	const first = FIRST_SEED[name];
	for (let seed = first; seed < first + RUNS; seed++)
		totals.add(await simulate({ seed, steps: STEPS, faults }));
	return totals;
}

const acknowledgedShare = ({ acknowledged, named }: SimTotals): number =>
	acknowledged / named;

describe("owners, gateways and clients in a simulated network", () => {
	it(
		"[SIM-1] agree on everything when messages are only late",
		async () => {
			const totals = await runAll("calm", CALM);
			expect(totals.failures).toEqual([]);
			expect(acknowledgedShare(totals)).toBeGreaterThan(0.9);
		},
		TIMEOUT_MS,
	);

	it(
		"[SIM-2] agree on everything when connections and processes come and go",
		async () => {
			const totals = await runAll("rough", ROUGH);
			expect(totals.failures).toEqual([]);
			expect(acknowledgedShare(totals)).toBeGreaterThan(0.6);
			expect(totals.events.get("cuts")).toBeGreaterThan(RUNS);
		},
		TIMEOUT_MS,
	);

	it(
		"[SIM-3] agree on everything when messages are lost, repeated and reordered, commits break and two owners write",
		async () => {
			const totals = await runAll("wild", WILD);
			expect(totals.failures).toEqual([]);
			expect(totals.revisions).toBeGreaterThan(10 * RUNS);
			expect(totals.events.get("owner crashes")).toBeGreaterThan(RUNS);
			expect(totals.events.get("second owners")).toBeGreaterThan(RUNS / 2);
		},
		TIMEOUT_MS,
	);

	it("[SIM-4] leave no rejected promise without a handler", () => {
		expect(rejections).toEqual([]);
	});
});
