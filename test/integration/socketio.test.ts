import {
	afterAll,
	afterEach,
	beforeAll,
	describe,
	expect,
	it,
} from "@jest/globals";
import { io } from "socket.io-client";
import { openPolling, poll } from "../support/engine-wire.ts";
import { Product, tokenFor } from "../support/product.ts";
import { connect } from "../support/raw-client.ts";
import { SocketioPeople, WAYS } from "../support/socketio-people.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
let people: SocketioPeople;
let product: Product;
let names = 0;

beforeAll(async () => {
	// More people than one address and one user may have.
	product = await Product.start(dataDir.path, { RATE_LIMITS: "off" });
	people = new SocketioPeople(product);
});
afterEach(() => people.leave());
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

/** A document of its own for each test, in the place of the examples' id. */
const document = (): string => `prd_123.${++names}`;

describe.each(WAYS)("the API seed over Socket.IO, %s", (_, transports) => {
	it("[SIO-1] the client connection as printed comes in", async () => {
		const jwt_token_here = tokenFor("user_123", { name: "John Doe" });
		// Client connection
		const socket = io(`${product.url}/ws`, {
			auth: {
				token: jwt_token_here,
			},
			transports,
		});
		await new Promise<void>((resolve) => socket.on("connect", resolve));
		expect(socket.connected).toBe(true);
		const joined = new Promise((resolve) =>
			socket.on("document:joined", resolve),
		);
		const prdId = document();
		// Client -> Server
		socket.emit("document:join", {
			prdId,
			mode: "edit", // 'view' | 'edit' | 'comment'
			lastKnownVersion: "1.2.0",
		});
		expect(await joined).toMatchObject({
			prdId,
			currentContent: "",
			version: "0.0.0",
			activeSessions: [],
			vectorClock: {},
			mode: "edit",
		});
		socket.disconnect();
	});

	it("[JOIN-1] document:join as printed answers document:joined with the document and who is there", async () => {
		const prdId = document();
		const { b: sarahsSocket } = await people.both(prdId, transports);
		await sarahsSocket.request("operation:edit", {
			prdId,
			operation: {
				type: "insert",
				position: 0,
				content: "markdown content...",
				vectorClock: {},
			},
		});
		const a = await people.john(transports);
		a.socket.emit("document:join", {
			prdId,
			mode: "edit", // 'view' | 'edit' | 'comment'
			lastKnownVersion: "1.2.0",
		});
		const { data: joined } = await a.next("document:joined");
		expect(joined).toMatchObject({
			prdId,
			currentContent: "markdown content...",
			version: "0.0.0",
			vectorClock: { user_456: 1 },
			revision: 1,
			recovered: false,
			mode: "edit",
			unit: "utf16",
			format: "simple",
			attributes: [],
		});
		expect(joined.activeSessions).toContainEqual(
			expect.objectContaining({
				userId: "user_456",
				userName: "Sarah Smith",
				mode: "edit",
				color: expect.stringMatching(/^#[0-9A-F]{6}$/),
			}),
		);
	});

	it("[JOIN-2] document:leave as printed is acknowledged, and the others see it", async () => {
		const prdId = document();
		const { a, b } = await people.both(prdId, transports);
		expect(await a.request("document:leave", { prdId })).toEqual({
			ok: true,
			data: {},
		});
		expect((await b.next("presence:left")).data).toMatchObject({
			prdId,
			session: { userId: "user_123" },
		});
	});

	it("[DOC-1] operation:edit as printed reaches the others as operation:applied", async () => {
		const prdId = document();
		const { a, b } = await people.both(prdId, transports);
		// The state the example begins in: five operations of user_123, three of user_456, 245 characters.
		const content = "x".repeat(49);
		for (let i = 1; i <= 5; i++)
			await a.request("operation:edit", {
				prdId,
				operation: {
					type: "insert",
					position: 0,
					content,
					vectorClock: { user_123: i },
				},
			});
		for (let i = 1; i <= 5; i++) await b.next("operation:applied");
		for (let i = 1; i <= 3; i++)
			await b.request("operation:edit", {
				prdId,
				operation: {
					type: "retain",
					position: 0,
					length: 1,
					vectorClock: { user_123: 5, user_456: i },
				},
			});
		for (let i = 1; i <= 3; i++) await a.next("operation:applied");
		a.socket.emit("operation:edit", {
			prdId,
			operation: {
				type: "insert",
				position: 245,
				content: "New content here",
				vectorClock: { user_123: 6, user_456: 3 },
				attributes: { bold: true },
			},
		});
		expect((await b.next("operation:applied")).data).toEqual({
			prdId,
			operation: {
				userId: "user_123",
				sessionId: expect.any(String),
				type: "insert",
				position: 245,
				content: "New content here",
				vectorClock: { user_123: 6, user_456: 3 },
				attributes: { bold: true },
			},
			newVectorClock: { user_123: 6, user_456: 3 },
			revision: 9,
		});
		expect((await a.next("operation:ack")).data).toEqual({
			prdId,
			opId: expect.any(String),
			revision: 9,
			vectorClock: { user_123: 6, user_456: 3 },
		});
		expect(a.of("operation:applied")).toHaveLength(3);
	});

	it("[DOC-2] on a fresh document the printed clock is put right, and the ack says so", async () => {
		const prdId = document();
		const { a } = await people.both(prdId, transports);
		a.socket.emit("operation:edit", {
			prdId,
			operation: {
				type: "insert",
				position: 0,
				content: "New content here",
				vectorClock: { user_123: 6, user_456: 3 },
				attributes: { bold: true },
			},
		});
		expect((await a.next("operation:ack")).data).toMatchObject({
			revision: 1,
			vectorClock: { user_123: 1 },
			clockCorrected: true,
		});
	});

	it("[DOC-3] every type of operation works: insert, delete, retain, format", async () => {
		const prdId = document();
		const { a, b } = await people.both(prdId, transports);
		const operations = [
			{ type: "insert", position: 0, content: "Hello 😀 world" },
			{ type: "format", position: 0, length: 5, attributes: { bold: true } },
			{ type: "delete", position: 5, length: 3 },
			{ type: "retain", position: 0, length: 2, attributes: { italic: true } },
			{ type: "retain", position: 3 },
		];
		for (const [i, operation] of operations.entries())
			await a.request("operation:edit", {
				prdId,
				operation: { ...operation, vectorClock: { user_123: i + 1 } },
			});
		const seen = [];
		for (const _ of operations)
			seen.push((await b.next("operation:applied")).data.operation);
		expect(seen).toMatchObject([
			{ type: "insert", position: 0, content: "Hello 😀 world" },
			{ type: "format", position: 0, length: 5, attributes: { bold: true } },
			{ type: "delete", position: 5, length: 3 },
			{ type: "format", position: 0, length: 2, attributes: { italic: true } },
			{ type: "retain", position: 0, length: 0 },
		]);
	});

	it("[DOC-4] document.update of the realtime seed inserts, emitted by name or sent whole", async () => {
		const room = document().replace("prd", "doc");
		const { a, b } = await people.both(room, transports);
		await a.request("document:update", {
			prdId: room,
			operation: {
				type: "insert",
				position: 0,
				content: "-".repeat(46),
				revision: 0,
			},
		});
		for (let version = 1; version < 5; version++)
			await a.request("document.update", {
				room,
				operation: "delete",
				position: 0,
				length: 1,
				version,
			});
		for (let i = 0; i < 5; i++) await b.next("operation:applied");
		a.socket.send({
			type: "document.update",
			room,
			data: {
				operation: "insert",
				position: 42,
				text: "Hello World",
				version: 5,
			},
		});
		expect((await b.next("operation:applied")).data).toMatchObject({
			prdId: room,
			operation: { type: "insert", position: 42, content: "Hello World" },
			revision: 6,
		});
		a.socket.emit("document.update", {
			prdId: room,
			operation: "insert",
			position: 42,
			text: "Hello World",
			version: 6,
		});
		expect((await b.next("operation:applied")).data).toMatchObject({
			revision: 7,
		});
	});

	it("[DOC-5] a deletion of the realtime form works, with `:` or `.` in the name", async () => {
		const room = document().replace("prd", "doc");
		const { a } = await people.both(room, transports);
		await a.request("document:update", {
			room,
			operation: "insert",
			position: 0,
			text: "Hello World",
			version: 0,
		});
		expect(
			await a.request("document.update", {
				room,
				operation: "delete",
				position: 5,
				length: 6,
				version: 1,
			}),
		).toMatchObject({ ok: true, data: { revision: 2 } });
		const again = await people.john(transports);
		expect(
			await again.request("document:join", { prdId: room, mode: "view" }),
		).toMatchObject({ data: { currentContent: "Hello" } });
	});

	it("[SIO-5] a token that is bad or missing is connect_error, and the client stays away", async () => {
		for (const auth of [{}, { token: "x" }]) {
			const client = people.dial({ auth, transports });
			expect((await client.refusal()).data).toMatchObject({
				code: "UNAUTHENTICATED",
			});
			expect(client.socket.active).toBe(false);
		}
	});

	it("[SIO-18] people at both doors are in one document", async () => {
		const prdId = document();
		const { a, b } = await people.both(prdId, transports);
		const raw = await connect(product.ws, { token: tokenFor("user_456") });
		const joined = await raw.request("document:join", { prdId, mode: "edit" });
		expect(joined.data.activeSessions).toHaveLength(2);
		expect((await a.next("presence:joined")).data).toMatchObject({
			session: { userId: "user_456" },
		});
		const insert = (text: string, version: number) => ({
			prdId,
			operation: "insert",
			position: 0,
			text,
			version,
		});
		await a.request("document.update", insert("a", 0));
		for (const heard of [b, raw])
			expect((await heard.next("operation:applied")).data).toMatchObject({
				revision: 1,
				operation: { content: "a" },
			});
		await raw.request("document.update", insert("b", 1));
		for (const heard of [a, b])
			expect((await heard.next("operation:applied")).data).toMatchObject({
				revision: 2,
				operation: { content: "b" },
			});
		await raw.close();
	});
});

describe("the Socket.IO door of the product", () => {
	it("[SIO-13] a body of bytes is 400 on polling", async () => {
		const sid = await openPolling(product.port);
		const query = `EIO=4&transport=polling&sid=${sid}`;
		const response = await poll(product.port, query, {
			method: "POST",
			headers: { "content-type": "application/octet-stream" },
			body: "40/ws,{}",
		});
		expect(response.status).toBe(400);
	});

	it("[SIO-7] serves no client library and no debugging namespace", async () => {
		const script = await fetch(`${product.url}/socket.io/socket.io.js`);
		expect(script.status).toBe(404);
	});

	it("[SIO-15] SIGTERM tells everybody, the process exits with 0, and clients come back to its successor", async () => {
		const own = createDataDir();
		const first = await Product.start(own.path);
		const token = tokenFor("user_123");
		const coming = (["websocket", "polling"] as const).map((transport) =>
			new SocketioPeople(first).dial({
				auth: { token },
				transports: [transport],
				reconnectionDelayMax: 50,
			}),
		);
		for (const client of coming) await client.next("session:ready");
		const stopped = first.stop();
		for (const client of coming) {
			await client.next("system:draining");
			expect((await client.next("connection:closing")).data).toMatchObject({
				code: 1012,
				action: "reconnect",
			});
			expect(await client.reason()).toBe("transport close");
		}
		expect(await stopped).toBe(0);
		const second = await Product.start(own.path, { PORT: String(first.port) });
		for (const client of coming) await client.next("session:ready");
		for (const { socket } of coming) socket.disconnect();
		await second.kill();
		own.remove();
	}, 30_000);
});
