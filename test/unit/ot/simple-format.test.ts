import { describe, expect, it } from "@jest/globals";
import type { DocumentOp } from "../../../src/ot/document-op.ts";
import { astralPositions, carry, noteOf } from "../../../src/ot/unicode.ts";
import {
	attributesOf,
	fromSimple,
	toSimple,
} from "../../../src/protocol/simple-format.ts";
import type { Unit } from "../../../src/protocol/submission.ts";

const bold = { bold: true };

/** The parts of an op on a text. */
function partsOf(text: string, op: DocumentOp, unit: Unit = "utf16") {
	const before = astralPositions(text);
	return toSimple(op, noteOf(op, before, carry(before, op.t)), unit);
}

describe("fromSimple", () => {
	// a😀b: the emoji is UTF-16 1..3, code point 1
	const astral = astralPositions("a😀b");

	it.each([
		[
			{ type: "insert", position: 3, content: "x" },
			{ t: [2, "x"], m: [] },
		],
		[
			{ type: "insert", position: 0, content: "x" },
			{ t: ["x"], m: [] },
		],
		[
			{ type: "insert", position: 3, content: "😀😀", attributes: bold },
			{ t: [2, "😀😀"], m: [2, { n: 2, a: bold }] },
		],
		[
			{ type: "delete", position: 0, length: 3 },
			{ t: [{ d: 2 }], m: [] },
		],
		[
			{ type: "format", position: 1, length: 2, attributes: bold },
			{ t: [], m: [1, { n: 1, a: bold }] },
		],
		[
			{ type: "retain", position: 1, length: 3, attributes: bold },
			{ t: [], m: [1, { n: 2, a: bold }] },
		],
		[
			{ type: "retain", position: 1, length: 1 },
			{ t: [], m: [] },
		],
	] as const)("[SIMPLE-2] reads %j", (operation, op) => {
		if (operation.type === "retain" && !("attributes" in operation)) {
			expect(fromSimple(operation, "codepoint", [])).toEqual(op);
			return;
		}
		expect(fromSimple(operation, "utf16", astral)).toEqual(op);
	});

	it.each([
		{ type: "insert", position: 2, content: "x" },
		{ type: "delete", position: 2, length: 1 },
		{ type: "delete", position: 0, length: 2 },
		{ type: "format", position: 1, length: 1, attributes: bold },
	] as const)(
		"[SIMPLE-9] refuses %j, which splits a surrogate pair",
		(operation) => {
			expect(() => fromSimple(operation, "utf16", astral)).toThrow(
				expect.objectContaining({
					code: "OPERATION_INVALID",
					data: expect.objectContaining({ reason: "surrogate" }),
				}),
			);
			expect(fromSimple(operation, "codepoint", astral)).toBeDefined();
		},
	);
});

describe("toSimple", () => {
	it("[SIMPLE-10] tells an op without effect as an empty retain", () => {
		expect(partsOf("abc", { t: [], m: [] })).toEqual([
			{ type: "retain", position: 0, length: 0 },
		]);
	});

	it("[SIMPLE-11] positions each part in the text after the parts before it", () => {
		const op = { t: [1, { d: 2 }, "xy", 1, "z"], m: [{ n: 1, a: bold }] };
		expect(partsOf("abcdef", op)).toEqual([
			{ type: "delete", position: 1, length: 2 },
			{ type: "insert", position: 1, content: "xy" },
			{ type: "insert", position: 4, content: "z" },
			{ type: "format", position: 0, length: 1, attributes: bold },
		]);
	});

	it("[SIMPLE-11] counts UTF-16 units, or code points when asked", () => {
		const op = { t: [2, { d: 1 }, "👩x"], m: [1, { n: 1, a: bold }] };
		expect(partsOf("😀a😀b", op)).toEqual([
			{ type: "delete", position: 3, length: 2 },
			{ type: "insert", position: 3, content: "👩x" },
			{ type: "format", position: 2, length: 1, attributes: bold },
		]);
		expect(partsOf("😀a😀b", op, "codepoint")).toEqual([
			{ type: "delete", position: 2, length: 1 },
			{ type: "insert", position: 2, content: "👩x" },
			{ type: "format", position: 1, length: 1, attributes: bold },
		]);
	});

	it("[SIMPLE-12] tells an insert and the formatting of exactly its text as one part", () => {
		const op = { t: [1, "x😀"], m: [1, { n: 2, a: { ...bold, color: null } }] };
		for (const unit of ["utf16", "codepoint"] as const)
			expect(partsOf("ab", op, unit)).toEqual([
				{ type: "insert", position: 1, content: "x😀", attributes: bold },
			]);
	});

	it("[SIMPLE-12] tells formatting that reaches further, or less far, as a part of its own", () => {
		for (const n of [1, 3])
			expect(partsOf("ab", { t: [1, "xy"], m: [1, { n, a: bold }] })).toEqual([
				{ type: "insert", position: 1, content: "xy" },
				{ type: "format", position: 1, length: n, attributes: bold },
			]);
	});
});

describe("attributesOf", () => {
	it("[SIMPLE-13] lists the formatted ranges of a text in the session's unit", () => {
		const runs = [
			{ n: 2, a: {} },
			{ n: 2, a: bold },
			{ n: 1, a: {} },
			{ n: 1, a: { color: "red" } },
		];
		expect(attributesOf(runs, "😀a😀b😀c", "utf16")).toEqual([
			{ position: 3, length: 3, attributes: bold },
			{ position: 8, length: 1, attributes: { color: "red" } },
		]);
		expect(attributesOf(runs, "😀a😀b😀c", "codepoint")).toEqual([
			{ position: 2, length: 2, attributes: bold },
			{ position: 5, length: 1, attributes: { color: "red" } },
		]);
		expect(attributesOf([{ n: 6, a: {} }], "😀a😀b😀c", "utf16")).toEqual([]);
	});
});
