import { describe, expect, it } from "@jest/globals";
import type { DocumentPlace } from "../../../src/gateway/backend.ts";
import { ChannelCheck } from "../../../src/gateway/channel-check.ts";
import type { DocId } from "../../../src/shared/ids.ts";
import { SILENT } from "../../../src/shared/logger.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Channels of a gateway at these places, and documents that stand higher. */
function lab(places: readonly DocumentPlace[]) {
	const clock = new ManualClock();
	const asked: (readonly DocumentPlace[])[] = [];
	const expected: DocumentPlace[] = [];
	const state = { isAway: false, heads: [] as readonly DocumentPlace[] };
	const check = new ChannelCheck({
		clock,
		log: SILENT,
		channels: {
			places: () => places,
			expect: (docId, rev) => void expected.push([docId, rev]),
		},
		backend: {
			async heads(page) {
				asked.push(page);
				if (state.isAway) throw new Error("away");
				return state.heads;
			},
		},
	});
	const wait = async (ms: number) => {
		clock.advance(ms);
		await new Promise(setImmediate);
	};
	return { check, clock, asked, expected, state, wait };
}

const place = (i: number): DocumentPlace => [`d${i}` as DocId, i];

describe("a gateway that may have missed something", () => {
	it("[FAN-13] asks where its documents stand, and expects what is higher", async () => {
		const { check, asked, expected, state, wait } = lab([place(1), place(2)]);
		state.heads = [["d2" as DocId, 9]];
		check.start();
		await wait(0);
		expect(asked).toEqual([[place(1), place(2)]]);
		expect(expected).toEqual([["d2", 9]]);
	});

	it("[FAN-13] asks again for what was on its way to the disk", async () => {
		const { check, asked, wait } = lab([place(1)]);
		check.start();
		for (let second = 0; second <= 10; second++) await wait(1_000);
		expect(asked.length).toBe(3);
	});

	it("[FAN-13] asks until it is answered", async () => {
		const { check, asked, expected, state, wait } = lab([place(1)]);
		state.isAway = true;
		state.heads = [["d1" as DocId, 2]];
		check.start();
		for (let i = 0; i < 40; i++) await wait(500);
		expect(expected).toEqual([]);
		state.isAway = false;
		await wait(500);
		expect(expected).not.toEqual([]);
		const { length } = asked;
		for (let i = 0; i < 40; i++) await wait(500);
		expect(asked.length).toBe(length);
	});

	it("[FAN-13] asks about many documents in parts", async () => {
		const places = Array.from({ length: 2_500 }, (_, i) => place(i));
		const { check, asked, wait } = lab(places);
		check.start();
		await wait(0);
		expect(asked.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
		expect(asked.flat()).toEqual(places);
	});

	it("[FAN-13] asks nothing more when it is closed, or for an earlier occasion", async () => {
		const { check, asked, wait } = lab([place(1)]);
		check.start();
		check.start();
		await wait(0);
		expect(asked.length).toBe(1);
		check.close();
		await wait(10_000);
		expect(asked.length).toBe(1);
	});
});
