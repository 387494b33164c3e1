import { CANARY, type MessageRow, type Refusal } from "./message-row.ts";
import { RECOVERY_ROWS } from "./rows-auth-recovery.ts";
import { ROOM_ROWS } from "./rows-auth-rooms.ts";

const CURSOR = { cursor: { line: 0, ch: 0 } };
const insert = {
	type: "operation:edit",
	data: {
		prdId: "$doc",
		operation: { type: "insert", position: 0, content: CANARY, revision: 1 },
	},
};
const join = (prdId: string, rest: object = {}) => ({
	type: "document:join",
	data: { prdId, mode: "edit", ...rest },
});
const forbidden = (event = "error:operation"): Refusal => ({
	event,
	code: "FORBIDDEN",
});
const message = (rest: object = {}) => ({
	type: "room:message",
	data: { room: "$doc", event: "hello", payload: CANARY, ...rest },
});

const strangers: readonly MessageRow[] = [
	{ event: "error:operation", frame: insert },
	{
		event: "error:operation",
		frame: { type: "document:leave", data: { prdId: "$doc" } },
	},
	{
		event: "error:presence",
		frame: { type: "presence:cursor", data: { prdId: "$doc", ...CURSOR } },
	},
	{
		event: "error:presence",
		frame: {
			type: "presence:status",
			data: { prdId: "$doc", status: "typing" },
		},
	},
].map(({ event, frame }) => ({
	row: 79,
	name: `${frame.type} without a join`,
	join: null,
	frame,
	expect: { event, code: "NOT_JOINED", data: { prdId: "$doc" } },
}));

const outside: readonly MessageRow[] = [
	...[message(), { type: "room:leave", data: { room: "$doc" } }].map(
		(frame) => ({
			row: 79,
			name: `${frame.type} without a join`,
			join: null,
			frame,
			expect: {
				event: "error:room",
				code: "NOT_JOINED",
				data: { room: "$doc" },
			} satisfies Refusal,
		}),
	),
	{
		row: 79,
		name: "an edit after leaving",
		setup: [{ type: "document:leave", data: { prdId: "$doc" } }],
		frame: insert,
		expect: { code: "NOT_JOINED", data: { prdId: "$doc" } },
	},
	{
		row: 79,
		name: "an edit of another document",
		frame: {
			type: "operation:edit",
			data: { ...insert.data, prdId: "elsewhere" },
		},
		expect: { code: "NOT_JOINED", data: { prdId: "elsewhere" } },
	},
];

const roles: readonly MessageRow[] = [
	{
		row: 80,
		name: "an edit by who may look on",
		role: "view",
		join: { mode: "view" },
		frame: insert,
		expect: forbidden(),
	},
	{
		row: 80,
		name: "an edit by who may comment",
		role: "comment",
		join: { mode: "comment" },
		frame: insert,
		expect: forbidden(),
	},
	{
		row: 80,
		name: "an edit by who has joined to look on",
		join: { mode: "view" },
		frame: insert,
		expect: forbidden(),
	},
	{
		row: 80,
		name: "the realtime seed's edit by who may look on",
		role: "view",
		join: { mode: "view" },
		frame: {
			type: "document.update",
			room: "$doc",
			data: { operation: "insert", position: 0, text: CANARY, version: 1 },
		},
		expect: forbidden(),
	},
	{
		row: 80,
		name: "a message by who may look on",
		role: "view",
		join: { mode: "view" },
		frame: message(),
		expect: forbidden("error:room"),
	},
	...[
		["view", "edit"],
		["view", "comment"],
		["comment", "edit"],
	].map(([role = "", mode]) => ({
		row: 80,
		name: `joining to ${mode} with the role ${role}`,
		role,
		join: null,
		frame: join("$doc", { mode }),
		expect: forbidden(),
	})),
	...["owner", "admin", "EDIT", "", 5, null, ["edit"]].map((mode) => ({
		row: 80,
		name: `the mode ${JSON.stringify(mode)}`,
		join: null,
		frame: join("$doc", { mode }),
		expect: {
			code: "VALIDATION_FAILED",
			data: {
				field: "mode",
				rule: mode === null ? "required" : "enumValue",
			},
		} satisfies Refusal,
	})),
	{
		row: 80,
		name: "a document of other people",
		role: null,
		join: null,
		frame: join("$doc"),
		expect: forbidden(),
	},
	{
		row: 80,
		name: "a room of other people",
		role: null,
		join: null,
		frame: { type: "room:join", data: { room: "$doc" } },
		expect: forbidden("error:room"),
	},
	{
		row: 80,
		name: "a document that the token does not name",
		join: null,
		frame: join("elsewhere"),
		expect: forbidden(),
	},
	{
		row: 80,
		name: "a document that is not there, which the token does not name",
		join: null,
		frame: join("nowhere"),
		expect: forbidden(),
	},
];

const names: readonly MessageRow[] = Object.entries({
	"__proto__ as a name": JSON.parse('{"__proto__":"edit"}'),
	"the role owner": { "*": "owner" },
	"the role admin": { $doc: "admin" },
	"a role in capitals": { $doc: "EDIT" },
	"an object as role": { $doc: { role: "edit" } },
	"a list as role": { $doc: ["edit"] },
	"true as role": { $doc: true },
	"a regular expression": { "attacked-(\\d+)+$": "edit", ".*": "edit" },
	"a star in the middle": { "attacked*-1": "edit", "*attacked": "edit" },
	"a role that hides a shorter prefix's": { "*": "edit", "attacked-*": "none" },
	"no name": {},
}).map(([name, rights]) => ({
	row: 78,
	name: `permissions with ${name}`,
	rights,
	join: null,
	frame: join("$doc"),
	expect: forbidden(),
}));
const inherited: readonly MessageRow[] = [
	"constructor",
	"toString",
	"hasOwnProperty",
].map((id) => ({
	row: 78,
	name: `a document called ${id}`,
	join: null,
	frame: join(id),
	expect: forbidden(),
}));

const fifty = Array.from({ length: 49 }, (_, i) => join(`$doc-${i}`));
const amounts: readonly MessageRow[] = [
	{
		row: 81,
		name: "the 51st document",
		setup: fifty,
		frame: join("$doc-last"),
		expect: {
			code: "RATE_LIMITED",
			data: { limit: "documents", max: 50 },
		},
	},
];

/** Rooms and rights. */
export const AUTH_ROWS: readonly MessageRow[] = [
	...names,
	...inherited,
	...strangers,
	...outside,
	...roles,
	...amounts,
	...RECOVERY_ROWS,
	...ROOM_ROWS,
];
