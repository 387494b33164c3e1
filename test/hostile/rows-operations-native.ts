import {
	applied,
	CANARY,
	invalid,
	type MessageRow,
	malformed,
	type Refusal,
	TOO_MANY_KEYS,
} from "./message-row.ts";

const native = (op: unknown, marks?: unknown) => ({
	type: "operation:edit",
	data: { prdId: "$doc", operation: { op, marks, revision: 1 } },
});
const FORM = invalid("form");
const LENGTH = 11;
const pastEnd: Refusal = {
	code: "OPERATION_INVALID",
	data: { reason: "range", length: LENGTH },
};
const tooMany: Refusal = {
	code: "OPERATION_INVALID",
	data: { reason: "components", limit: "components", max: 1_000 },
};
const keys = (field: string): Refusal => ({
	code: "VALIDATION_FAILED",
	data: { field },
});

const BAD_FORMS = [
	"[true]",
	"[null]",
	"[[]]",
	"[{}]",
	'[{"d":"text"}]',
	'[{"d":0}]',
	'[{"d":-1}]',
	'[{"d":null}]',
	'[{"d":1e400}]',
	'[{"i":"x"}]',
	'[""]',
	"[0]",
	"[-1]",
	"[1.5]",
	'[1e400,"x"]',
	'[9007199254740993,"x"]',
	'["a","b"]',
	'[{"d":1},{"d":1}]',
	'[1,1,"a"]',
	'["a",1]',
	"[1]",
	'["5",5]',
];
const forms: readonly MessageRow[] = [
	...BAD_FORMS.map((op) => ({
		row: op.includes("1e400") ? 88 : 89,
		name: `the op ${op}`,
		frame: {
			type: "operation:edit",
			json: `{"prdId":"$doc","operation":{"op":${op},"revision":1}}`,
		},
		expect: FORM,
	})),
	{
		row: 89,
		name: "a delete with a second key",
		frame: native([{ d: 1, x: CANARY }]),
		expect: keys("op"),
	},
	...["text", 5, true, {}, null].map((op) => ({
		row: 89,
		name: `the op ${JSON.stringify(op)}`,
		frame: native(op),
		expect: {
			code: "VALIDATION_FAILED",
			data: {
				field: "operation.op",
				rule: op === null ? "required" : "array",
			},
		} satisfies Refusal,
	})),
	{
		row: 89,
		name: "an unknown key beside the op",
		frame: {
			type: "operation:edit",
			data: {
				prdId: "$doc",
				operation: { op: ["x"], revision: 1, undo: CANARY },
			},
		},
		expect: malformed("operation", "objectStrict"),
	},
	{
		row: 89,
		name: "no component, which does nothing",
		frame: native([]),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "retain", position: 0, length: 0 })],
		},
	},
];

const MAX = Number.MAX_SAFE_INTEGER;
const ranges: readonly MessageRow[] = Object.entries({
	"deletes 1e15": [{ d: 1e15 }],
	"skips to past the end": [LENGTH + 1, "x"],
	"skips the largest number": [MAX, "x"],
	"skips and deletes more than a number holds": [MAX, { d: MAX }],
	"deletes past the end behind an insert": ["x".repeat(50), { d: LENGTH + 1 }],
}).map(([name, op]) => ({
	row: 88,
	name: `an op that ${name}`,
	frame: native(op),
	expect: pastEnd,
}));

const alternating = (count: number) =>
	Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : "x"));
const components: readonly MessageRow[] = [
	...[1_001, 4_000, 10_000].map((count) => ({
		row: count === 10_000 ? 108 : 93,
		name: `an op of ${count} components`,
		text: "y".repeat(6_000),
		frame: native(alternating(count)),
		expect: tooMany,
	})),
	{
		row: 93,
		name: "an op of 1,000 components, which is allowed",
		text: "y".repeat(500),
		frame: native(alternating(1_000)),
		expect: {
			ack: { revision: 3 },
			heard: Array.from({ length: 500 }, (_, i) => ({
				type: "operation:applied",
				data: { part: i + 1, parts: 500 },
			})),
		},
	},
];

const BOLD = { n: 1, a: { bold: true } };
const marks: readonly MessageRow[] = [
	...Object.entries({
		"past the end": [[], [{ n: LENGTH + 1, a: { bold: true } }]],
		"that skip to past the end": [[], [LENGTH, { n: 1, a: { bold: true } }]],
		"past the end that a delete has moved": [
			[{ d: 5 }],
			[{ n: LENGTH, a: { bold: true } }],
		],
		"of the largest number": [[], [MAX, { n: MAX, a: { bold: true } }]],
	}).map(([name, [op, value]]) => ({
		row: 111,
		name: `marks ${name}`,
		frame: native(op, value),
		expect: invalid("marks", {
			length: name.includes("delete") ? LENGTH - 5 : LENGTH,
		}),
	})),
	...Object.entries({
		"a skip at the end": [1],
		"a mark on nothing": [{ n: 0, a: { bold: true } }],
		"a mark of less than nothing": [{ n: -1, a: { bold: true } }],
		"a mark without attributes": [{ n: 1 }],
		"attributes without a mark": [{ a: { bold: true } }],
		"a text": ["x"],
		"an empty list as a mark": [[]],
		null: [null],
		"two equal neighbours": [
			{ n: 1, a: { bold: true } },
			{ n: 1, a: { bold: true } },
		],
		"two skips": [1, 1, { n: 1, a: { bold: true } }],
	}).map(([name, value]) => ({
		row: 111,
		name: `marks: ${name}`,
		frame: native([], value),
		expect: FORM,
	})),
	{
		row: 111,
		name: "a mark that sets nothing",
		frame: native([], [{ n: 1, a: {} }]),
		expect: invalid("attributes"),
	},
	{
		row: 111,
		name: "a mark with a third key",
		frame: native([], [{ n: 1, a: { bold: true }, x: CANARY }]),
		expect: keys("marks"),
	},
	...[1_001, 10_000].map((count) => ({
		row: 111,
		name: `${count} marks`,
		frame: native(
			[],
			Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : BOLD)),
		),
		expect: count > 4_096 ? TOO_MANY_KEYS : tooMany,
	})),
	{
		row: 111,
		name: "marks that are no list",
		frame: native([], { n: 1, a: { bold: true } }),
		expect: malformed("operation.marks", "array"),
	},
];

/** Operations in the form of the engine. */
export const NATIVE_ROWS: readonly MessageRow[] = [
	...forms,
	...ranges,
	...components,
	...marks,
];
