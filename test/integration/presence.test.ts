import {
	afterAll,
	afterEach,
	beforeAll,
	describe,
	expect,
	it,
} from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
let product: Product;
let names = 0;
const clients: RawClient[] = [];

beforeAll(async () => {
	product = await Product.start(dataDir.path);
});
afterEach(() => {
	for (const { socket } of clients.splice(0)) socket.terminate();
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

async function user(id: string, name: string): Promise<RawClient> {
	const client = await connect(product.ws, { token: tokenFor(id, { name }) });
	clients.push(client);
	return client;
}
const document = (): string => `prd_123.p${++names}`;
const john = () => user("user_123", "John Doe");
const sarah = () => user("user_456", "Sarah Smith");
const dataOf = ({ data }: Frame) => data;

/** John's document, which Sarah may use as that; both have joined it. */
async function both(
	prdId: string,
	mode = "edit",
): Promise<{ a: RawClient; b: RawClient }> {
	const a = await john();
	await a.request("document:join", { prdId, mode: "edit" });
	await a.request("room:invite", {
		room: prdId,
		userId: "user_456",
		role: mode,
	});
	const b = await sarah();
	await b.request("document:join", { prdId, mode });
	await a.next("presence:joined");
	return { a, b };
}

const cursor = { line: 10, ch: 25 };
const selection = { start: { line: 10, ch: 20 }, end: { line: 10, ch: 30 } };

describe("the API seed's presence over the raw door", () => {
	it("[PRES-2] presence:cursor as printed reaches the others as presence:updated, and never oneself", async () => {
		const prdId = document();
		const { a, b } = await both(prdId);
		a.send({
			type: "presence:cursor",
			data: {
				prdId,
				cursor: { line: 10, ch: 25 },
				selection: {
					start: { line: 10, ch: 20 },
					end: { line: 10, ch: 30 },
				},
			},
		});
		const updated = await b.next("presence:updated");
		expect(updated).toEqual({
			type: "presence:updated",
			room: prdId,
			data: {
				prdId,
				userId: "user_123",
				sessionId: expect.any(String),
				cursor,
				selection,
				lastActivity: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
			},
		});
		await a.settled();
		expect(a.of("presence:updated")).toEqual([]);
	});

	it.each(["typing", "idle", "away"])(
		"[PRES-2] presence:status '%s' reaches the others, with the cursor that they know",
		async (status) => {
			const prdId = document();
			const { a, b } = await both(prdId);
			await a.request("presence:cursor", { prdId, cursor, revision: 0 });
			const first = dataOf(await b.next("presence:updated"));
			expect(first).not.toHaveProperty("status");
			a.send({ type: "presence:status", data: { prdId, status } });
			expect(dataOf(await b.next("presence:updated"))).toMatchObject({
				userId: "user_123",
				status,
				cursor,
				revision: 0,
			});
		},
	);

	it("[PRES-6] document:joined as printed shows a joiner cursors, selections, colors and status", async () => {
		const prdId = document();
		const { a, b } = await both(prdId);
		await b.request("presence:cursor", { prdId, cursor, selection });
		await b.request("presence:status", { prdId, status: "typing" });
		await a.next("presence:updated");
		await a.next("presence:updated");
		const c = await john();
		const joined = await c.request("document:join", { prdId, mode: "edit" });
		expect(dataOf(joined).activeSessions).toContainEqual({
			sessionId: expect.any(String),
			userId: "user_456",
			userName: "Sarah Smith",
			mode: "edit",
			cursor,
			selection,
			status: "typing",
			color: expect.stringMatching(/^#[0-9A-F]{6}$/),
			lastActivity: expect.any(String),
		});
	});
});

describe("the realtime seed's manner over the raw door", () => {
	it("[PRES-2] a dot in the name and a room in the envelope say the same", async () => {
		const prdId = document();
		const { a, b } = await both(prdId);
		a.send({ type: "presence.cursor", room: prdId, data: { cursor } });
		expect(dataOf(await b.next("presence:updated"))).toMatchObject({
			prdId,
			cursor,
		});
	});
});

describe("presence", () => {
	it("[PRES-8] any mode may send it; outside a joined document it is NOT_JOINED", async () => {
		const prdId = document();
		const { a, b } = await both(prdId, "view");
		const done = await b.request("presence:cursor", { prdId, cursor });
		expect(done).toMatchObject({ type: "ack", data: {} });
		await a.next("presence:updated");
		const c = await sarah();
		const refused = await c.request("presence:status", {
			prdId,
			status: "idle",
		});
		expect(refused).toMatchObject({
			type: "error:presence",
			data: { operation: "presence:status", code: "NOT_JOINED" },
		});
	});

	it.each([
		["a negative line", "cursor", { cursor: { line: -1, ch: 0 } }],
		["a fraction", "cursor", { cursor: { line: 0.5, ch: 0 } }],
		["a line of text", "cursor", { cursor: { line: "1", ch: 0 } }],
		["no column", "cursor", { cursor: { line: 1 } }],
		["no cursor", "cursor", {}],
		["half a selection", "cursor", { cursor, selection: { start: cursor } }],
		[
			"a negative selection",
			"cursor",
			{ cursor, selection: { start: cursor, end: { line: 0, ch: -1 } } },
		],
		["a negative revision", "cursor", { cursor, revision: -1 }],
		["an unknown status", "status", { status: "admin" }],
		["no status", "status", {}],
	])("[PRES-8] %s is VALIDATION_FAILED", async (_name, kind, data) => {
		const prdId = document();
		const a = await john();
		await a.request("document:join", { prdId, mode: "edit" });
		const refused = await a.request(`presence:${kind}`, { prdId, ...data });
		expect(refused).toMatchObject({
			type: "error:presence",
			data: { code: "VALIDATION_FAILED" },
		});
	});

	it("[PRES-8] what lies beyond the text, or is not asked for, is not changed and not passed on", async () => {
		const prdId = document();
		const { a, b } = await both(prdId);
		const far = { line: 9_000_000, ch: 1e9 };
		await a.request("presence:cursor", {
			prdId,
			cursor: { ...far, secret: 1 },
			selection: { start: far, end: { line: 0, ch: 0 } },
			userName: "Somebody else",
		});
		const { lastActivity, sessionId, ...told } = dataOf(
			await b.next("presence:updated"),
		);
		expect(told).toEqual({
			prdId,
			userId: "user_123",
			cursor: far,
			selection: { start: far, end: { line: 0, ch: 0 } },
		});
	});

	it("[PRES-3] of a burst the others get few updates, and the last one", async () => {
		const prdId = document();
		const { a, b } = await both(prdId);
		for (let line = 0; line < 50; line++)
			a.send({
				type: "presence:cursor",
				data: { prdId, cursor: { line, ch: 0 } },
			});
		const lines: unknown[] = [];
		do {
			const { cursor: at } = dataOf(await b.next("presence:updated"));
			lines.push((at as { line: number }).line);
		} while (lines.at(-1) !== 49);
		expect(lines.length).toBeLessThan(10);
	});

	it("[PRES-5] a session whose socket vanishes leaves at once", async () => {
		const prdId = document();
		const { a, b } = await both(prdId);
		a.socket.terminate();
		expect(dataOf(await b.next("presence:left"))).toMatchObject({
			prdId,
			session: { userId: "user_123" },
		});
		const c = await john();
		const joined = await c.request("document:join", { prdId, mode: "edit" });
		expect(dataOf(joined).activeSessions).toEqual([
			expect.objectContaining({ userId: "user_456" }),
		]);
	});
});
