import { describe, expect, it } from "@jest/globals";
import { checkDocumentOp, fits } from "../../../src/ot/document-op.ts";
import { checkTextOp } from "../../../src/ot/text-op.ts";
import type { CollabError } from "../../../src/protocol/errors.ts";
import { DEFAULT_LIMITS } from "../../../src/shared/limits.ts";

const FORM = { code: "OPERATION_INVALID", data: { reason: "form" } };
const CONTENT = { code: "OPERATION_INVALID", data: { reason: "content" } };
const ATTRIBUTES = {
	code: "OPERATION_INVALID",
	data: { reason: "attributes" },
};
const UNKNOWN_KEY = { code: "VALIDATION_FAILED" };

const refusal = (act: () => unknown): Partial<CollabError> => {
	try {
		act();
	} catch (error) {
		return error as CollabError;
	}
	return {};
};
const textRefusal = (value: unknown) =>
	refusal(() => checkTextOp(value, DEFAULT_LIMITS));
const markRefusal = (marks: unknown) =>
	refusal(() => checkDocumentOp([], marks, DEFAULT_LIMITS));
const attributeRefusal = (json: string) =>
	markRefusal([{ n: 1, a: JSON.parse(json) }]);

describe("checkTextOp", () => {
	it.each([
		"[]",
		'["a"]',
		'[3,"a"]',
		'[3,{"d":2}]',
		'[{"d":2},"a"]',
		'["a",{"d":2}]',
		'["a",{"d":2},"b"]',
		'[1,{"d":1},"\\r\\n",2,"👩🏽\u200d🦰"]',
	])("[OT-14] takes the canonical op %s", (json) => {
		const op = JSON.parse(json);
		expect(checkTextOp(op, DEFAULT_LIMITS)).toBe(op);
	});

	it.each([
		'"abc"',
		"null",
		'{"0":"a","length":1}',
		"[true]",
		"[null]",
		"[[]]",
		"[[1]]",
		"[{}]",
		'[{"x":1}]',
		'[{"d":"text"}]',
		'[{"d":0}]',
		'[{"d":-3}]',
		'[{"d":1.5}]',
		'[{"d":1e400}]',
		'[{"d":9007199254740992}]',
		'[""]',
		'[0,"a"]',
		'[-1,"a"]',
		'[1.5,"a"]',
		'[1e400,"x"]',
		'[9007199254740992,"x"]',
		'["a","b"]',
		'[{"d":1},{"d":1}]',
		'[1,2,"a"]',
		"[3]",
		'["a",3]',
	])("[OT-14] refuses %s, which is no canonical op", (json) => {
		expect(textRefusal(JSON.parse(json))).toMatchObject(FORM);
	});

	it.each(['[{"d":1,"x":1}]', '[{"d":1,"__proto__":{}}]'])(
		"[OT-14] refuses unknown keys in %s",
		(json) => {
			expect(textRefusal(JSON.parse(json))).toMatchObject(UNKNOWN_KEY);
		},
	);

	it.each(["\ud83d", "a\udc00", "\ude00\ud83d", "a\0b"])(
		"[OT-15] refuses text that is not well-formed or holds NUL (%j)",
		(text) => {
			expect(textRefusal([text])).toMatchObject(CONTENT);
		},
	);

	it("[OT-16] counts what an op inserts in code points, over all its inserts", () => {
		const limits = { ...DEFAULT_LIMITS, insertCodePoints: 4 };
		expect(checkTextOp(["😀😀", 1, "😀😀"], limits)).toHaveLength(3);
		for (const op of [["😀😀", 1, "😀😀b"], ["abcde"], ["a".repeat(1e6)]])
			expect(refusal(() => checkTextOp(op, limits))).toMatchObject({
				code: "PAYLOAD_TOO_LARGE",
				data: { limit: "insertCodePoints", max: 4 },
			});
	});

	it("[OT-17] bounds the components of the text half and of the marks", () => {
		const op = Array.from({ length: 1_002 }, (_, i) => (i % 2 ? "a" : 1));
		const marks = Array.from({ length: 1_002 }, (_, i) =>
			i % 2 ? { n: 1, a: { bold: true } } : 1,
		);
		const tooMany = { data: { reason: "components", max: 1_000 } };
		expect(textRefusal(op)).toMatchObject(tooMany);
		expect(markRefusal(marks)).toMatchObject(tooMany);
		expect(textRefusal(op.slice(2))).toEqual({});
	});
});

describe("marks and attributes", () => {
	it.each([
		"[]",
		'[{"n":1,"a":{"bold":true}}]',
		'[2,{"n":1,"a":{"bold":true}},{"n":1,"a":{"bold":null}}]',
		'[{"n":3,"a":{"link":"https://example.org/a?b","size":1.5,"font-name_2":"x"}}]',
		'[{"n":3,"a":{"link":"mailto:a@example.org"}},1,{"n":3,"a":{"link":null}}]',
	])("[OT-18] takes the marks %s", (json) => {
		const marks = JSON.parse(json);
		expect(checkDocumentOp([], marks, DEFAULT_LIMITS).m).toBe(marks);
	});

	it.each([
		"{}",
		"null",
		"[true]",
		"[3]",
		"[null]",
		"[1,2]",
		'[{"n":1}]',
		'[{"a":{"bold":true}}]',
		'[{"n":0,"a":{"bold":true}}]',
		'[{"n":1e400,"a":{"bold":true}}]',
		'[{"n":1,"a":{"bold":true}},{"n":1,"a":{"bold":true}}]',
		'[{"n":1,"a":{"bold":true}},1]',
	])("[OT-18] refuses %s, which are no canonical marks", (json) => {
		expect(markRefusal(JSON.parse(json))).toMatchObject(FORM);
	});

	it.each([
		"[]",
		"{}",
		"null",
		'"bold"',
		'{"bold":{"a":1}}',
		'{"bold":[1]}',
		'{"bold":1e400}',
		'{"Bold":1}',
		'{"1":1}',
		'{"":1}',
		'{"toString":1}',
		'{"valueOf":1}',
		'{"hasOwnProperty":1}',
		'{"isPrototypeOf":1}',
		'{"bold":"\\ud83d"}',
		'{"bold":"a\\u0000"}',
		`{"${"a".repeat(33)}":1}`,
		`{"a":"${"x".repeat(257)}"}`,
		`{${Array.from({ length: 17 }, (_, i) => `"a${i}":1`).join()}}`,
		'{"link":"javascript:alert(1)"}',
		'{"link":" https://example.org"}',
		'{"link":"//example.org"}',
		'{"link":true}',
	])("[OT-19] refuses the attributes %s", (json) => {
		expect(attributeRefusal(json)).toMatchObject(ATTRIBUTES);
	});

	it.each(['{"__proto__":1}', '{"constructor":1}', '{"prototype":1}'])(
		"[OT-19] refuses %s as malformed",
		(json) => {
			expect(attributeRefusal(json)).toMatchObject(UNKNOWN_KEY);
		},
	);

	it("[OT-18] refuses unknown keys in a mark", () => {
		expect(markRefusal([{ n: 1, a: { b: 1 }, x: 1 }])).toMatchObject(
			UNKNOWN_KEY,
		);
	});
});

describe("fits", () => {
	const op = (t: unknown, m?: unknown) => checkDocumentOp(t, m, DEFAULT_LIMITS);
	const bold = { bold: true };

	it("[OT-20] refuses an op that reaches past the end of its author's text, and says how long that is", () => {
		expect(fits(op([5, "a"]), 5)).toBeUndefined();
		expect(fits(op([2, { d: 3 }]), 5)).toBeUndefined();
		for (const t of [[6, "a"], [2, { d: 4 }], [{ d: 1e15 }]])
			expect(refusal(() => fits(op(t), 5))).toMatchObject({
				code: "OPERATION_INVALID",
				data: { reason: "range", length: 5 },
			});
	});

	it("[OT-21] refuses formatting past the end of the text after the op", () => {
		expect(fits(op([5, "ab"], [{ n: 7, a: bold }]), 5)).toBeUndefined();
		for (const [t, m, length] of [
			[[5, "ab"], [1, { n: 7, a: bold }], 7],
			[[{ d: 5 }], [{ n: 1, a: bold }], 0],
			[[], [{ n: 6, a: bold }], 5],
		])
			expect(refusal(() => fits(op(t, m), 5))).toMatchObject({
				code: "OPERATION_INVALID",
				data: { reason: "marks", length },
			});
	});
});
