import { describe, expect, it } from "@jest/globals";
import { DocumentRate } from "../../../src/gateway/document-rate.ts";
import { CollabError } from "../../../src/protocol/errors.ts";
import type { SessionId } from "../../../src/shared/ids.ts";

const START_MS = 1_800_000_000_000;

/** Writers that send so many edits a second each; counts what is taken. */
function run(
	rates: Readonly<Record<string, number>>,
	seconds: number,
): {
	readonly taken: Record<string, number>;
	readonly refused: Record<string, number>;
} {
	const rate = new DocumentRate();
	const taken: Record<string, number> = {};
	const refused: Record<string, number> = {};
	const owed = new Map<string, number>();
	for (let ms = 0; ms < seconds * 1_000; ms += 10)
		for (const [writer, perSecond] of Object.entries(rates)) {
			let left = (owed.get(writer) ?? 0) + perSecond / 100;
			for (; left >= 1; left--) {
				const book = takes(rate, writer, START_MS + ms) ? taken : refused;
				book[writer] = (book[writer] ?? 0) + 1;
			}
			owed.set(writer, left);
		}
	return { taken, refused };
}

function takes(rate: DocumentRate, writer: string, nowMs: number): boolean {
	try {
		rate.charge(writer as SessionId, nowMs);
		return true;
	} catch (error) {
		if (!(error instanceof CollabError) || error.code !== "UNAVAILABLE")
			throw error;
		return false;
	}
}

const sum = (counts: Readonly<Record<string, number>>) =>
	Object.values(counts).reduce((a, b) => a + b, 0);
const crowd = (size: number, perSecond: number) =>
	Object.fromEntries(
		Array.from({ length: size }, (_, i) => [`w${i}`, perSecond]),
	);

describe("the edits of one document", () => {
	it("[RATE-8] are all taken while its writers together stay below 500 a second", () => {
		const { refused } = run(crowd(100, 4.9), 20);
		expect(refused).toEqual({});
	});

	it("[RATE-8] of one session alone are bounded only by the document's rate", () => {
		const { taken } = run({ ann: 1_000 }, 20);
		expect(taken.ann).toBeGreaterThan(500 * 19);
		expect(taken.ann).toBeLessThanOrEqual(2_000 + 500 * 20);
	});

	it.each([1, 5, 50])(
		"[RATE-8] of a light typist are all taken beside %d heavy sessions",
		(heavy) => {
			const { taken, refused } = run({ ...crowd(heavy, 200), ann: 4 }, 10);
			expect(refused.ann).toBeUndefined();
			expect(taken.ann).toBeGreaterThanOrEqual(4 * 10 - 1);
			expect(sum(taken)).toBeLessThanOrEqual(2_000 + 500 * 10);
		},
	);

	it("[RATE-8] are shared out evenly among equals, and none of the rate is wasted", () => {
		const { taken } = run(crowd(20, 100), 15);
		const counts = Object.values(taken);
		expect(sum(taken)).toBeGreaterThan(500 * 14);
		expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.5);
	});
});
