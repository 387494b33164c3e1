import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { applyText } from "../../../src/ot/text-op.ts";
import { textDiff } from "../../../src/sdk/text-diff.ts";

const line = fc.constantFrom("a\n", "b\n", "😀\n", "😁\n", "word 😀😁\n", "\n");
const text = fc
	.tuple(
		fc.array(line, { maxLength: 12, size: "max" }),
		fc.constantFrom("", "end", "😀"),
	)
	.map(([lines, end]) => lines.join("") + end);

describe("textDiff", () => {
	it("[SDK-3] turns the one text into the other, in code points and in canonical form", () => {
		fc.assert(
			fc.property(text, text, (before, after) => {
				const op = textDiff(before, after);
				expect(applyText(before, op)).toBe(after);
				expect(typeof op.at(-1)).not.toBe("number");
				for (const [at, part] of op.entries())
					expect(typeof part).not.toBe(typeof op[at - 1]);
				for (const part of op)
					if (typeof part === "string") expect(part.isWellFormed()).toBe(true);
			}),
			{ numRuns: 5_000 },
		);
	});

	it("[SDK-3] leaves lines alone that both texts have", () => {
		expect(textDiff("one\ntwo\nthree\n", "zero\none\ntwo\n3\n")).toEqual([
			"zero\n",
			8,
			{ d: 5 },
			"3",
		]);
	});
});
