import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { exchange, upgradeRequest } from "../../support/bytes.ts";
import { EngineWire, openPolling, poll } from "../../support/engine-wire.ts";
import { LAB_ORIGIN } from "../../support/gateway-lab.ts";
import {
	type SocketioOptions,
	TRANSPORTS,
} from "../../support/socketio-client.ts";
import { SocketioLab } from "../../support/socketio-lab.ts";

let sio: SocketioLab;
beforeEach(async () => {
	sio = await SocketioLab.open();
});
afterEach(() => sio.close());

const HANDSHAKE = "EIO=4&transport=polling";
const upgradeFrom = (origin: string | undefined): Promise<string> =>
	exchange(
		sio.lab.port,
		upgradeRequest({
			target: "/socket.io/?EIO=4&transport=websocket",
			// A client that answers nothing after its upgrade is closed with the socket.
			headers: { Origin: origin, Connection: "Upgrade" },
		}),
	);

describe("a handshake at the Socket.IO door", () => {
	it.each([
		"https://evil.com",
		"null",
		`${LAB_ORIGIN}.evil.com`,
		"http://app.example.com",
		`${LAB_ORIGIN}:8443`,
		"https://APP.example.com",
	])("[SIO-2] from %s is refused on both transports", async (origin) => {
		const polled = await poll(sio.lab.port, HANDSHAKE, { headers: { origin } });
		expect(polled.status).toBe(403);
		expect(await polled.json()).toEqual({
			code: 4,
			message: "ORIGIN_NOT_ALLOWED",
		});
		expect(polled.headers.get("access-control-allow-origin")).toBeNull();
		expect(await upgradeFrom(origin)).toMatch(/^HTTP\/1.1 400 /);
		expect(sio.lab.doors.socketio.size).toBe(0);
	});

	it("[SIO-2] from an allowed origin comes in, and its page may read the answers to polls", async () => {
		const headers = { origin: LAB_ORIGIN };
		const polled = await poll(sio.lab.port, HANDSHAKE, { headers });
		expect(polled.status).toBe(200);
		expect(polled.headers.get("access-control-allow-origin")).toBe(LAB_ORIGIN);
		const preflight = await poll(sio.lab.port, HANDSHAKE, {
			method: "OPTIONS",
			headers: { ...headers, "access-control-request-method": "POST" },
		});
		expect(preflight.status).toBe(204);
		expect(preflight.headers.get("access-control-allow-methods")).toBe(
			"GET,POST",
		);
		const client = await sio.enter("ann", {
			extraHeaders: { origin: LAB_ORIGIN },
		});
		await client.settled();
	});

	it.each([
		["EIO=2&transport=polling", 5],
		["EIO=4&transport=foo", 0],
		["EIO=4&transport=__proto__", 0],
		["EIO=4&transport=polling&sid=unknown", 1],
		["EIO=4&transport=polling&sid=__proto__", 1],
	])("[SIO-3] %s is answered with 400 and code %i", async (query, code) => {
		const response = await poll(sio.lab.port, query);
		expect(response.status).toBe(400);
		expect(await response.json()).toMatchObject({ code });
	});

	it("[SIO-3] by POST is answered with 400, other methods with 405", async () => {
		const post = await poll(sio.lab.port, HANDSHAKE, { method: "POST" });
		expect(post.status).toBe(400);
		expect(await post.json()).toMatchObject({ code: 2 });
		const put = await poll(sio.lab.port, HANDSHAKE, { method: "PUT" });
		expect(put.status).toBe(405);
		expect(await put.json()).toMatchObject({ code: "VALIDATION_FAILED" });
	});

	it("[SIO-3] a second WebSocket for one sid gets nothing of the first", async () => {
		const client = await sio.enter("ann", {
			transports: ["polling", "websocket"],
		});
		const { engine } = client.socket.io;
		await new Promise<void>((resolve) => {
			engine.on("upgrade", () => resolve());
			if (engine.transport.name === "websocket") resolve();
		});
		const { id } = engine as unknown as { readonly id: string };
		const target = `/socket.io/?EIO=4&transport=websocket&sid=${id}`;
		const answer = await exchange(sio.lab.port, upgradeRequest({ target }));
		expect(answer).toMatch(/^HTTP\/1.1 400 /);
		await client.settled();
	});

	it("[SIO-3] paths beside the door's are somebody else's", async () => {
		for (const path of ["/socket.io/x", "/socket.iox/", "/Socket.io/"]) {
			const url = `http://127.0.0.1:${sio.lab.port}${path}?${HANDSHAKE}`;
			expect((await fetch(url)).status).toBe(404);
		}
	});
});

describe("a token", () => {
	it.each<[string, (token: string) => SocketioOptions]>([
		["auth.token", (token) => ({ auth: { token } })],
		[
			"the Authorization header",
			(token) => ({ extraHeaders: { authorization: `Bearer ${token}` } }),
		],
		["the query", (token) => ({ query: { token } })],
		[
			"all three alike",
			(token) => ({
				auth: { token },
				query: { token },
				extraHeaders: { authorization: `Bearer ${token}` },
			}),
		],
	])("[SIO-4] comes by %s, on both transports", async (_, show) => {
		for (const transports of TRANSPORTS) {
			const client = sio.dial({
				transports: [...transports],
				...show(sio.lab.token("ann")),
			});
			const ready = await client.next("session:ready");
			expect(ready.data).toMatchObject({ userId: "ann", protocol: 1 });
		}
	});

	it("[SIO-4] comes by subprotocol, and is not echoed", async () => {
		for (const protocols of [
			["prdtool.v1", `bearer.${sio.lab.token("ann")}`],
			[`bearer.${sio.lab.token("ann")}`, "prdtool.v1"],
		]) {
			const client = sio.dial({ transports: ["websocket"], protocols });
			await client.next("session:ready");
			const { ws } = client.socket.io.engine.transport as unknown as {
				readonly ws: { readonly protocol: string };
			};
			expect(ws.protocol).toBe("prdtool.v1");
		}
	});

	it.each<[string, () => SocketioOptions]>([
		["is missing", () => ({})],
		["is bad", () => ({ auth: { token: "x" } })],
		["is no string", () => ({ auth: { token: { a: 1 } } })],
		["is empty", () => ({ auth: { token: "" } })],
		[
			"has expired",
			() => ({ auth: { token: sio.lab.token("ann", { exp: 1 }) } }),
		],
		[
			"differs from another",
			() => ({
				auth: { token: sio.lab.token("ann") },
				query: { token: sio.lab.token("bob") },
			}),
		],
	])(
		"[SIO-5] that %s is connect_error UNAUTHENTICATED, and the client stays away",
		async (_, show) => {
			const client = sio.dial({ transports: ["websocket"], ...show() });
			const { data } = await client.refusal();
			expect(data).toMatchObject({
				operation: "connect",
				code: "UNAUTHENTICATED",
				retryable: false,
			});
			expect(client.socket.active).toBe(false);
			expect(sio.lab.gateway.sessions.all.size).toBe(0);
			const logged = JSON.stringify(sio.lab.lines);
			expect(logged).toContain("connect refused");
			expect(logged).not.toMatch(/ey[\w-]+\.ey/);
		},
	);

	it("[SIO-5] gets one attempt for a connection", async () => {
		const wire = await EngineWire.open(sio.lab.port);
		wire.send('40/ws,{"token":"x"}');
		expect(await wire.next("44/ws,")).toContain('"code":"UNAUTHENTICATED"');
		await wire.closed;
	});

	it("[SIO-5] may be replaced by a good one after a refusal", async () => {
		const client = sio.dial({
			auth: { token: "x" },
			transports: ["websocket"],
		});
		await client.refusal();
		client.socket.auth = { token: sio.lab.token("ann") };
		client.socket.connect();
		await client.next("session:ready");
	});

	it.each<[string, SocketioOptions]>([
		["auth.protocol", { auth: { protocol: 2 } }],
		["a subprotocol", { protocols: ["prdtool.v2"] }],
	])(
		"[SIO-6] of a client that speaks another version by %s: 4010, and it stays away",
		async (_, options) => {
			const client = sio.dial({ transports: ["websocket"], ...options });
			expect((await client.next("connection:closing")).data).toEqual({
				code: 4010,
				reason: "protocol version not supported",
				action: "stop",
			});
			expect(await client.reason()).toBe("io server disconnect");
		},
	);
});

describe("a connection without a session", () => {
	it.each(["/", "/admin"])("[SIO-7] finds no namespace %s", async (name) => {
		const wire = await EngineWire.open(sio.lab.port);
		const namespace = name === "/" ? "" : `${name},`;
		const auth = JSON.stringify({ token: sio.lab.token("ann") });
		wire.send(`40${namespace}${auth}`);
		const answer = await wire.next(`44${namespace}`);
		expect(JSON.parse(answer.slice(2 + namespace.length))).toEqual({
			message: "Invalid namespace",
		});
	});

	it("[SIO-7] ends when it asks for too much", async () => {
		const auth = JSON.stringify({ token: sio.lab.token("ann") });
		const hoarder = await EngineWire.open(sio.lab.port);
		hoarder.send(`40/ws,${auth}`, `40/ws,${auth}`);
		await hoarder.closed;
		const seeker = await EngineWire.open(sio.lab.port);
		for (let i = 0; i < 9; i++) seeker.send(`40/n${i},`);
		await seeker.closed;
		const talker = await EngineWire.open(sio.lab.port);
		talker.send(`40/ws,{"token":"${"x".repeat(8_192)}"}`);
		await talker.closed;
		expect(sio.lab.gateway.sessions.all.size).toBe(0);
	});

	it("[SIO-7] ends after 5 s, and with its namespace", async () => {
		const openedAt = performance.now();
		const silent = await EngineWire.open(sio.lab.port);
		const left = await EngineWire.enter(sio.lab.port, sio.lab.token("ann"));
		left.send("41/ws,");
		await left.closed;
		expect(sio.lab.gateway.sessions.all.size).toBe(0);
		await silent.closed;
		expect(performance.now() - openedAt).toBeGreaterThan(4_900);
	}, 10_000);

	it("[SIO-7] by polling is a secret of its client", async () => {
		const sid = await openPolling(sio.lab.port);
		const client = await sio.enter("ann");
		expect(JSON.stringify(client.frames)).not.toContain(sid);
		expect(JSON.stringify(sio.lab.lines)).not.toContain(sid);
	});
});
