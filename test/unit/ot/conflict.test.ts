import { describe, expect, it } from "@jest/globals";
import { conflictOf, type Region } from "../../../src/ot/conflict.ts";
import type { DocumentOp } from "../../../src/ot/document-op.ts";

const text = (...t: DocumentOp["t"]): DocumentOp => ({ t, m: [] });
const format = (...m: DocumentOp["m"]): DocumentOp => ({ t: [], m });
const at = (position: number, length: number): Region => ({ position, length });
const bold = { bold: true };

describe("conflictOf", () => {
	it.each<[string, DocumentOp, DocumentOp, Region | undefined]>([
		["inserts at one position", text(3, "a"), text(3, "b"), at(3, 0)],
		["inserts side by side", text(3, "a"), text(4, "b"), undefined],
		["inserts far apart", text("a"), text(99, "b"), undefined],
		["an insert inside a delete", text(3, "a"), text(2, { d: 4 }), at(2, 4)],
		["an insert before a delete", text(2, "a"), text(2, { d: 4 }), undefined],
		["an insert behind a delete", text(6, "a"), text(2, { d: 4 }), undefined],
		["overlapping deletes", text(2, { d: 4 }), text(4, { d: 5 }), at(2, 7)],
		["a delete in a delete", text(2, { d: 4 }), text(3, { d: 1 }), at(2, 4)],
		["equal deletes", text(2, { d: 4 }), text(2, { d: 4 }), undefined],
		["neighbouring deletes", text(2, { d: 2 }), text(4, { d: 2 }), undefined],
		[
			"two values of one attribute",
			format(2, { n: 3, a: bold }),
			format(4, { n: 3, a: { bold: null } }),
			at(2, 5),
		],
		[
			"one value of one attribute",
			format(2, { n: 3, a: bold }),
			format(4, { n: 3, a: bold }),
			undefined,
		],
		[
			"two attributes",
			format(2, { n: 3, a: bold }),
			format(4, { n: 3, a: { color: "red" } }),
			undefined,
		],
		[
			"two values on neighbours",
			format(2, { n: 2, a: bold }),
			format(4, { n: 3, a: { bold: null } }),
			undefined,
		],
		[
			"a format and a delete",
			format({ n: 9, a: bold }),
			text({ d: 9 }),
			undefined,
		],
		[
			"a format and an insert",
			format({ n: 9, a: bold }),
			text(3, "a"),
			undefined,
		],
		[
			"two of these at once",
			text(1, { d: 2 }, 4, "x"),
			text(2, { d: 2 }, 3, "y"),
			at(1, 6),
		],
	])("[CONFLICT-1] judges %s", (_, a, b, region) => {
		expect(conflictOf(a, b)).toEqual(region);
		expect(conflictOf(b, a)).toEqual(region);
	});

	it("[CONFLICT-2] compares formatting in the text that both ops were made for", () => {
		const shifted = { t: ["abc"], m: [5, { n: 2, a: bold }] };
		const other = format(2, { n: 2, a: { bold: false } });
		expect(conflictOf(shifted, other)).toEqual(at(2, 2));
		const onOwnText = { t: [2, "abc"], m: [2, { n: 3, a: bold }] };
		expect(conflictOf(onOwnText, other)).toBeUndefined();
	});
});
