import {
	CANARY,
	type MessageRow,
	malformed,
	protocol,
	type Refusal,
	unknown,
} from "./message-row.ts";

const nested = (depth: number): string =>
	`${"[".repeat(depth)}${"]".repeat(depth)}`;
const keys = (count: number): string =>
	Array.from({ length: count }, (_, i) => `"k${i}":0`).join();

const notJson: readonly MessageRow[] = Object.entries({
	"no JSON at all": CANARY,
	"a truncated frame": `{"type":"ping","data":{"a":"${CANARY}`,
	"a byte order mark": '\ufeff{"type":"ping"}',
	NaN: '{"type":"ping","data":{"n":NaN}}',
	"a trailing comma": '{"type":"ping","data":{},}',
	"two objects": '{"type":"ping"}{"type":"ping"}',
	"single quotes": "{'type':'ping'}",
	"a comment": '{"type":"ping"/* */}',
	"a NUL behind it": '{"type":"ping"}\0',
	"a line feed in a string": '{"type":"ping\n"}',
}).map(([name, text]) => ({
	row: 58,
	name,
	frame: { text },
	expect: protocol({ reason: "json" }),
}));

const notAnObject: readonly MessageRow[] = Object.entries({
	"an array": '[{"type":"ping"}]',
	"a string": `"${CANARY}"`,
	"a number": "5",
	null: "null",
	true: "true",
}).map(([name, text]) => ({
	row: 59,
	name,
	frame: { text },
	expect: protocol({ field: "$" }),
}));

const badData: readonly MessageRow[] = Object.entries({
	"an array as data": [{}],
	"a string as data": CANARY,
	"a number as data": 5,
	"true as data": true,
}).map(([name, data]) => ({
	row: 59,
	name,
	frame: { type: "document:leave", data },
	expect: protocol({ field: "data" }, "document:leave"),
}));

const tooMuch: readonly MessageRow[] = [
	{
		row: 60,
		name: "nesting 32,768 deep",
		frame: { text: `{"type":"ping","data":{"x":${nested(32_768)}}}` },
		expect: protocol({ reason: "depth" }),
	},
	{
		row: 60,
		name: "nesting 33 deep",
		frame: { text: `{"type":"ping","data":{"x":${nested(31)}}}` },
		expect: protocol({ reason: "depth" }),
	},
	{
		row: 60,
		name: "brackets that never close",
		frame: { text: "[".repeat(100_000) },
		expect: protocol({ reason: "depth" }),
	},
	{
		row: 60,
		name: "nesting 32 deep, which is allowed",
		frame: { type: "ping", json: `{"x":${nested(30)}}` },
		expect: { ack: {} },
	},
	{
		row: 60,
		name: "brackets in a string, which are text",
		frame: { type: "ping", data: { x: "[".repeat(1_000) } },
		expect: { ack: {} },
	},
	{
		row: 61,
		name: "6,000 keys",
		frame: { text: `{"type":"ping","data":{${keys(6_000)}}}` },
		expect: protocol({ reason: "keys" }),
	},
	{
		row: 61,
		name: "a key of 60 KiB in data, which is dropped",
		frame: { type: "ping", data: { ["k".repeat(61_440)]: 1 } },
		expect: { ack: {} },
	},
	{
		row: 61,
		name: "a key of 60 KiB in an operation",
		frame: {
			type: "operation:edit",
			data: {
				prdId: "$doc",
				operation: {
					type: "insert",
					position: 0,
					content: CANARY,
					revision: 1,
					["k".repeat(61_440)]: 1,
				},
			},
		},
		expect: malformed("operation", "objectStrict"),
	},
];

const OPERATION =
	'"type":"insert","position":0,"content":"hush4711","revision":1';
const prototypes: readonly MessageRow[] = [
	...["__proto__", "constructor", "prototype", "__pr\\u006fto__"].flatMap(
		(key) =>
			Object.entries({
				"in data": `{"prdId":"$doc","${key}":{"mode":"edit"},"operation":{${OPERATION}}}`,
				"in the operation": `{"prdId":"$doc","operation":{${OPERATION},"${key}":{}}}`,
				"in attributes": `{"prdId":"$doc","operation":{${OPERATION},"attributes":{"${key}":1}}}`,
				"in the clock": `{"prdId":"$doc","operation":{${OPERATION},"vectorClock":{"${key}":1}}}`,
			}).map(([where, json]) => ({
				row: 62,
				name: `${key} ${where}`,
				frame: { type: "operation:edit", json },
				expect: {
					code: "VALIDATION_FAILED",
					data: { reason: "key" },
				} satisfies Refusal,
			})),
	),
	{
		row: 62,
		name: "__proto__ in the frame",
		frame: { text: '{"type":"ping","__proto__":{"data":{}}}' },
		expect: {
			event: "error:ping",
			code: "VALIDATION_FAILED",
			data: { reason: "key" },
			operation: "ping",
		},
	},
	{
		row: 62,
		name: "__proto__ as the type",
		frame: { type: "__proto__", data: {} },
		expect: unknown("__proto__"),
	},
];

const duplicates: readonly MessageRow[] = [
	{
		row: 63,
		name: "two types: the last one is meant",
		frame: { text: '{"type":"ping","type":"operation:applied","data":{}}' },
		expect: unknown("operation:applied"),
	},
	{
		row: 63,
		name: "two documents: rights are those on the last one",
		frame: {
			type: "operation:edit",
			json: `{"prdId":"$doc","operation":{${OPERATION}},"prdId":"elsewhere"}`,
		},
		expect: { code: "NOT_JOINED", data: { prdId: "elsewhere" } },
	},
];

/** JSON, before anybody looks at what it says. */
export const JSON_ROWS: readonly MessageRow[] = [
	...notJson,
	...notAnObject,
	...badData,
	...tooMuch,
	...prototypes,
	...duplicates,
];
