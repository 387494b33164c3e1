import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { clientFrame, closeCodeOf, upgraded } from "../../support/bytes.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open();
});
afterEach(() => lab.close());

const open = () =>
	upgraded(lab.port, {
		headers: { Authorization: `Bearer ${lab.token("ann")}` },
	});
/** Waits until the server has looked at everything that was sent to it. */
const greeted = async () => {
	const client = await lab.connect({});
	return client;
};

describe("frames of the WebSocket layer", () => {
	const hello = '{"type":"ping"}';
	it.each<[number, string, readonly Buffer[]]>([
		[1002, "unmasked", [clientFrame(hello, { masked: false })]],
		[1002, "RSV1 without compression", [clientFrame(hello, { first: 0xc1 })]],
		[1002, "RSV2", [clientFrame(hello, { first: 0xa1 })]],
		[1002, "opcode 3", [clientFrame(hello, { first: 0x83 })]],
		[1002, "opcode 11", [clientFrame(hello, { first: 0x8b })]],
		[1002, "continuation of nothing", [clientFrame(hello, { first: 0x80 })]],
		[
			1002,
			"text within a fragmented message",
			[clientFrame("a", { first: 0x01 }), clientFrame("b")],
		],
		[1002, "fragmented ping", [clientFrame("a", { first: 0x09 })]],
		[
			1002,
			"ping of 126 bytes",
			[clientFrame("x".repeat(126), { first: 0x89 })],
		],
		[1007, "invalid UTF-8", [clientFrame(Buffer.from([0xff, 0xfe]))]],
		[1007, "overlong", [clientFrame(Buffer.from([0xc0, 0xaf]))]],
		[1007, "encoded surrogate", [clientFrame(Buffer.from([0xed, 0xa0, 0x80]))]],
		[1003, "binary", [clientFrame(hello, { first: 0x82 })]],
		[
			1009,
			"2^40 bytes announced",
			[Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0])],
		],
		[
			1008,
			"endless fragments",
			Array.from({ length: 70 }, (_, i) =>
				clientFrame("a", { first: i === 0 ? 0x01 : 0x00 }),
			),
		],
		[
			1002,
			"close 1005",
			[clientFrame(Buffer.from([3, 0xed]), { first: 0x88 })],
		],
		[1002, "close 999", [clientFrame(Buffer.from([3, 0xe7]), { first: 0x88 })]],
		[
			1002,
			"close of one byte",
			[clientFrame(Buffer.from([3]), { first: 0x88 })],
		],
		[
			1007,
			"close with a bad reason",
			[clientFrame(Buffer.from([3, 0xe8, 0xff]), { first: 0x88 })],
		],
		[1002, "an HTTP request", [Buffer.from("GET / HTTP/1.1\r\n\r\n")]],
	])("[DOOR-7] end the connection with %i: %s", async (code, _, frames) => {
		const witness = await lab.editor("wit", "d1");
		const socket = await open();
		for (const frame of frames) socket.write(frame);
		expect(await closeCodeOf(socket)).toBe(code);
		await witness.settled();
	});

	it("[DOOR-7] a frame over the announced limit ends it with 1009, one at the limit does not", async () => {
		const client = await lab.enter("ann");
		const { frameBytes } = lab.gateway.options.limits;
		const padding = (bytes: number) =>
			`{"type":"ping","id":"x","data":{"pad":"${"x".repeat(bytes)}"}}`;
		const envelope = padding(0).length;
		client.send(padding(frameBytes - envelope));
		await client.next("ack");
		client.send(padding(frameBytes - envelope + 1));
		expect((await client.closed).code).toBe(1009);
	});

	it("[DOOR-8] pings are answered, a flood of them ends the connection with 4213", async () => {
		const client = await lab.enter("ann");
		client.socket.ping("hello");
		const [pong] = await once(client.socket, "pong");
		expect(String(pong)).toBe("hello");
		for (let i = 0; i < 500; i++) client.socket.ping();
		expect((await client.closed).code).toBe(4213);
	});

	it("[SES-8] without a token the first frame is auth within 5 s", async () => {
		const client = await greeted();
		lab.clock.advance(4_500);
		client.send({ type: "auth", id: "a", data: { token: lab.token("ann") } });
		const ready = await client.next("session:ready");
		const ack = await client.next("ack");
		expect(ack.data).toEqual(ready.data);
		const silent = await greeted();
		lab.clock.advance(5_500);
		expect((await silent.closed).code).toBe(4101);
	});

	it.each([
		["a bad token", { type: "auth", data: { token: "x" } }, "UNAUTHENTICATED"],
		["another event", { type: "ping" }, "UNAUTHENTICATED"],
		["no JSON", "hello", "VALIDATION_FAILED"],
		[
			"over 8 KiB",
			{ type: "auth", data: { token: "x".repeat(8_192) } },
			"VALIDATION_FAILED",
		],
	])(
		"[SES-8] the first frame is the only one that an unknown connection has: %s",
		async (_, frame, code) => {
			const client = await greeted();
			client.send(frame);
			expect((await client.closed).code).toBe(4101);
			expect(client.frames).toMatchObject([{ data: { code } }]);
		},
	);

	it("[SES-9] twenty malformed frames in ten seconds end the session with 4000", async () => {
		const client = await lab.enter("ann");
		for (let i = 0; i < 19; i++) client.send("{");
		await client.settled();
		lab.clock.advance(10_000);
		for (let i = 0; i < 19; i++) client.send({ type: "nope" });
		await client.settled();
		client.send({ type: "document:join", data: {} });
		expect((await client.closed).code).toBe(4000);
		expect(client.of("error:protocol")).toHaveLength(38);
	});

	it("[SES-9] other refusals are not malformed", async () => {
		const client = await lab.enter("ann");
		for (let i = 0; i < 30; i++)
			client.send({ type: "document:leave", data: { prdId: "d1" } });
		await client.settled();
		expect(client.of("error:operation")).toHaveLength(30);
	});

	it("[SES-10] bad input is logged once, with whom and how much, never with what", async () => {
		const client = await lab.enter("ann");
		const frame = JSON.stringify({ type: "nope", data: { secret: "hunter2" } });
		client.send(frame);
		await client.settled();
		const lines = lab.lines.filter(
			({ message }) => message === "request refused",
		);
		expect(lines).toEqual([
			{
				level: "warn",
				message: "request refused",
				session: "session-1",
				user: "ann",
				code: "UNKNOWN_EVENT",
				operation: "nope",
				size: frame.length,
			},
		]);
	});

	it("[PROTO-9] an id that still waits is not given twice", async () => {
		const client = await lab.editor("ann", "d1");
		const hold = Promise.withResolvers<never>();
		lab.backend.answer = () => hold.promise;
		const data = { operation: "insert", position: 0, text: "x", version: 0 };
		const frame = { type: "document:update", room: "d1", id: "same", data };
		client.send(frame);
		client.send(frame);
		expect(await client.next("error:operation")).toMatchObject({
			id: "same",
			data: { code: "ALREADY_EXISTS" },
		});
		expect(lab.backend.submitted).toHaveLength(1);
	});
});
