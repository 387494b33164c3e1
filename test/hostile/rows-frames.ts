import { deflateRawSync } from "node:zlib";
import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";
import { clientFrame, upgradeRequest } from "../support/bytes.ts";
import { type FrameRow, type HttpRow, MARK, type Row } from "./row.ts";
import { Wire } from "./wire.ts";

const { frameBytes } = DEFAULT_LIMITS;
const hello = `{"type":"ping","data":{"note":"${MARK}"}}`;

const closed = (
	row: number,
	name: string,
	close: number,
	...frames: readonly Buffer[]
): FrameRow => ({ row, name, door: "raw", frames, expect: { close } });

/** @param first byte of the frame: FIN, RSV bits and opcode */
const frame = (first: number, payload: string | Buffer = hello): Buffer =>
	clientFrame(payload, { first });
const bytes = (...values: readonly number[]): Buffer =>
	Buffer.concat([Buffer.from(`{"${MARK}`), Buffer.from(values)]);
/** A text frame that says how long it is, and no more. */
const claim = (...length: readonly number[]): Buffer =>
	Buffer.from([0x81, 0xff, ...length, 0, 0, 0, 0]);
const fragments = (count: number, payload: string): readonly Buffer[] => [
	frame(0x01, payload),
	Buffer.concat(Array(count - 1).fill(frame(0x00, payload))),
];
const bomb = deflateRawSync(Buffer.alloc(67_108_864));

/** 29-38: what the layer of WebSockets refuses. */
export const LAYER_ROWS: readonly FrameRow[] = [
	closed(29, "unmasked", 1002, clientFrame(hello, { masked: false })),
	closed(30, "RSV1 without compression", 1002, frame(0xc1)),
	closed(30, "RSV2", 1002, frame(0xa1)),
	closed(30, "RSV3", 1002, frame(0x91)),
	closed(30, "opcode 3", 1002, frame(0x83)),
	closed(30, "opcode 11", 1002, frame(0x8b)),
	closed(31, "continuation of nothing", 1002, frame(0x80)),
	closed(31, "text within a message", 1002, frame(0x01), frame(0x81)),
	closed(31, "fragmented ping", 1002, frame(0x09)),
	closed(31, "ping of 126 bytes", 1002, frame(0x89, MARK.padEnd(126))),
	closed(32, "invalid UTF-8", 1007, frame(0x81, bytes(0xff, 0xfe))),
	closed(32, "overlong", 1007, frame(0x81, bytes(0xc0, 0xaf))),
	closed(32, "surrogate", 1007, frame(0x81, bytes(0xed, 0xa0, 0x80))),
	closed(32, "cut in a character", 1007, frame(0x81, bytes(0xf0, 0x9f))),
	closed(33, "binary", 1003, frame(0x82)),
	closed(33, "binary, empty", 1003, frame(0x82, "")),
	closed(33, "binary in fragments", 1003, frame(0x02), frame(0x80)),
	closed(
		34,
		"one byte over the announced limit",
		1009,
		frame(0x81, MARK.padEnd(frameBytes + 1)),
	),
	closed(34, "2^40 bytes announced", 1009, claim(0, 0, 1, 0, 0, 0, 0, 0)),
	closed(34, "2^63 bytes announced", 1009, claim(0x80, 0, 0, 0, 0, 0, 0, 0)),
	closed(
		34,
		"fragments over the limit together",
		1009,
		...fragments(10, MARK.padEnd(frameBytes / 8)),
	),
	closed(35, "a million fragments", 1008, ...fragments(1_000_000, "x")),
	{
		...closed(36, "a bomb, compression offered", 1002, frame(0xc1, bomb)),
		upgrade: { headers: { "Sec-WebSocket-Extensions": "permessage-deflate" } },
	},
	{
		...closed(37, "no deflate, compression offered", 1002, frame(0xc1)),
		upgrade: { headers: { "Sec-WebSocket-Extensions": "permessage-deflate" } },
	},
	closed(38, "close 1005", 1002, frame(0x88, Buffer.from([0x03, 0xed]))),
	closed(38, "close 999", 1002, frame(0x88, Buffer.from([0x03, 0xe7]))),
	closed(38, "close of one byte", 1002, frame(0x88, Buffer.from([3]))),
	closed(
		38,
		"close with a bad reason",
		1007,
		frame(0x88, Buffer.concat([Buffer.from([0x03, 0xe8]), bytes(0xff)])),
	),
];

/** With the upgrade request, before the server has said a word. */
const atOnce = (
	row: number,
	name: string,
	close: number,
	...frames: readonly Buffer[]
): HttpRow => ({
	row,
	name,
	door: "http",
	bytes: ({ token }) => {
		const headers = { Authorization: `Bearer ${token}` };
		return Buffer.concat([Buffer.from(upgradeRequest({ headers })), ...frames]);
	},
	expect: { close },
});

const first = (
	row: number,
	name: string,
	payload: string,
	expect: FrameRow["expect"],
): FrameRow => ({
	row,
	name,
	door: "raw",
	known: false,
	frames: [clientFrame(payload)],
	expect,
});
const auth = (data: object): string => JSON.stringify({ type: "auth", data });
const unknown = { close: 4101 } as const;

/** 39-45: what prdtool refuses. */
export const DOOR_ROWS: readonly Row[] = [
	{
		row: 39,
		name: "empty text",
		door: "raw",
		frames: [frame(0x81, "")],
		expect: { error: "VALIDATION_FAILED", data: { reason: "json" } },
	},
	atOnce(
		40,
		"unmasked, with the upgrade",
		1002,
		Buffer.from([0x81, 0x01, 0x61]),
	),
	atOnce(40, "RSV1, with the upgrade", 1002, frame(0xc1)),
	{
		row: 40,
		name: "a reset within a frame",
		door: "talk",
		talk: async ({ port, token }) => {
			const wire = await Wire.open(port);
			const headers = { Authorization: `Bearer ${token}` };
			wire.write(upgradeRequest({ headers }), frame(0x81).subarray(0, 9));
			wire.socket.resetAndDestroy();
			return wire.end();
		},
		expect: { end: true },
	},
	first(
		41,
		"a long token in the first frame",
		auth({ token: MARK.padEnd(4_000, "x") }),
		{
			error: "UNAUTHENTICATED",
			event: "error:auth",
			...unknown,
		},
	),
	first(41, "a protocol of the future", auth({ token: MARK, protocol: 2 }), {
		close: 4010,
	}),
	closed(42, "pings", 4213, Buffer.concat(Array(1_000).fill(frame(0x89, "x")))),
	closed(
		42,
		"pongs",
		4213,
		Buffer.concat(Array(1_000).fill(frame(0x8a, MARK))),
	),
	first(
		44,
		"a first frame over 8 KiB",
		auth({ token: MARK.padEnd(9_000, "x") }),
		{
			error: "VALIDATION_FAILED",
			data: { reason: "json" },
			...unknown,
		},
	),
	first(44, "a first frame that is no auth", hello, {
		error: "UNAUTHENTICATED",
		event: "error:ping",
		data: { reason: "invalid_token" },
		...unknown,
	}),
	closed(
		45,
		"an HTTP request",
		1002,
		Buffer.from(`GET /?${MARK} HTTP/1.1\r\n\r\n`),
	),
];
