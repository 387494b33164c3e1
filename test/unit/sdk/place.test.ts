import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { applyText, type TextOp } from "../../../src/ot/text-op.ts";
import { offsetOf, positionOf } from "../../../src/sdk/place.ts";
import { RecentOps } from "../../../src/sdk/recent-ops.ts";

const text = fc
	.array(fc.constantFrom("a", "\n", "é", "字", "😀", "👩‍💻", "\r"), {
		maxLength: 20,
		size: "max",
	})
	.map((parts) => parts.join(""));

describe("a place on the wire", () => {
	it("[SDK-28] is a line and a UTF-16 unit in it, from 0, and leads back to the same code point", () => {
		expect(positionOf("ab\n😀c", 4)).toEqual({ line: 1, ch: 2 });
		expect(positionOf("", 0)).toEqual({ line: 0, ch: 0 });
		fc.assert(
			fc.property(text, fc.nat(), (written, at) => {
				const offset = at % ([...written].length + 1);
				expect(offsetOf(written, positionOf(written, offset))).toBe(offset);
			}),
		);
	});

	it.each([
		["beyond the line is its end", { line: 0, ch: 99 }, 2],
		["beyond the text is its end", { line: 99, ch: 0 }, 5],
		["inside a character is before it", { line: 1, ch: 1 }, 3],
	])("[SDK-28] %s", (_name, position, offset) => {
		expect(offsetOf("ab\n😀c", position)).toBe(offset);
	});
});

describe("RecentOps", () => {
	it("[SDK-28] finds a place of an earlier text, as far back as the ops are known", () => {
		const op = fc.record({ at: fc.nat(), deleted: fc.nat(3), inserted: text });
		fc.assert(
			fc.property(text, fc.array(op, { maxLength: 8 }), (start, changes) => {
				const recent = new RecentOps();
				const texts = [start];
				for (const { at, deleted, inserted } of changes) {
					const before = texts.at(-1) as string;
					const size = [...before].length;
					const place = at % (size + 1);
					const made = opAt(place, Math.min(deleted, size - place), inserted);
					recent.add(texts.length, made, before, undefined);
					texts.push(applyText(before, made));
				}
				const now = { rev: texts.length - 1, text: texts.at(-1) as string };
				for (const [rev, then] of texts.entries()) {
					const seen: string[] = [];
					const find = (found: string) => {
						seen.push(found);
						return { cursor: 0 };
					};
					recent.locate(rev, now, find, "ann");
					expect(seen).toEqual([then]);
				}
				expect(
					recent.locate(now.rev + 1, now, () => ({ cursor: 0 }), "ann"),
				).toBe(undefined);
				expect(recent.locate(-1, now, () => ({ cursor: 0 }), "ann")).toBe(
					undefined,
				);
			}),
			{ numRuns: 500 },
		);
	});
});

const opAt = (at: number, deleted: number, inserted: string): TextOp => {
	const parts = [at, inserted, { d: deleted }] as const;
	const op = parts.filter(
		(part) =>
			part !== 0 && part !== "" && (typeof part !== "object" || part.d > 0),
	);
	return typeof op.at(-1) === "number" ? [] : op;
};
