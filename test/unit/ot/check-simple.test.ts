import { describe, expect, it } from "@jest/globals";
import type { CollabError } from "../../../src/protocol/errors.ts";
import { checkSimple } from "../../../src/protocol/simple-format.ts";
import { DEFAULT_LIMITS } from "../../../src/shared/limits.ts";

const refusalOf = (value: unknown): string => {
	try {
		checkSimple(value, DEFAULT_LIMITS);
	} catch (error) {
		const { code, data } = error as CollabError;
		return code === "OPERATION_INVALID" ? `${code} ${data?.reason}` : code;
	}
	return "taken";
};
const insert = { type: "insert", position: 3, content: "x" };
const remove = { type: "delete", position: 3, length: 2 };
const format = {
	type: "format",
	position: 3,
	length: 2,
	attributes: { bold: true },
};

describe("checkSimple", () => {
	it("[SIMPLE-4] takes the seed's operations and leaves out what says which text they were made on", () => {
		expect(
			checkSimple(
				{
					type: "insert",
					position: 245,
					content: "New content here",
					vectorClock: { user_123: 6, user_456: 3 },
					attributes: { bold: true },
					revision: 8,
					opId: "abcdefgh:1",
				},
				DEFAULT_LIMITS,
			),
		).toEqual({
			type: "insert",
			position: 245,
			content: "New content here",
			attributes: { bold: true },
		});
	});

	it.each([
		insert,
		{ ...insert, attributes: {} },
		{ ...insert, position: 0, content: "\r\n" },
		remove,
		format,
		{ ...format, attributes: { bold: null } },
		{ ...format, type: "retain" },
		{ type: "retain", position: 0, length: 0 },
		{ type: "retain", position: 7 },
		{ type: "retain", position: 7, length: 3, attributes: {} },
	])("[SIMPLE-4] takes %j", (operation) => {
		expect(refusalOf(operation)).toBe("taken");
	});

	it.each([
		"-1",
		"1.5",
		'"7"',
		"null",
		"9007199254740992",
		"1e400",
		"true",
		"[]",
	])("[SIMPLE-5] refuses the position %s", (json) => {
		const position: unknown = JSON.parse(json);
		expect(refusalOf({ ...insert, position })).toBe("VALIDATION_FAILED");
	});

	it.each([
		["0", "OPERATION_INVALID range"],
		["-3", "OPERATION_INVALID range"],
		["1.5", "OPERATION_INVALID range"],
		["1e400", "OPERATION_INVALID range"],
		['"2"', "VALIDATION_FAILED"],
		["null", "VALIDATION_FAILED"],
	])("[SIMPLE-5] refuses the length %s", (json, refusal) => {
		const length: unknown = JSON.parse(json);
		expect(refusalOf({ ...remove, length })).toBe(refusal);
		expect(refusalOf({ ...format, length })).toBe(refusal);
	});

	it.each([
		["", "OPERATION_INVALID content"],
		["a\0", "OPERATION_INVALID content"],
		["\ud83d", "OPERATION_INVALID content"],
		["x".repeat(65_537), "PAYLOAD_TOO_LARGE"],
		["😀".repeat(65_536), "taken"],
		[7, "VALIDATION_FAILED"],
		[null, "VALIDATION_FAILED"],
		[undefined, "VALIDATION_FAILED"],
	])(
		"[SIMPLE-6] checks the content of an insert (case %#)",
		(content, answer) => {
			expect(refusalOf({ ...insert, content })).toBe(answer);
		},
	);

	it.each([
		[{ bold: null }, "OPERATION_INVALID attributes"],
		[[], "OPERATION_INVALID attributes"],
		[null, "OPERATION_INVALID attributes"],
		[{ a: { b: 1 } }, "OPERATION_INVALID attributes"],
		[JSON.parse('{"__proto__":{"x":1}}'), "VALIDATION_FAILED"],
		[{ constructor: 1 }, "VALIDATION_FAILED"],
	])(
		"[SIMPLE-7] refuses an insert with the attributes %j",
		(attributes, answer) => {
			expect(refusalOf({ ...insert, attributes })).toBe(answer);
		},
	);

	it.each([
		null,
		[],
		"insert",
		{},
		{ ...insert, type: "replace" },
		{ ...insert, type: "toString" },
		{ ...insert, type: 1 },
		{ ...insert, length: 1 },
		{ ...insert, userId: "ann" },
		{ ...remove, content: "x" },
		{ ...remove, attributes: { bold: true } },
		{ ...format, content: "x" },
		{ ...format, attributes: undefined },
		{ type: "insert", content: "x" },
		{ type: "delete", position: 1 },
		JSON.parse('{"type":"delete","position":1,"length":1,"__proto__":{}}'),
	])("[SIMPLE-8] refuses %j, which is no operation", (operation) => {
		expect(refusalOf(operation)).toBe("VALIDATION_FAILED");
	});

	it("[SIMPLE-7] refuses a format that sets nothing", () => {
		expect(refusalOf({ ...format, attributes: {} })).toBe(
			"OPERATION_INVALID attributes",
		);
	});
});
