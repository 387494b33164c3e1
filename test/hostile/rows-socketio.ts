import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";
import { clientFrame } from "../support/bytes.ts";
import { type Expected, type FrameRow, MARK } from "./row.ts";

const said = (
	row: number,
	name: string,
	expect: Expected,
	...packets: readonly string[]
): FrameRow => ({
	row,
	name,
	door: "socketio",
	frames: packets.map((packet) => clientFrame(packet)),
	expect,
});
const unknown = (
	...[row, name, expect, ...packets]: Parameters<typeof said>
): FrameRow => ({ ...said(row, name, expect, ...packets), known: false });

const bytes = clientFrame(MARK, { first: 0x82 });
const withBytes = (row: FrameRow): FrameRow => ({
	...row,
	frames: [...(row.frames as readonly Buffer[]), bytes],
});
const placeholder = (num: number): string =>
	JSON.stringify(["ping", { note: MARK, pad: { _placeholder: true, num } }]);
const args = (...list: readonly unknown[]): string =>
	`42/ws,${JSON.stringify(list)}`;

const bad = { closing: 1002 } as const;
const binary = { closing: 1003 } as const;
const ended = { end: true } as const;
const unknownEvent = { error: "UNKNOWN_EVENT" } as const;
const ignored = { ignored: true } as const;

/** 48, 51, 52: what is no packet ends the connection. */
export const PACKET_ROWS: readonly FrameRow[] = [
	unknown(48, "an event before CONNECT", ended, args("ping", { note: MARK })),
	unknown(48, "an unknown packet before CONNECT", ended, `49/ws,["${MARK}"]`),
	unknown(48, "no JSON in CONNECT", ended, `40/ws,{"token":"${MARK}"`),
	unknown(
		48,
		"a CONNECT over 8 KiB",
		ended,
		`40/ws,{"token":"${MARK.padEnd(8_192)}"}`,
	),
	said(48, "an unknown packet type", bad, `49/ws,["${MARK}"]`),
	said(48, "a CONNECT_ERROR", bad, `44/ws,{"message":"${MARK}"}`),
	said(48, "a second CONNECT", bad, `40/ws,{"token":"${MARK}"}`),
	said(48, "no JSON", bad, `42/ws,["ping",{"note":"${MARK}"}`),
	said(48, "no list", bad, `42/ws,{"ping":"${MARK}"}`),
	said(48, "nothing", bad, "42/ws,"),
	said(48, "a name that is an object", bad, args({ note: MARK })),
	said(48, "a name that is null", bad, args(null, MARK)),
	...["connect", "connect_error", "disconnect", "newListener"].map((name) =>
		said(48, `the reserved name ${name}`, bad, args(name, MARK)),
	),
	said(
		48,
		"a namespace without end",
		bad,
		`42/${MARK.padEnd(200, "x")},["ping"]`,
	),
	said(48, "an engine packet of type z", ended, `z${MARK}`),
	withBytes(said(51, "an attachment", binary, `451-/ws,${placeholder(0)}`)),
	withBytes(
		said(51, "eleven attachments", binary, `4511-/ws,${placeholder(0)}`),
	),
	withBytes(
		said(51, "a placeholder out of range", binary, `451-/ws,${placeholder(9)}`),
	),
	said(
		51,
		"text for an attachment",
		binary,
		`451-/ws,${placeholder(0)}`,
		args("ping"),
	),
	said(51, "an ack with an attachment", binary, `461-/ws,3${placeholder(0)}`),
	withBytes(said(51, "bytes alone", bad)),
	said(
		52,
		"a packet over the announced limit",
		{ close: 1009 },
		args("ping", { note: MARK.padEnd(DEFAULT_LIMITS.frameBytes) }),
	),
];

/** 49, 54, 55: packets that ask for what is not there, or in a strange way. */
export const REQUEST_ROWS: readonly FrameRow[] = [
	said(49, "a number for a name", unknownEvent, args(5, { note: MARK })),
	said(49, "__proto__", unknownEvent, args("__proto__", { note: MARK })),
	said(49, "constructor", unknownEvent, args("constructor", { note: MARK })),
	said(
		49,
		"the door's own word",
		unknownEvent,
		args("incoming", { note: MARK }),
	),
	said(49, "5 KiB", unknownEvent, args("x".repeat(5_120), { note: MARK })),
	said(54, "no callback where one is expected", ignored, args("ping", {})),
	said(
		54,
		"three arguments",
		{
			error: "VALIDATION_FAILED",

			data: { field: "data" },
		},
		args("document:join", {}, { note: MARK }),
	),
	...[MARK, [MARK], 5, true].map((data) =>
		said(
			54,
			`${typeof data} for the data`,
			{
				error: "VALIDATION_FAILED",

				data: { field: "data" },
			},
			args("document:join", data),
		),
	),
	said(
		55,
		"a huge callback number",
		ignored,
		`42/ws,${"9".repeat(40)}["ping"]`,
	),
	said(
		55,
		"acks that nobody asked for",
		ignored,
		`43/ws,5["${MARK}"]`,
		`43/ws,5["${MARK}"]`,
	),
	said(
		55,
		"an ack with a huge number",
		ignored,
		`43/ws,${"9".repeat(400)}["${MARK}"]`,
	),
	said(55, "an ack that is empty", ignored, "43/ws,"),
];

const refused = "Invalid namespace";

/** 50, 53: what a CONNECT is refused with. */
export const CONNECT_ROWS: readonly FrameRow[] = [
	unknown(
		50,
		"/admin",
		{ refused, namespace: "/admin" },
		`40/admin,{"token":"${MARK}"}`,
	),
	unknown(50, "/", { refused, namespace: "/" }, `40{"token":"${MARK}"}`),
	unknown(
		53,
		"no token",
		{ refused: "A token is needed", code: "UNAUTHENTICATED" },
		"40/ws,",
	),
	...[MARK, "", 5, { a: MARK }].map((token) =>
		unknown(
			53,
			`the token ${JSON.stringify(token)}`,
			{ refused: "The token is not valid", code: "UNAUTHENTICATED" },
			`40/ws,${JSON.stringify({ token })}`,
		),
	),
];
