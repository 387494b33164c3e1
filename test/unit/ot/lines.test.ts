import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { Lines } from "../../../src/ot/lines.ts";
import { codePointLength } from "../../../src/ot/unicode.ts";
import { SEED, textOf } from "../../support/ot-generators.ts";

const TEXT = "one\n😀two\n\nthree😀";
const lines = new Lines(TEXT);
const at = (line: number, ch: number) => lines.positionOf({ line, ch });

describe("a text by lines", () => {
	it("[ANCHOR-5] names every position by line and UTF-16 unit, and knows it by that again", () => {
		fc.assert(
			fc.property(textOf(0, 40), (text) => {
				const of = new Lines(text);
				for (let at = 0; at <= codePointLength(text); at++) {
					const before = [...text].slice(0, at).join("").split("\n");
					const place = {
						line: before.length - 1,
						ch: before.at(-1)?.length ?? 0,
					};
					expect(of.placeOf(at)).toEqual(place);
					expect(of.positionOf(place)).toBe(at);
				}
			}),
			{ seed: SEED, numRuns: 300 },
		);
	});

	it("[ANCHOR-5] what is beyond a line is its end, beyond the text the text's", () => {
		expect(at(0, 9)).toBe(3);
		expect(at(1, 99)).toBe(8);
		expect(at(2, 1)).toBe(9);
		expect(at(3, 7)).toBe(codePointLength(TEXT));
		expect(at(3, 8)).toBe(codePointLength(TEXT));
		expect(at(4, 0)).toBe(codePointLength(TEXT));
		expect(at(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toBe(
			codePointLength(TEXT),
		);
	});

	it("[ANCHOR-5] refuses a place inside a character", () => {
		for (const [line, ch] of [
			[1, 1],
			[3, 6],
		] as const)
			expect(() => at(line, ch)).toThrow(
				expect.objectContaining({ code: "OPERATION_INVALID" }),
			);
	});

	it("[ANCHOR-5] gives pieces of the text by code points", () => {
		expect(lines.slice(3, 6)).toBe("\n😀t");
		expect(lines.hasAt(4, "😀two")).toBe(true);
		expect(lines.hasAt(5, "😀two")).toBe(false);
	});
});
