import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Lines } from "../../../src/ot/lines.ts";
import {
	anchorAt,
	moveTextAnchor,
	quoteOf,
	reattach,
	standingOf,
} from "../../../src/ot/text-anchor.ts";
import type { TextOp } from "../../../src/ot/text-op.ts";
import { MarkedText } from "../../support/marked-text.ts";
import { intent, opOf, SEED } from "../../support/ot-generators.ts";

const TEXT = "alpha 😀\nbeta\r\ngamma";
const LENGTH = [...TEXT].length;
const ends = fc
	.tuple(
		fc.integer({ min: 0, max: LENGTH }),
		fc.integer({ min: 0, max: LENGTH }),
	)
	.filter(([a, b]) => a !== b)
	.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

const selectionOf = (start: number, end: number) => {
	const lines = new Lines(TEXT);
	const selection = {
		start: lines.placeOf(start),
		end: lines.placeOf(end),
	};
	return anchorAt(0, { selection }, lines);
};

describe("the anchor of a comment", () => {
	it("[ANCHOR-6] after any ops is where its characters are, each known by itself", () => {
		fc.assert(
			fc.property(
				ends,
				fc.array(intent, { maxLength: 8, size: "max" }),
				([start, end], intents) => {
					const oracle = new MarkedText(TEXT, start, end);
					let anchor = selectionOf(start, end);
					for (const [i, what] of intents.entries()) {
						const op = opOf(oracle.length, { text: what.text, marks: [] });
						anchor = moveTextAnchor(anchor, [{ rev: i + 1, op }]);
						oracle.apply(op.t);
						const { marked } = oracle;
						expect(anchor.orphaned).toBe(marked === undefined);
						if (marked !== undefined) expect(anchor.range).toEqual(marked);
					}
				},
			),
			{ seed: SEED, numRuns: 3_000 },
		);
	});

	it("[ANCHOR-6] goes with the character behind it, at the end of a selection with the one before", () => {
		const lines = new Lines(TEXT);
		const movedTo = (at: number, op: TextOp, selection?: [number, number]) => {
			const spot = {
				position: lines.placeOf(at),
				...(selection === undefined
					? {}
					: {
							selection: {
								start: lines.placeOf(selection[0]),
								end: lines.placeOf(selection[1]),
							},
						}),
			};
			const made = anchorAt(0, spot, lines);
			return moveTextAnchor(made, [{ rev: 1, op: { t: op, m: [] } }]).position;
		};
		expect(movedTo(3, [3, "xy"])).toBe(5);
		expect(movedTo(3, [3, "xy"], [3, 6])).toBe(5);
		expect(movedTo(6, [6, "xy"], [3, 6])).toBe(6);
		expect(movedTo(6, [2, { d: 5 }])).toBe(2);
	});

	it("[COMMENT-4] is found again by its quote alone, whole and in its place", () => {
		const lines = new Lines(TEXT);
		const made = selectionOf(6, 12);
		const quote = quoteOf(made, lines) as string;
		expect(quote).toBe("😀\nbeta");
		const gone = moveTextAnchor(made, [
			{ rev: 1, op: { t: [6, { d: 6 }], m: [] } },
		]);
		expect(gone).toMatchObject({ orphaned: true, range: { start: 6, end: 6 } });
		const in_ = (text: string) => reattach(gone, quote, new Lines(text));
		expect(in_(TEXT)).toEqual({ ...made, rev: 1 });
		expect(in_(TEXT.replace("alpha", "alph"))).toBeUndefined();
		expect(in_(TEXT.replace("beta", "bet"))).toBeUndefined();
		const pair = { ...gone, range: { start: 12, end: 12 } };
		expect(reattach(pair, quote, lines)).toBeUndefined();
		expect(reattach(made, quote, lines)).toBeUndefined();
		expect(reattach(gone, "", lines)).toBeUndefined();
		const without = (at: number, d: number) =>
			moveTextAnchor(made, [{ rev: 1, op: { t: [at, { d }], m: [] } }]);
		const undone = (at: number, d: number) => {
			const text = [...TEXT].slice(at, at + d).join("");
			const back = { rev: 2, op: { t: [at, text], m: [] } };
			return moveTextAnchor(without(at, d), [back]);
		};
		for (const [at, d] of [
			[6, 3],
			[4, 5],
			[9, 3],
			[10, 4],
		] as const) {
			expect(undone(at, d)).not.toMatchObject({ range: made.range });
			expect(reattach(undone(at, d), quote, lines)).toEqual({
				...made,
				rev: 2,
			});
		}
		expect(standingOf(made, lines).selection).toEqual({
			start: { line: 0, ch: 6 },
			end: { line: 1, ch: 4 },
		});
	});
});
