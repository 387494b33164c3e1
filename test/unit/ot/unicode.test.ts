import { describe, expect, it } from "@jest/globals";
import {
	astralPositions,
	carry,
	carryBack,
	codePointLength,
	EMPTY,
	fromUtf16,
	noteOf,
	toUtf16,
} from "../../../src/ot/unicode.ts";

const TEXT = "😀a👩🏽b";

describe("UTF-16 without the text", () => {
	it("[UTF16-1] counts code points and finds the characters that take two units", () => {
		expect(codePointLength(TEXT)).toBe(5);
		expect(astralPositions(TEXT)).toEqual([0, 2, 3]);
	});

	it("[UTF16-2] converts every position there and back, and refuses the middle of a pair", () => {
		const astral = astralPositions(TEXT);
		const starts = [0, 2, 3, 5, 7, 8];
		starts.forEach((utf16, position) => {
			expect(toUtf16(position, astral)).toBe(utf16);
			expect(fromUtf16(utf16, astral)).toBe(position);
		});
		for (const inside of [1, 4, 6])
			expect(() => fromUtf16(inside, astral)).toThrow(
				expect.objectContaining({ code: "OPERATION_INVALID" }),
			);
		expect(fromUtf16(100, astral)).toBe(97);
	});

	it("[UTF16-3] costs nothing without astral characters: one constant list for ever", () => {
		expect(astralPositions("plain é漢")).toBe(EMPTY);
		expect(carry(EMPTY, [3, "abc", { d: 2 }])).toBe(EMPTY);
		expect(carry([0], [{ d: 1 }])).toBe(EMPTY);
		expect(carryBack(EMPTY, [3, "abc", { d: 2 }], undefined)).toBe(EMPTY);
		expect(carryBack([1], [1, "😀"])).toBe(EMPTY);
		expect(noteOf({ t: [3, "a"], m: [] }, EMPTY, EMPTY)).toBeUndefined();
		expect(noteOf({ t: ["😀"], m: [] }, EMPTY, [0])).toBeUndefined();
	});

	it("[UTF16-4] notes of an op what it skips, deletes and formats", () => {
		const op = {
			t: [1, { d: 2 }, "x😀", 1, "y"],
			m: [2, { n: 2, a: { bold: true } }],
		};
		const before = astralPositions(TEXT);
		const after = carry(before, op.t);
		expect(after).toEqual(astralPositions("😀x😀🏽yb"));
		const note = noteOf(op, before, after);
		expect(note).toEqual({ t: [1, 1, 0, 1, 0], m: [1, 2], d: [2] });
		expect(carryBack(after, op.t, note?.d)).toEqual(before);
	});
});
