import {
	applied,
	CANARY,
	edit,
	insert,
	invalid,
	type MessageRow,
	malformed,
} from "./message-row.ts";
import { CLOCK_ROWS } from "./rows-operations-base.ts";
import { NATIVE_ROWS } from "./rows-operations-native.ts";
import { TYPE_ROWS } from "./rows-operations-types.ts";

const remove = (position: number, length: unknown) =>
	edit({ type: "delete", position, length, revision: 1 });
/** "hello world" */
const LENGTH = 11;

const positions: readonly MessageRow[] = [
	...Object.entries({
		"-1": "numberMin",
		"1.5": "numberInteger",
		'"7"': "number",
		null: "required",
		"9007199254740992": "numberMax",
	}).map(([json, rule]) => ({
		row: 87,
		name: `position ${json}`,
		frame: {
			type: "operation:edit",
			json: `{"prdId":"$doc","operation":{"type":"delete","length":1,"revision":1,"position":${json}}}`,
		},
		expect: malformed("operation.position", rule),
	})),
	{
		row: 87,
		name: "no position",
		frame: edit({ type: "insert", content: CANARY, revision: 1 }),
		expect: malformed("operation.position", "required"),
	},
	...[LENGTH + 1, 2 ** 31, Number.MAX_SAFE_INTEGER].map((position) => ({
		row: 87,
		name: `an insert at ${position}, past the end`,
		frame: insert(CANARY, { position }),
		expect: invalid("range", { length: LENGTH }),
	})),
	{
		row: 87,
		name: "the realtime seed's form past the end",
		frame: {
			type: "document.update",
			room: "$doc",
			data: { operation: "insert", position: 42, text: CANARY, version: 1 },
		},
		expect: invalid("range", { length: LENGTH }),
	},
	{
		row: 87,
		name: "a format past the end",
		frame: edit({
			type: "format",
			position: 10,
			length: 2,
			attributes: { bold: true },
			revision: 1,
		}),
		expect: invalid("marks", { length: LENGTH }),
	},
	{
		row: 87,
		name: "an insert at the end, which is allowed",
		frame: insert("!", { position: LENGTH }),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "insert", position: LENGTH + 1, content: "!" })],
		},
	},
];

const lengths: readonly MessageRow[] = [
	...["0", "-3", "1e400", "1.5", "-0", "1e300"].map((json) => ({
		row: 88,
		name: `length ${json}`,
		frame: {
			type: "operation:edit",
			json: `{"prdId":"$doc","operation":{"type":"delete","position":0,"revision":1,"length":${json}}}`,
		},
		expect: invalid("range"),
	})),
	...Object.entries({
		'"3"': "3",
		"[3]": [3],
		"no length": undefined,
	}).map(([name, length]) => ({
		row: 88,
		name: `length: ${name}`,
		frame: remove(0, length),
		expect: malformed("length"),
	})),
	...[
		[0, LENGTH + 1],
		[LENGTH, 1],
		[5, Number.MAX_SAFE_INTEGER],
		[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
	].map(([position = 0, length]) => ({
		row: 88,
		name: `a delete of ${length} at ${position}, past the end`,
		frame: remove(position, length),
		expect: invalid("range", { length: LENGTH }),
	})),
];

const contents: readonly MessageRow[] = [
	{
		row: 90,
		name: "empty content",
		frame: insert(""),
		expect: invalid("content"),
	},
	...Object.entries({
		"no content": undefined,
		"a number as content": 5,
		"an array as content": [CANARY],
	}).map(([name, content]) => ({
		row: 90,
		name,
		frame: insert(content),
		expect: malformed("content"),
	})),
	{
		row: 90,
		name: "65,537 characters",
		frame: insert("x".repeat(65_537)),
		expect: {
			code: "PAYLOAD_TOO_LARGE",
			data: { limit: "insertCodePoints", max: 65_536 },
		},
	},
	{
		row: 90,
		name: "65,536 characters, which is allowed",
		frame: insert("x".repeat(65_536)),
		expect: { ack: { revision: 3 }, heard: [applied({ type: "insert" })] },
	},
	{
		row: 90,
		name: "65,537 characters in two components",
		frame: edit({
			op: ["x".repeat(32_768), 1, "x".repeat(32_769)],
			revision: 1,
		}),
		expect: {
			code: "PAYLOAD_TOO_LARGE",
			data: { limit: "insertCodePoints", max: 65_536 },
		},
	},
];

const surrogates: readonly MessageRow[] = [
	{
		row: 91,
		name: "an insert inside a surrogate pair",
		text: "a😀b",
		frame: insert("x", { position: 2 }),
		expect: invalid("surrogate", { position: 2 }),
	},
	{
		row: 91,
		name: "a delete that begins inside a surrogate pair",
		text: "a😀b",
		frame: remove(2, 1),
		expect: invalid("surrogate", { position: 2 }),
	},
	{
		row: 91,
		name: "a delete that ends inside a surrogate pair",
		text: "a😀b",
		frame: remove(0, 2),
		expect: invalid("surrogate", { position: 2 }),
	},
	{
		row: 91,
		name: "code points, where no position is inside",
		text: "a😀b",
		join: { unit: "codepoint" },
		frame: insert("x", { position: 2 }),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "insert", position: 4, content: "x" })],
		},
	},
	{
		row: 92,
		name: "an insert between \\r and \\n",
		text: "a\r\nb",
		frame: insert("x", { position: 2 }),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "insert", position: 3, content: "x" })],
		},
	},
	{
		row: 92,
		name: "an insert inside a family of emoji",
		text: "👨\u200d👩\u200d👧",
		frame: insert("x", { position: 3 }),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "insert", position: 4, content: "x" })],
		},
	},
	{
		row: 92,
		name: "\\r\\n, which is stored as sent",
		frame: insert("a\r\nb\r"),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "insert", content: "a\r\nb\r" })],
		},
	},
];

const FULL = "x".repeat(65_536);
const fill = Array.from({ length: 31 }, () => insert(FULL));
const sizes: readonly MessageRow[] = [
	{
		row: 94,
		name: "an insert that would overfill the document",
		setup: fill,
		frame: insert(FULL),
		expect: {
			code: "PAYLOAD_TOO_LARGE",
			data: { limit: "documentBytes", max: 2_097_152 },
		},
	},
	{
		row: 94,
		name: "a delete in a document that is full",
		setup: [...fill, insert("y".repeat(65_000))],
		frame: remove(0, 65_000),
		expect: {
			ack: { revision: 35 },
			heard: [applied({ type: "delete", length: 65_000 })],
		},
	},
];

/** Operations. */
export const OPERATION_ROWS: readonly MessageRow[] = [
	...positions,
	...lengths,
	...NATIVE_ROWS,
	...contents,
	...surrogates,
	...sizes,
	...TYPE_ROWS,
	...CLOCK_ROWS,
];
