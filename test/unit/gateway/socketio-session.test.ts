import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { EnginePolls } from "../../../src/gateway/engine-polls.ts";
import { EventMessage } from "../../../src/gateway/message.ts";
import type { SessionId } from "../../../src/shared/ids.ts";
import { EngineWire, openPolling, poll } from "../../support/engine-wire.ts";
import type { RawClient } from "../../support/raw-client.ts";
import { TRANSPORTS } from "../../support/socketio-client.ts";
import { SocketioLab } from "../../support/socketio-lab.ts";

let sio: SocketioLab;
beforeEach(async () => {
	sio = await SocketioLab.open();
});
afterEach(() => sio.close());

const sessionOf = (id: unknown) => {
	for (const session of sio.lab.gateway.sessions.all)
		if (session.id === (id as SessionId)) return session;
	throw new Error("no such session");
};

describe("the end of a Socket.IO connection", () => {
	it.each(TRANSPORTS)(
		"[RATE-7] for its rates tells how long to stay away (%s)",
		async (transport) => {
			await sio.close();
			sio = await SocketioLab.open({}, {}, true);
			const ann = await sio.enter("ann", { transports: [transport] });
			const join = { prdId: "d1", mode: "edit" };
			for (let i = 0; i < 10; i++) await ann.request("document:join", join);
			for (let ms = 0; ms < 10_000; ms += 250) {
				await ann.request("document:join", join);
				sio.lab.clock.advance(250);
			}
			ann.socket.emit("document:join", join);
			expect((await ann.next("connection:closing")).data).toEqual({
				code: 4213,
				reason: "rate limit abused",
				action: "reconnect",
				retryAfter: 10,
			});
		},
	);

	it.each(TRANSPORTS)(
		"[SIO-14] that is final is told, and the client stays away (%s)",
		async (transport) => {
			const join = { prdId: "d1", mode: "edit", clientId: "client-1" };
			const options = { transports: [transport] };
			const older = await sio.enter("ann", options);
			await older.request("document:join", join);
			const newer = await sio.lab.enter("ann");
			await newer.request("document:join", join);
			expect((await older.next("connection:closing")).data).toEqual({
				code: 4009,
				reason: "replaced by a newer connection",
				action: "stop",
			});
			expect(await older.reason()).toBe("io server disconnect");
			expect(older.socket.active).toBe(false);
			await newer.settled();
		},
	);

	it.each(TRANSPORTS)(
		"[SIO-14] that is not final is told, and the client comes back by itself (%s)",
		async (transport) => {
			const client = await sio.enter("ann", { transports: [transport] });
			const { id } = [...sio.lab.gateway.sessions.all][0] ?? {};
			sessionOf(id).close({ code: 4210, reason: "position lost" });
			expect((await client.next("connection:closing")).data).toEqual({
				code: 4210,
				reason: "position lost",
				action: "reconnect",
			});
			expect(await client.reason()).toBe("transport close");
			const { data } = await client.next("session:ready");
			expect(data.sessionId).not.toBe(id);
			await client.settled();
		},
	);

	it("[SIO-14] by an expired token lets a client with a newer one come back", async () => {
		const exp = sio.lab.clock.nowMs() / 1000 + 30;
		const tokens = [sio.lab.token("ann", { exp }), sio.lab.token("ann")];
		const client = await sio.enter("ann", {
			auth: (give: (auth: object) => void) => give({ token: tokens.shift() }),
		});
		await client.next("auth:expiring");
		sio.lab.clock.advance(30_500);
		expect((await client.next("connection:closing")).data).toMatchObject({
			code: 4109,
			action: "reauthenticate",
		});
		await client.next("session:ready");
		const lone = await sio.enter("ann", {}, { exp: exp + 60 });
		sio.lab.clock.advance(60_500);
		expect((await lone.next("connection:closing")).data.code).toBe(4109);
		expect((await lone.refusal()).data).toMatchObject({
			code: "UNAUTHENTICATED",
			data: { reason: "token_expired" },
		});
	});

	it("[SIO-14] that the client makes is seen by the others at once", async () => {
		const witness = await sio.editor("wit", "d1");
		for (const [transport] of TRANSPORTS) {
			const client = await sio.editor("ann", "d1", { transports: [transport] });
			client.socket.disconnect();
			expect((await witness.next("presence:left")).data).toMatchObject({
				session: { userId: "ann" },
			});
		}
	});

	it("[SIO-15] by draining is told, answers come first, and nobody is taken in", async () => {
		const ann = await sio.editor("ann", "d1", { reconnection: false });
		const poller = await sio.enter("bob", {
			transports: ["polling"],
			reconnection: false,
		});
		const hold = Promise.withResolvers<void>();
		const { backend, clock, doors } = sio.lab;
		backend.answer = (submission) => {
			backend.answer = undefined;
			return hold.promise.then(() => backend.submit(submission));
		};
		const insert = { operation: "insert", position: 0, text: "x", version: 0 };
		const answer = ann.request("document:update", { prdId: "d1", ...insert });
		await ann.settled();
		const drained = doors.drain(9_000);
		for (const client of [ann, poller])
			expect((await client.next("system:draining")).data).toEqual({
				retryAfter: 3,
			});
		const late = sio.dial({ transports: ["polling"], reconnection: false });
		await late.refusal();
		const refused = await poll(sio.lab.port, "EIO=4&transport=polling");
		expect(refused.status).toBe(503);
		expect(refused.headers.get("retry-after")).toBe("5");
		hold.resolve();
		expect((await answer).ok).toBe(true);
		expect((await ann.next("connection:closing")).data).toEqual({
			code: 1012,
			reason: "restart",
			action: "reconnect",
		});
		clock.advance(50);
		await poller.next("connection:closing");
		await drained;
		expect(doors.socketio.size).toBe(0);
	});

	it("[SIO-15] by draining comes to its end by its limit", async () => {
		const client = await EngineWire.enter(sio.lab.port, sio.lab.token("ann"));
		const sid = await openPolling(sio.lab.port);
		client.socket.pause();
		const drained = sio.lab.doors.drain(9_000);
		await new Promise<void>((resolve) => setImmediate(resolve));
		sio.lab.clock.advance(3_000);
		await drained;
		expect(sio.lab.doors.socketio.size).toBe(0);
		const query = `EIO=4&transport=polling&sid=${sid}`;
		expect((await poll(sio.lab.port, query)).status).toBe(400);
		client.socket.resume();
		await client.closed;
	});
});

describe("what a Socket.IO session is sent", () => {
	it("[SIO-16] goes out in one write when it was said in one turn, in order", async () => {
		const tcp: Socket[] = [];
		sio.lab.server.on("connection", (socket) => tcp.push(socket));
		const client = await EngineWire.enter(sio.lab.port, sio.lab.token("ann"));
		const [session] = sio.lab.gateway.sessions.all;
		let writes = 0;
		const [socket] = tcp as [Socket];
		const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
		Object.assign(socket, {
			write(...args: unknown[]) {
				writes += 1;
				return write(...args);
			},
		});
		for (let retryAfter = 1; retryAfter <= 5; retryAfter++)
			session?.sendEvent("system:draining", { retryAfter });
		await client.next('42/ws,["system:draining",{"retryAfter":5}');
		expect(writes).toBe(1);
		expect(client.packets.filter((text) => text.includes("draining"))).toEqual(
			[1, 2, 3, 4, 5].map(
				(n) => `42/ws,["system:draining",{"retryAfter":${n}}]`,
			),
		);
	});

	it.each(TRANSPORTS)(
		"[SIO-16] arrives whole and in order when there is much of it (%s)",
		async (transport) => {
			const client = await sio.enter("ann", { transports: [transport] });
			const [session] = sio.lab.gateway.sessions.all;
			for (let turn = 0; turn < 20; turn++) {
				for (let i = 1; i <= 5; i++)
					session?.sendEvent("system:draining", { retryAfter: turn * 5 + i });
				await new Promise<void>((resolve) => setImmediate(resolve));
			}
			await client.settled();
			expect(
				client.of("system:draining").map(({ data }) => data.retryAfter),
			).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
		},
	);

	it("[SIO-16] stays in order while the transport is upgraded", async () => {
		const writer = await sio.lab.editor("ann", "d1");
		sio.lab.member("d1", "bob", "view");
		const reader = await sio.enter("bob", {
			transports: ["polling", "websocket"],
		});
		await reader.request("document:join", { prdId: "d1", mode: "view" });
		const revisions = () =>
			reader.of("operation:applied").map(({ data }) => data.revision);
		let sent = 0;
		while (reader.socket.io.engine.transport.name !== "websocket" || sent < 50)
			await type(writer, sent++);
		while (revisions().length < sent) await reader.next("operation:applied");
		expect(revisions()).toEqual(Array.from({ length: sent }, (_, i) => i + 1));
	});

	it("[SIO-17] is bounded: a WebSocket that does not read is closed with 4208 after 5 s and cut after 1 s more", async () => {
		const writer = await sio.lab.editor("ann", "d1");
		const slow = await slowWire();
		const session = sessionOf(slow.sessionId);
		slow.socket.pause();
		await flood(writer, () => session.isCongested);
		for (let i = 0; i < 12; i++) sio.lab.clock.advance(500);
		expect(sio.lab.gateway.sessions.all.size).toBe(1);
		expect(sio.lab.doors.socketio.size).toBe(1);
		sio.lab.clock.advance(1_000);
		await writer.settled();
		expect(sio.lab.doors.socketio.size).toBe(0);
		slow.socket.resume();
		await slow.closed;
	});

	it("[SIO-17] is bounded: more than 1 MiB that nobody reads closes it at once", async () => {
		const slow = await EngineWire.enter(sio.lab.port, sio.lab.token("cy"));
		const session = sessionOf(slow.sessionId);
		slow.socket.pause();
		const message = new EventMessage("presence:left", [
			JSON.stringify("x".repeat(60_000)),
		]);
		let sent = 0;
		// The operating system takes some of it, between the turns.
		for (; !session.isClosing; sent++) {
			session.send(message);
			await new Promise<void>((resolve) => setImmediate(resolve));
		}
		expect(sent).toBeGreaterThan(17);
		expect(closesLogged()).toEqual([4208]);
		sio.lab.clock.advance(1_000);
		slow.socket.resume();
		await slow.closed;
	});

	it("[SIO-17] is bounded: a client that does not poll is closed with 4208", async () => {
		const polling = await pollingSession("cy");
		const session = [...sio.lab.gateway.sessions.all][0];
		const message = new EventMessage("presence:left", [
			JSON.stringify("x".repeat(60_000)),
		]);
		let sent = 0;
		for (; session?.isClosing === false; sent++) session.send(message);
		expect(sent).toBe(18);
		expect(closesLogged()).toEqual([4208]);
		sio.lab.clock.advance(1_000);
		expect((await poll(sio.lab.port, polling)).status).toBe(400);
	});

	it("[SIO-17] is bounded: a client that does not read its polls is answered one", () => {
		const polls = new EnginePolls();
		const answer = (state: Partial<ServerResponse>) =>
			Object.assign(new EventEmitter(), state) as unknown as ServerResponse;
		const unread = answer({ writableEnded: true, writableFinished: false });
		expect(polls.begin("a", unread)).toBe(true);
		expect(polls.begin("a", answer({}))).toBe(false);
		expect(polls.begin("b", answer({}))).toBe(true);
		unread.emit("close");
		const read = answer({ writableEnded: true, writableFinished: true });
		expect(polls.begin("a", read)).toBe(true);
		expect(polls.begin("a", answer({}))).toBe(true);
	});

	it("[SIO-17] a reader that catches up gets everything, in order", async () => {
		const writer = await sio.lab.editor("ann", "d1");
		const slow = await slowWire();
		const session = sessionOf(slow.sessionId);
		slow.socket.pause();
		const edits = await flood(writer, () => session.isCongested);
		slow.socket.resume();
		await slow.next(new RegExp(`"revision":${edits}[,}]`));
		const revisions = slow.packets
			.filter((text) => text.startsWith('42/ws,["operation:applied"'))
			.map((text) => Number(/"revision":(\d+)/.exec(text)?.[1]));
		expect(revisions).toEqual(Array.from({ length: edits }, (_, i) => i + 1));
	});

	it("[SIO-17] is stuck when nothing has left for 5 s", async () => {
		await pollingSession("cy");
		for (let i = 0; i < 10; i++) sio.lab.clock.advance(500);
		expect(sio.lab.gateway.sessions.all.size).toBe(1);
		sio.lab.clock.advance(1_000);
		expect(sio.lab.gateway.sessions.all.size).toBe(0);
		expect(closesLogged()).toEqual([4208]);
		sio.lab.clock.advance(1_000);
	});
});

const closesLogged = () =>
	sio.lab.lines
		.filter(({ message }) => message === "session closed")
		.map(({ code }) => code);

/** Somebody who has been let in and has not polled since; the query of his polls. */
async function pollingSession(userId: string): Promise<string> {
	const sid = await openPolling(sio.lab.port);
	const query = `EIO=4&transport=polling&sid=${sid}`;
	const body = `40/ws,${JSON.stringify({ token: sio.lab.token(userId) })}`;
	await poll(sio.lab.port, query, { method: "POST", body });
	while (sio.lab.gateway.sessions.all.size === 0)
		await new Promise<void>((resolve) => setImmediate(resolve));
	return query;
}

/** A WebSocket client of the wire that has joined d1. */
async function slowWire(): Promise<EngineWire> {
	sio.lab.member("d1", "cy", "view");
	const wire = await EngineWire.enter(sio.lab.port, sio.lab.token("cy"));
	wire.send('42/ws,1["document:join",{"prdId":"d1","mode":"view"}]');
	await wire.next("43/ws,1");
	return wire;
}

const type = (writer: RawClient, version: number) =>
	writer.request(
		"document:update",
		{ operation: "insert", position: 0, text: "x", version },
		{ room: "d1" },
	);

/** Writes until that is so, and how often. */
async function flood(
	writer: RawClient,
	isEnough: () => boolean,
): Promise<number> {
	const content = "x".repeat(50_000);
	for (let revision = 0; revision < 1_000; ) {
		const operation = { type: "insert", position: 0, content, revision };
		await writer.request("operation:edit", { prdId: "d1", operation });
		revision += 1;
		if (isEnough()) return revision;
	}
	throw new Error("never enough");
}
