import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { EngineWire, openPolling, poll } from "../../support/engine-wire.ts";
import { TRANSPORTS } from "../../support/socketio-client.ts";
import { SocketioLab } from "../../support/socketio-lab.ts";

let sio: SocketioLab;
beforeEach(async () => {
	sio = await SocketioLab.open();
});
afterEach(() => sio.close());

const wire = () => EngineWire.enter(sio.lab.port, sio.lab.token("ann"));
const insert = { operation: "insert", position: 0, text: "x", version: 0 };

describe("what a client emits", () => {
	it.each(TRANSPORTS)(
		"[SIO-8] with a callback is answered there; an error comes as its event too (%s)",
		async (transport) => {
			const client = await sio.editor("ann", "d1", { transports: [transport] });
			expect(await client.request("ping")).toEqual({ ok: true, data: {} });
			expect(
				await client.request("document:update", { prdId: "d1", ...insert }),
			).toEqual({
				ok: true,
				data: {
					prdId: "d1",
					opId: expect.any(String),
					revision: 1,
					vectorClock: { ann: 1 },
				},
			});
			const error = {
				operation: "document.leave",
				code: "NOT_JOINED",
				message: expect.any(String),
				retryable: false,
				data: { prdId: "d2" },
			};
			expect(await client.request("document.leave", { prdId: "d2" })).toEqual({
				ok: false,
				error,
			});
			expect((await client.next("error:operation")).data).toEqual(error);
			expect(client.of("operation:ack")).toEqual([]);
		},
	);

	it("[SIO-8] without a callback is answered by the named event", async () => {
		const client = await sio.enter("ann");
		client.socket.emit("document:join", { prdId: "d1", mode: "edit" });
		const { data } = await client.next("document:joined");
		expect(data).toMatchObject({ prdId: "d1", revision: 0 });
		client.socket.emit("document.update", { prdId: "d1", ...insert });
		expect((await client.next("operation:ack")).data).toMatchObject({
			revision: 1,
		});
		client.socket.emit("document:leave", { prdId: "d9" });
		expect((await client.next("error:operation")).data).toMatchObject({
			code: "NOT_JOINED",
		});
	});

	it("[SIO-8] by a native session with a callback is answered by the callback alone", async () => {
		const client = await sio.enter("ann");
		const join = { prdId: "d1", mode: "edit", format: "native" };
		expect(await client.request("document:join", join)).toMatchObject({
			ok: true,
			data: { format: "native", unit: "codepoint" },
		});
		await client.settled();
		expect(client.of("document:joined")).toEqual([]);
	});

	it("[SIO-9] by send is a whole envelope, as an object or as text", async () => {
		const client = await sio.editor("ann", "d1");
		const envelope = (version: number) => ({
			type: "document.update",
			room: "d1",
			data: { ...insert, version },
		});
		client.socket.send(envelope(0));
		client.socket.send(JSON.stringify(envelope(1)));
		for (const revision of [1, 2])
			expect((await client.next("operation:ack")).data).toMatchObject({
				revision,
			});
		expect(await client.request("message", envelope(2))).toMatchObject({
			ok: true,
			data: { revision: 3 },
		});
	});

	it("[SIO-9] by send with an id is answered by an envelope with that id", async () => {
		const client = await sio.enter("ann");
		client.socket.send({ type: "ping", id: "p1" });
		expect((await client.next("message")).data).toEqual({
			type: "ack",
			id: "p1",
			data: {},
		});
		client.socket.send({
			type: "document:leave",
			id: "p2",
			data: { prdId: "d1" },
		});
		expect((await client.next("message")).data).toMatchObject({
			type: "error:operation",
			id: "p2",
			data: { code: "NOT_JOINED" },
		});
		await client.next("error:operation");
	});

	it.each([
		["no envelope", 5],
		["an envelope without a type", {}],
		["text that is no JSON", "{"],
		["an envelope whose id is no string", { type: "ping", id: 5 }],
	])("[SIO-9] by send that is %s is refused", async (_, envelope) => {
		const client = await sio.enter("ann");
		client.socket.send(envelope);
		const { data } = await client.next("error:protocol");
		expect(["VALIDATION_FAILED", "UNKNOWN_EVENT"]).toContain(data.code);
	});

	it("[SIO-10] may name its document by room", async () => {
		const client = await sio.editor("ann", "d1");
		expect(
			await client.request("document.update", { room: "d1", ...insert }),
		).toMatchObject({ ok: true, data: { revision: 1 } });
		const both = { room: "d1", prdId: "d2", ...insert };
		expect(await client.request("document.update", both)).toMatchObject({
			ok: false,
			error: { code: "VALIDATION_FAILED", data: { field: "room" } },
		});
	});

	it.each<[string, string, readonly unknown[]]>([
		["UNKNOWN_EVENT", "an unknown name", ["nope", {}]],
		["UNKNOWN_EVENT", "a server's name", ["session:ready", {}]],
		["UNKNOWN_EVENT", "__proto__", ["__proto__", {}]],
		["UNKNOWN_EVENT", "a name of the emitter's", ["error", {}]],
		["UNKNOWN_EVENT", "the door's own word", ["incoming", {}]],
		["UNKNOWN_EVENT", "a number", [5, {}]],
		["UNKNOWN_EVENT", "a name of 5 KiB", ["x".repeat(5_120), {}]],
		["VALIDATION_FAILED", "text", ["document:join", "d1"]],
		["VALIDATION_FAILED", "a list", ["document:join", []]],
		["VALIDATION_FAILED", "a number", ["document:join", 1]],
		["VALIDATION_FAILED", "three arguments", ["ping", {}, {}]],
		["VALIDATION_FAILED", "nothing", ["document:join"]],
		[
			"VALIDATION_FAILED",
			"a prototype",
			["document:join", JSON.parse('{"prdId":"d1","__proto__":{}}')],
		],
	])("[SIO-11] is refused with %s: %s", async (code, _, args) => {
		const client = await wire();
		client.send(`42/ws,7${JSON.stringify(args)}`, '42/ws,8["ping"]');
		const answer = JSON.parse((await client.next("43/ws,7")).slice(7));
		expect(answer).toMatchObject([{ ok: false, error: { code } }]);
		expect(answer[0].error.operation).toBe(String(args[0]).slice(0, 64));
		await client.next("43/ws,8");
	});

	it("[SIO-11] too deep is refused before it is parsed", async () => {
		const client = await wire();
		client.send(`42/ws,7["ping",${"[".repeat(40)}${"]".repeat(40)}]`);
		expect(await client.next("43/ws,7")).toContain(
			'"code":"VALIDATION_FAILED"',
		);
		expect(await client.next('42/ws,["error:protocol"')).toContain(
			'"reason":"depth"',
		);
	});

	it("[SIO-11] is counted as malformed like on the raw door", async () => {
		const client = await sio.enter("ann");
		for (let i = 0; i < 20; i++) client.socket.emit("nope");
		expect((await client.next("connection:closing")).data).toEqual({
			code: 4000,
			reason: "too many malformed frames",
			action: "stop",
		});
		expect(await client.reason()).toBe("io server disconnect");
		expect(client.of("error:protocol")).toHaveLength(20);
	});

	it("[SIO-11] a callback number that waits is not accepted again", async () => {
		const client = await sio.editor("ann", "d1");
		sio.lab.backend.answer = () => new Promise(() => {});
		const second = await EngineWire.enter(sio.lab.port, sio.lab.token("ann"));
		second.send('42/ws,1["document:join",{"prdId":"d1","mode":"edit"}]');
		await second.next("43/ws,1");
		const edit = `42/ws,2["document:update",${JSON.stringify({ prdId: "d1", ...insert })}]`;
		second.send(edit, edit);
		expect(await second.next("43/ws,2")).toContain("ALREADY_EXISTS");
		expect(sio.lab.backend.submitted).toHaveLength(1);
		await client.settled();
	});

	it("[SIO-11] callback numbers too big to be sent back, and acks that nobody asked for, are ignored", async () => {
		const client = await wire();
		client.send(
			`42/ws,${"9".repeat(40)}["ping"]`,
			'43/ws,5["forged"]',
			`43/ws,${"9".repeat(400)}[]`,
			"43/ws,",
			'42/ws,8["ping"]',
		);
		await client.next("43/ws,8");
		expect(client.packets.filter((text) => text.startsWith("43"))).toHaveLength(
			1,
		);
	});
});

describe("what no client library sends", () => {
	it.each<[string, readonly (string | Buffer)[]]>([
		["an unknown packet type", ['49/ws,["ping"]']],
		["a CONNECT_ERROR", ['44/ws,{"message":"x"}']],
		["a second CONNECT", ["40/ws,{}"]],
		["no JSON", ['42/ws,["ping"']],
		["no list", ['42/ws,{"ping":1}']],
		["an empty payload", ["42/ws,"]],
		["an object for a name", ["42/ws,[{}]"]],
		...["connect", "disconnect", "connect_error", "newListener"].map(
			(name): [string, readonly string[]] => [
				`the reserved name ${name}`,
				[`42/ws,["${name}"]`],
			],
		),
		["an unknown engine packet", ["z"]],
		["an engine ping of the client", ["2"]],
		["bytes", [Buffer.from("x")]],
		["a namespace without end", [`42/${"x".repeat(200)},["ping"]`]],
		["an event in another namespace", ['42/admin,["ping"]']],
	])(
		"[SIO-12] ends the connection, and nobody else notices: %s",
		async (_, packets) => {
			const witness = await sio.editor("wit", "d1");
			const client = await wire();
			client.send(...packets);
			await client.closed;
			await witness.settled();
			expect(sio.lab.gateway.sessions.all.size).toBe(1);
		},
	);

	it("[SIO-12] a bad packet is told 1002 before the close", async () => {
		const client = await wire();
		client.send('42/ws,{"no":"list"}');
		expect(await client.next('42/ws,["connection:closing"')).toBe(
			'42/ws,["connection:closing",{"code":1002,"reason":"bad packet","action":"stop"}]',
		);
		await client.next("41/ws,");
		await client.closed;
	});

	it.each<[string, readonly (string | Buffer)[]]>([
		[
			"an event with an attachment",
			[
				'451-/ws,["ping",{"_placeholder":true,"num":0}]',
				Buffer.from("attachment"),
			],
		],
		[
			"eleven attachments",
			['4511-/ws,["ping",{"_placeholder":true,"num":0}]', Buffer.from("a")],
		],
		[
			"a placeholder out of range",
			['451-/ws,["ping",{"_placeholder":true,"num":9}]', Buffer.from("a")],
		],
		[
			"text instead of the attachment",
			['451-/ws,["ping",{"_placeholder":true,"num":0}]', '42/ws,["ping"]'],
		],
		["a binary ack", ['461-/ws,3[{"_placeholder":true,"num":0}]']],
	])("[SIO-12] binary is refused with 1003: %s", async (_, packets) => {
		const witness = await sio.editor("wit", "d1");
		const client = await wire();
		client.send(...packets);
		expect(await client.next('42/ws,["connection:closing"')).toContain(
			'"code":1003,',
		);
		await client.closed;
		await witness.settled();
	});

	it("[SIO-12] an event before CONNECT ends the connection", async () => {
		const client = await EngineWire.open(sio.lab.port);
		client.send('42/ws,["ping",{}]');
		await client.closed;
	});

	it("[SIO-12] a flood of engine packets ends the connection", async () => {
		const client = await wire();
		for (let i = 0; i < 501; i++) client.send("3");
		expect(await client.next('42/ws,["connection:closing"')).toBe(
			'42/ws,["connection:closing",{"code":4213,"reason":"rate limit abused","retryAfter":10,"action":"reconnect"}]',
		);
		await client.closed;
	});

	it("[SIO-13] a packet over the announced limit: 1009 on a WebSocket, 413 on polling", async () => {
		const { frameBytes } = sio.lab.gateway.options.limits;
		const client = await wire();
		const packet = (bytes: number) =>
			`42/ws,1["ping",{"pad":"${"x".repeat(bytes)}"}]`;
		const most = frameBytes - packet(0).length;
		client.send(packet(most));
		await client.next("43/ws,1");
		client.send(packet(most + 1));
		expect(await client.closed).toBe(1009);

		const sid = await openPolling(sio.lab.port);
		const post = (body: string) =>
			poll(sio.lab.port, `EIO=4&transport=polling&sid=${sid}`, {
				method: "POST",
				body,
			});
		expect((await post(packet(most + 1))).status).toBe(413);
	});
});
