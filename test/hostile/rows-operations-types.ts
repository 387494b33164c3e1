import {
	applied,
	CANARY,
	edit,
	insert,
	invalid,
	type MessageRow,
	malformed,
	TOO_MANY_KEYS,
} from "./message-row.ts";

const many = (count: number) =>
	Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
const attributes: readonly MessageRow[] = [
	...Object.entries({
		"an array": ["bold"],
		"a string": CANARY,
		"a number": 5,
	}).map(([name, value]) => ({
		row: 95,
		name: `attributes: ${name}`,
		frame: insert("x", { attributes: value }),
		expect: invalid("attributes"),
	})),
	{
		row: 95,
		name: "17 attributes",
		frame: insert("x", { attributes: many(17) }),
		expect: invalid("attributes", { max: 16 }),
	},
	...Object.entries({
		"a nested object": { a: { b: CANARY } },
		"an array as value": { a: [1] },
		"a value of 10 KiB": { a: "x".repeat(10_240) },
		"a value of 257 characters": { a: "x".repeat(257) },
		"half of a surrogate pair as value": { a: "\ud83d" },
		"a NUL in a value": { a: "\0" },
	}).map(([name, value]) => ({
		row: 95,
		name,
		frame: insert("x", { attributes: value }),
		expect: invalid("attributes", { key: "a", max: 256 }),
	})),
	...["1e400", "-1e400", "-0"].map((json) => ({
		row: 95,
		name: `the value ${json}`,
		frame: {
			type: "operation:edit",
			json: `{"prdId":"$doc","operation":{"type":"insert","position":0,"content":"x","revision":1,"attributes":{"a":${json}}}}`,
		},
		expect: invalid("attributes", { key: "a", max: 256 }),
	})),
	...[
		"k".repeat(200),
		"",
		"Bold",
		"1a",
		"a b",
		"a\0",
		"é",
		"toString",
		"valueOf",
		"hasOwnProperty",
		"__defineGetter__",
	].map((key) => ({
		row: 95,
		name: `the name ${JSON.stringify(key.slice(0, 20))}`,
		frame: insert("x", { attributes: { [key]: true } }),
		expect: invalid("attributes"),
	})),
	{
		row: 95,
		name: "null in an insert",
		frame: insert("x", { attributes: { bold: null } }),
		expect: invalid("attributes"),
	},
	{
		row: 95,
		name: "16 attributes, which is allowed",
		frame: insert("x", { attributes: many(16) }),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "insert", attributes: many(16) })],
		},
	},
];

const range = { position: 0, length: 1, revision: 1 };
const types: readonly MessageRow[] = [
	{
		row: 96,
		name: "a format without attributes",
		frame: edit({ type: "format", ...range }),
		expect: malformed("attributes"),
	},
	{
		row: 96,
		name: "a format that sets nothing",
		frame: edit({ type: "format", ...range, attributes: {} }),
		expect: invalid("attributes"),
	},
	{
		row: 96,
		name: "an insert with length",
		frame: insert("x", { length: 1 }),
		expect: malformed("length"),
	},
	{
		row: 96,
		name: "a delete with content",
		frame: edit({ type: "delete", ...range, content: CANARY }),
		expect: malformed("content"),
	},
	{
		row: 96,
		name: "a delete with attributes",
		frame: edit({ type: "delete", ...range, attributes: { a: CANARY } }),
		expect: malformed("attributes"),
	},
	{
		row: 96,
		name: "a retain with content",
		frame: edit({ type: "retain", ...range, content: CANARY }),
		expect: malformed("content"),
	},
	...["replace", "INSERT", "", "constructor", 5, null].map((type) => ({
		row: 96,
		name: `the type ${JSON.stringify(type)}`,
		frame: edit({ type, position: 0, content: CANARY, revision: 1 }),
		expect: malformed(
			"operation.type",
			type === null ? "required" : "enumValue",
		),
	})),
	...Object.entries({
		"the realtime seed's form as a format": "format",
		"the realtime seed's form as nothing known": "explode",
	}).map(([name, operation]) => ({
		row: 96,
		name,
		frame: {
			type: "document.update",
			data: { prdId: "$doc", operation, position: 0, text: CANARY, version: 1 },
		},
		expect: malformed("operation", "enumValue"),
	})),
	{
		row: 96,
		name: "the realtime seed's delete with text",
		frame: {
			type: "document.update",
			data: {
				prdId: "$doc",
				operation: "delete",
				position: 0,
				length: 1,
				text: CANARY,
				version: 1,
			},
		},
		expect: malformed("content"),
	},
	...[[], 5, true, null].map((operation) => ({
		row: 96,
		name: `the operation ${JSON.stringify(operation)}`,
		frame: edit(operation),
		expect: malformed("operation", operation === null ? "required" : "object"),
	})),
	{
		row: 97,
		name: "a retain without attributes, which does nothing",
		frame: edit({ type: "retain", ...range }),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "retain", position: 0, length: 0 })],
		},
	},
	{
		row: 108,
		name: "6,000 operations as a list",
		frame: edit(
			Array.from({ length: 6_000 }, () => ({ type: "retain", position: 0 })),
		),
		expect: TOO_MANY_KEYS,
	},
	{
		row: 108,
		name: "1,000 operations as a list",
		frame: edit(
			Array.from({ length: 1_000 }, () => ({ type: "retain", position: 0 })),
		),
		expect: malformed("operation", "object"),
	},
];

/** Types, and the fields of each. */
export const TYPE_ROWS: readonly MessageRow[] = [...attributes, ...types];
