import { describe, expect, it } from "@jest/globals";
import {
	CALM,
	ROUGH,
	type SimFaults,
	SPLIT,
	TORN,
	WILD,
} from "../support/sim-faults.ts";
import { simulate } from "../support/sim-run.ts";

interface Case {
	/** What went wrong once in this run. */
	readonly fault: string;
	readonly seed: number;
	readonly steps: number;
	readonly faults: SimFaults;
}

const CASES: readonly Case[] = [
	{
		fault: "an edit was placed without a refused one that it presupposed",
		seed: 100_025,
		steps: 300,
		faults: CALM,
	},
	{
		fault: "a gateway passed on what was sent before a refusal was read",
		seed: 100_043,
		steps: 300,
		faults: CALM,
	},
	{
		fault: "an old clock, sent again, was read as a new one with gaps",
		seed: 100_039,
		steps: 300,
		faults: CALM,
	},
	{
		fault: "an old clock, sent again, was put right instead of refused",
		seed: 100_012,
		steps: 300,
		faults: CALM,
	},
	{
		fault: "an owner took an op of the session in its log for somebody else's",
		seed: 200_060,
		steps: 300,
		faults: ROUGH,
	},
	{
		fault: "a join did not name what was on its way to the disk",
		seed: 24,
		steps: 500,
		faults: WILD,
	},
	{
		fault: "an older connection of a client closed the newer one",
		seed: 116,
		steps: 500,
		faults: WILD,
	},
	{
		fault: "a new owner took late edits of a session that had been replaced",
		seed: 269,
		steps: 500,
		faults: WILD,
	},
	{
		fault: "two owners gave two sessions one replica",
		seed: 400_134,
		steps: 300,
		faults: WILD,
	},
	{
		fault: "a client counted twice what was committed under another replica",
		seed: 300_169,
		steps: 300,
		faults: SPLIT,
	},
	{
		fault: "an owner that had fallen behind called a good edit wrong",
		seed: 300_486,
		steps: 300,
		faults: SPLIT,
	},
	{
		fault: "the library made an edit anew that the catch-up named",
		seed: 1_600,
		steps: 300,
		faults: { ...WILD, failRead: 0.1 },
	},
	{
		fault: "an owner committed what its author had made anew at another one",
		seed: 300_108,
		steps: 300,
		faults: SPLIT,
	},
	{
		fault: "the same, when the client had come back in another session",
		seed: 500_684,
		steps: 300,
		faults: TORN,
	},
];

describe("a run that failed once", () => {
	it.each(CASES)("[SIM-6] stays right: $fault", async (run) => {
		const { violations } = await simulate(run);
		expect(violations).toEqual([]);
	});
});
