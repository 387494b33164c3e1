import {
	CANARY,
	type MessageRow,
	malformed,
	type Refusal,
} from "./message-row.ts";

const forbidden = (event = "error:operation"): Refusal => ({
	event,
	code: "FORBIDDEN",
});
const message = (rest: object = {}) => ({
	type: "room:message",
	data: { room: "$doc", event: "hello", payload: CANARY, ...rest },
});

const owners: readonly MessageRow[] = [
	...[
		["room:invite", { userId: "eve", role: "edit" }],
		["room:invite", { userId: "mallory", role: "owner" }],
		["room:kick", { userId: "neighbour" }],
		["room:kick", { userId: "nobody" }],
	].flatMap(([type, rest]) =>
		["view", "edit"].map((role) => ({
			row: 85,
			name: `${type} ${JSON.stringify(rest)} with the role ${role}`,
			role,
			join: { mode: "view" },
			frame: {
				type: String(type),
				data: { room: "$doc", ...(rest as object) },
			},
			expect: forbidden("error:room"),
		})),
	),
	...[
		["room:kick", { userId: "mallory" }],
		["room:invite", { userId: "mallory", role: "view" }],
	].map(([type, rest]) => ({
		row: 85,
		name: `${type} ${JSON.stringify(rest)} by the owner`,
		role: null,
		join: null,
		setup: [
			{
				type: "room:create",
				data: { room: "$doc-own", visibility: "private" },
			},
		],
		frame: {
			type: String(type),
			data: { room: "$doc-own", ...(rest as object) },
		},
		expect: { event: "error:room", code: "INVALID_STATE" } satisfies Refusal,
	})),
	...["admin", "OWNER", "", 5].map((role) => ({
		row: 85,
		name: `an invitation to be ${JSON.stringify(role)}`,
		frame: {
			type: "room:invite",
			data: { room: "$doc", userId: "eve", role },
		},
		expect: { event: "error:room", ...malformed("role", "enumValue") },
	})),
	{
		row: 85,
		name: "an invitation to a room that is not there",
		role: null,
		join: null,
		frame: {
			type: "room:invite",
			data: { room: "$doc-none", userId: "eve", role: "view" },
		},
		expect: { event: "error:room", code: "NOT_FOUND" },
	},
];

const imitations: readonly MessageRow[] = [
	"operation:applied",
	"permission:changed",
	"security:alert",
	"connection:closing",
	"disconnect",
	"__proto__",
].map((event) => ({
	row: 86,
	name: `a message that calls itself ${event}`,
	frame: message({ event, payload: { prdId: "$doc", mode: null } }),
	expect: {
		ack: {},
		heard: [
			{
				type: "room:message",
				data: {
					room: "$doc",
					event,
					payload: { prdId: "$doc", mode: null },
					from: { userId: "mallory" },
				},
			},
		],
	},
}));
const messages: readonly MessageRow[] = [
	{
		row: 86,
		name: "a message that says whose it is, which is not believed",
		frame: message({ from: { userId: "neighbour", userName: "neighbour" } }),
		expect: {
			ack: {},
			heard: [{ type: "room:message", data: { from: { userId: "mallory" } } }],
		},
	},
	...["", "e".repeat(65), 5, null].map((event) => ({
		row: 86,
		name: `a message called ${JSON.stringify(event)?.slice(0, 8)}`,
		frame: message({ event }),
		expect: {
			event: "error:room",
			code: "VALIDATION_FAILED",
			data: { field: "event", rule: ruleOf(event) },
		} satisfies Refusal,
	})),
	{
		row: 86,
		name: "a message of 64 KiB",
		frame: message({ payload: "x".repeat(65_536) }),
		expect: {
			event: "error:room",
			code: "PAYLOAD_TOO_LARGE",
			data: { limit: "roomMessageBytes", max: 65_536 },
		},
	},
];

function ruleOf(event: string | number | null): string {
	if (event === null) return "required";
	if (event === "") return "stringMin";
	return typeof event === "string" ? "stringMax" : "string";
}

/** Generic rooms: their owners, and what is said in them. */
export const ROOM_ROWS: readonly MessageRow[] = [
	...owners,
	...imitations,
	...messages,
];
