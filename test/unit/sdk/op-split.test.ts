import { describe, expect, it } from "@jest/globals";
import { applyOp, type DocumentOp } from "../../../src/ot/document-op.ts";
import { splitOp } from "../../../src/sdk/op-split.ts";

const before = { text: "abcdefgh", runs: [{ n: 8, a: {} }] };
const bounds = { insertCodePoints: 3, components: 4 };

/** The parts that an op is sent in. */
function partsOf(op: DocumentOp): DocumentOp[] {
	const [first, rest] = splitOp(op, bounds);
	return rest === undefined ? [first] : [first, ...partsOf(rest)];
}

describe("splitOp", () => {
	it.each<{ name: string; op: DocumentOp; parts: number }>([
		{ name: "fits", op: { t: [1, "😀b", { d: 1 }], m: [] }, parts: 1 },
		{ name: "a long insert", op: { t: [2, "😀1😁2😂3😃"], m: [] }, parts: 3 },
		{
			name: "many components",
			op: {
				t: ["1", 1, { d: 1 }, 1, "2", 1, { d: 1 }, "3", 1, { d: 1 }],
				m: [],
			},
			parts: 3,
		},
		{
			name: "marks after a long insert",
			op: { t: ["12345"], m: [4, { n: 2, a: { bold: true } }] },
			parts: 2,
		},
		{
			name: "many marks",
			op: {
				t: [],
				m: [
					{ n: 1, a: { b: 1 } },
					1,
					{ n: 1, a: { b: 2 } },
					1,
					{ n: 1, a: { b: 3 } },
					{ n: 2, a: { b: 4 } },
				],
			},
			parts: 2,
		},
	])(
		"[SDK-4] $name: the parts are within the limits and together do the same",
		({ op, parts }) => {
			const pieces = partsOf(op);
			expect(pieces).toHaveLength(parts);
			for (const piece of pieces) {
				expect(piece.t.length).toBeLessThanOrEqual(bounds.components);
				expect(piece.m.length).toBeLessThanOrEqual(bounds.components);
				const text = piece.t
					.filter((part) => typeof part === "string")
					.join("");
				expect([...text].length).toBeLessThanOrEqual(bounds.insertCodePoints);
			}
			expect(pieces.reduce(applyOp, before)).toEqual(applyOp(before, op));
		},
	);
});
