import {
	applied,
	edit,
	insert,
	invalid,
	type MessageRow,
	malformed,
} from "./message-row.ts";
import { ENVELOPE_ROWS } from "./rows-messages-envelope.ts";
import { JSON_ROWS } from "./rows-messages-json.ts";

const NUMBERS = Object.entries({
	'"5"': "number",
	"1e400": "number",
	"1e300": "numberMax",
	"-0": "numberInteger",
	"1.5": "numberInteger",
	"9007199254740993": "numberMax",
	"-1": "numberMin",
	true: "number",
	"[5]": "number",
});
const numbers: readonly MessageRow[] = NUMBERS.flatMap(([json, rule]) => [
	{
		row: 69,
		name: `position ${json}`,
		frame: {
			type: "operation:edit",
			json: `{"prdId":"$doc","operation":{"type":"insert","content":"x","revision":1,"position":${json}}}`,
		},
		expect: malformed("operation.position", rule),
	},
	{
		row: 69,
		name: `revision ${json}`,
		frame: {
			type: "operation:edit",
			json: `{"prdId":"$doc","operation":{"op":["x"],"revision":${json}}}`,
		},
		expect: malformed("operation.revision", rule),
	},
	{
		row: 69,
		name: `version ${json}`,
		frame: {
			type: "document.update",
			json: `{"prdId":"$doc","operation":"insert","text":"x","position":0,"version":${json}}`,
		},
		expect: malformed("version", rule),
	},
	{
		row: 69,
		name: `lastKnownRevision ${json}`,
		frame: {
			type: "document:join",
			json: `{"prdId":"$doc","mode":"edit","lastKnownRevision":${json}}`,
		},
		expect: malformed("lastKnownRevision", rule),
	},
	{
		row: 69,
		name: `cursor.line ${json}`,
		frame: {
			type: "presence:cursor",
			json: `{"prdId":"$doc","cursor":{"line":${json},"ch":0}}`,
		},
		expect: { event: "error:presence", ...malformed("cursor.line", rule) },
	},
]);

/** Null is no way to say nothing. */
const nulls: readonly MessageRow[] = [
	...["length", "content", "attributes", "vectorClock", "revision", "opId"].map(
		(field) => ({
			row: 69,
			name: `null as ${field} of an operation`,
			frame: insert("x", { [field]: null }),
			expect: malformed(`operation.${field}`, "required"),
		}),
	),
	...["marks", "opId"].map((field) => ({
		row: 69,
		name: `null as ${field} of a native operation`,
		frame: edit({ op: ["x"], revision: 1, [field]: null }),
		expect: malformed(`operation.${field}`, "required"),
	})),
	...[
		"lastKnownVersion",
		"lastKnownRevision",
		"lastEpoch",
		"clientId",
		"unit",
		"format",
		"create",
	].map((field) => ({
		row: 69,
		name: `null as ${field} of a join`,
		frame: {
			type: "document:join",
			data: { prdId: "$doc", mode: "edit", [field]: null },
		},
		expect: malformed(field, "required"),
	})),
	...["lastVectorClocks", "lastRevisions", "modes", "sessionId"].map(
		(field) => ({
			row: 69,
			name: `null as ${field} of a recovery`,
			frame: {
				type: "session:recover",
				data: { activeSessions: ["$doc"], [field]: null },
			},
			expect: { event: "error:session", ...malformed(field, "required") },
		}),
	),
	{
		row: 69,
		name: "null as selection of a cursor",
		frame: {
			type: "presence:cursor",
			data: { prdId: "$doc", cursor: { line: 0, ch: 0 }, selection: null },
		},
		expect: { event: "error:presence", ...malformed("selection", "required") },
	},
];

const room = (rest: object) => ({
	type: "room:create",
	data: { room: "$doc-room", visibility: "public", ...rest },
});
const BAD_TEXTS = Object.entries({
	"a NUL": "a\u0000b",
	"half of a surrogate pair": "a\ud83d",
	"the other half": "\ude00b",
	"a pair the wrong way round": "\ude00\ud83d",
});
const badTexts: readonly MessageRow[] = BAD_TEXTS.flatMap(([name, text]) => [
	{
		row: 70,
		name: `${name} in content`,
		frame: insert(text),
		expect: invalid("content"),
	},
	{
		row: 70,
		name: `${name} in native content`,
		frame: {
			type: "operation:edit",
			data: { prdId: "$doc", operation: { op: [text], revision: 1 } },
		},
		expect: invalid("content"),
	},
	{
		row: 70,
		name: `${name} in a room's name`,
		frame: room({ name: text }),
		expect: { event: "error:room", ...malformed("name", "name") },
	},
	{
		row: 70,
		name: `${name} in a room's metadata`,
		frame: room({ metadata: { a: [text] } }),
		expect: { event: "error:room", ...malformed("metadata", "text") },
	},
	{
		row: 70,
		name: `${name} as a key of a room's metadata`,
		frame: room({ metadata: { [text]: 1 } }),
		expect: { event: "error:room", ...malformed("metadata", "text") },
	},
	{
		row: 70,
		name: `${name} in a person's id`,
		frame: {
			type: "room:invite",
			data: { room: "$doc", userId: text, role: "view" },
		},
		expect: { event: "error:room", ...malformed("userId", "userId") },
	},
]);

const inserted = (content: string): MessageRow["expect"] => ({
	ack: { revision: 3 },
	heard: [applied({ type: "insert", position: 0, content })],
});
const texts: readonly MessageRow[] = Object.entries({
	"U+FFFE and U+FFFF": [70, "a\ufffe\uffff"],
	"control characters": [70, "a\u0001\u001b[31m\u007f"],
	"direction overrides": [71, "\u202etxt.exe\u2066"],
	"characters of no width": [71, "a\u200b\u200d\ufeffb"],
	"an image that runs script": [72, "<img src=x onerror=alert(1)>"],
	"a link that runs script": [72, "[a](javascript:alert(1))"],
} as const).map(([name, [row, content]]) => ({
	row,
	name: `${name} in content, which is text`,
	frame: insert(content),
	expect: inserted(content),
}));

const LINKS = [
	"javascript:alert(1)",
	"JaVaScRiPt:alert(1)",
	" javascript:alert(1)",
	"java\nscript:alert(1)",
	"data:text/html,<script>alert(1)</script>",
	"vbscript:x",
	"//evil.example",
	"file:///etc/passwd",
];
const links: readonly MessageRow[] = [
	...LINKS.map((link) => ({
		row: 72,
		name: `the link ${JSON.stringify(link)}`,
		frame: insert("x", { attributes: { link } }),
		expect: invalid("attributes", { key: "link" }),
	})),
	...["https://example.com/?a=<b>", "mailto:a@example.com"].map((link) => ({
		row: 72,
		name: `the link ${link}, which is allowed`,
		frame: insert("x", { attributes: { link } }),
		expect: {
			ack: { revision: 3 },
			heard: [applied({ type: "insert", content: "x", attributes: { link } })],
		},
	})),
];

/** JSON and envelope. */
export const MESSAGE_ROWS: readonly MessageRow[] = [
	...JSON_ROWS,
	...ENVELOPE_ROWS,
	...numbers,
	...nulls,
	...badTexts,
	...texts,
	...links,
];
