import { EVENTS } from "../../src/protocol/events.ts";
import {
	CANARY,
	type MessageRow,
	malformed,
	protocol,
	unknown,
} from "./message-row.ts";

const LONG = "x".repeat(200_000);
const noType: readonly MessageRow[] = [
	...Object.entries({
		"no type": {},
		"a number as type": { type: 5 },
		"null as type": { type: null },
		"an object as type": { type: { toString: "ping" } },
		"an array as type": { type: ["ping"] },
	}).map(([name, frame]) => ({
		row: 64,
		name,
		frame: { text: JSON.stringify({ ...frame, data: { x: CANARY } }) },
		expect: unknown(""),
	})),
	...[
		"",
		LONG,
		"operation:edit\u0000",
		"operation:edit ",
		"operation:.edit",
		"operation/edit",
		"OPERATION:EDIT",
		"operation:edit:operation",
		"document:update.",
		"toString",
		"constructor",
		"error:*",
	].map((type) => ({
		row: 64,
		name: `the type ${JSON.stringify(type.slice(0, 30))}`,
		frame: { type, data: { x: CANARY } },
		expect: unknown(type.slice(0, 64)),
	})),
];

const serverEvents: readonly MessageRow[] = Object.entries(EVENTS)
	.filter(([, { direction }]) => direction === "server")
	.flatMap(([name]) => [name, name.replaceAll(":", ".")])
	.map((type) => ({
		row: 65,
		name: `${type}, which only the server says`,
		frame: { type, data: { prdId: "$doc", content: CANARY } },
		expect: unknown(type),
	}));

/** Events of other parts of the protocol that this server does not have. */
const missingEvents: readonly MessageRow[] = ["admin:shutdown", "eval"].map(
	(type) => ({
		row: 65,
		name: `${type}, which nobody says`,
		frame: { type, data: { prdId: "$doc" } },
		expect: unknown(type),
	}),
);

const ids: readonly MessageRow[] = Object.entries({
	"an id of 10 KiB": "i".repeat(10_240),
	"an id of 65 characters": "i".repeat(65),
	"an empty id": "",
	"a number as id": 5,
	"an object as id": { id: "a" },
	"null as id": null,
}).map(([name, id]) => ({
	row: 66,
	name,
	frame: { type: "ping", data: {}, id },
	expect: protocol({ field: "id" }, "ping"),
}));

const rooms: readonly MessageRow[] = [
	{
		row: 67,
		name: "room and prdId differ",
		frame: {
			type: "document:leave",
			room: "elsewhere",
			data: { prdId: "$doc" },
		},
		expect: protocol({ field: "room" }, "document:leave"),
	},
	{
		row: 67,
		name: "a number as room",
		frame: { type: "document:leave", room: 5, data: { prdId: "$doc" } },
		expect: protocol({ field: "room" }, "document:leave"),
	},
	{
		row: 67,
		name: "room and data.room differ",
		doors: ["raw"],
		frame: { type: "room:leave", room: "elsewhere", data: { room: "$doc" } },
		expect: protocol({ field: "room" }, "room:leave"),
	},
];

const BAD_IDS = Object.entries({
	"NATS wildcard >": "prd.>",
	"NATS wildcard *": "prd.*",
	"a space": "prd 1",
	"a slash": "prd/1",
	"dots that climb": "../../etc/passwd",
	"a NUL": "prd\u0000",
	"a line feed": "prd\n",
	"5 KiB": "p".repeat(5_120),
	"129 characters": "p".repeat(129),
	"no character": "",
	"a dot first": ".prd",
	"a letter that is not ASCII": "prdé",
	"a number": 5,
	"an array": ["prd"],
	null: null,
});
const documentIds: readonly MessageRow[] = BAD_IDS.flatMap(([name, id]) => {
	const rule = ruleOf(id);
	return [
		{
			row: 68,
			name: `${name} in a document's id`,
			frame: { type: "document:join", data: { prdId: id, mode: "edit" } },
			expect: malformed("prdId", rule),
		},
		{
			row: 68,
			name: `${name} in a room's id`,
			frame: {
				type: "room:create",
				data: { room: id, visibility: "public" },
			},
			// On Socket.IO, as on the raw door beside the data, the envelope's room is a string.
			...(typeof id === "string" ? {} : { doors: ["raw"] as const }),
			expect: { event: "error:room", ...malformed("room", rule) },
		},
	];
});

function ruleOf(id: unknown): string {
	if (id === null) return "required";
	return typeof id === "string" ? "docId" : "string";
}

/** The envelope: types, ids, rooms, ids of documents. */
export const ENVELOPE_ROWS: readonly MessageRow[] = [
	...noType,
	...serverEvents,
	...missingEvents,
	...ids,
	...rooms,
	...documentIds,
];
