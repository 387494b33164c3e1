import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
let product: Product;
let names = 0;

beforeAll(async () => {
	product = await Product.start(dataDir.path);
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

const user = (id: string, name: string): Promise<RawClient> =>
	connect(product.ws, { token: tokenFor(id, { name }) });

/** A document of its own for each test, in the place of the examples' id. */
const document = (): string => `prd_123.${++names}`;

const john = () => user("user_123", "John Doe");
const sarah = () => user("user_456", "Sarah Smith");

/** John's document, which Sarah may edit; both have joined it. */
async function both(prdId: string): Promise<{ a: RawClient; b: RawClient }> {
	const a = await john();
	await a.request("document:join", { prdId, mode: "edit" });
	await a.request("room:invite", {
		room: prdId,
		userId: "user_456",
		role: "edit",
	});
	const b = await sarah();
	await b.request("document:join", { prdId, mode: "edit" });
	return { a, b };
}

const dataOf = ({ data }: Frame) => data;

describe("the API seed over the raw door", () => {
	it("[JOIN-1] document:join as printed answers document:joined with the document and who is there", async () => {
		const prdId = document();
		const { b: sarahsSocket } = await both(prdId);
		await sarahsSocket.request("operation:edit", {
			prdId,
			operation: {
				type: "insert",
				position: 0,
				content: "markdown content...",
				vectorClock: {},
			},
		});
		const a = await john();
		a.send({
			type: "document:join",
			data: {
				prdId,
				mode: "edit", // 'view' | 'edit' | 'comment'
				lastKnownVersion: "1.2.0",
			},
		});
		const joined = dataOf(await a.next("document:joined"));
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
		const { a, b } = await both(prdId);
		const left = await a.request("document:leave", { prdId });
		expect(left).toMatchObject({ type: "ack", data: {} });
		expect(dataOf(await b.next("presence:left"))).toMatchObject({
			prdId,
			session: { userId: "user_123" },
		});
	});

	it("[DOC-1] operation:edit as printed reaches the others as operation:applied", async () => {
		const prdId = document();
		const { a, b } = await both(prdId);
		// The state the example begins in: five operations of user_123, three of user_456, 245 characters.
		const texts = { a: "x".repeat(49), b: "" };
		for (let i = 1; i <= 5; i++)
			await a.request("operation:edit", {
				prdId,
				operation: {
					type: "insert",
					position: 0,
					content: texts.a,
					vectorClock: { user_123: i },
				},
			});
		await b.settled();
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
		await a.settled();
		for (const _ of [1, 2, 3, 4, 5]) await b.next("operation:applied");
		a.send({
			type: "operation:edit",
			data: {
				prdId,
				operation: {
					type: "insert",
					position: 245,
					content: "New content here",
					vectorClock: { user_123: 6, user_456: 3 },
					attributes: { bold: true },
				},
			},
		});
		expect(dataOf(await b.next("operation:applied"))).toEqual({
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
		expect(dataOf(await a.next("operation:ack"))).toEqual({
			prdId,
			opId: expect.any(String),
			revision: 9,
			vectorClock: { user_123: 6, user_456: 3 },
		});
		expect(a.of("operation:applied")).toHaveLength(3);
	});

	it("[DOC-2] on a fresh document the printed clock is put right, and the ack says so", async () => {
		const prdId = document();
		const { a } = await both(prdId);
		a.send({
			type: "operation:edit",
			data: {
				prdId,
				operation: {
					type: "insert",
					position: 0,
					content: "New content here",
					vectorClock: { user_123: 6, user_456: 3 },
					attributes: { bold: true },
				},
			},
		});
		expect(dataOf(await a.next("operation:ack"))).toMatchObject({
			revision: 1,
			vectorClock: { user_123: 1 },
			clockCorrected: true,
		});
	});

	it("[DOC-3] every type of operation works: insert, delete, retain, format", async () => {
		const prdId = document();
		const { a, b } = await both(prdId);
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
			seen.push(dataOf(await b.next("operation:applied")).operation);
		expect(seen).toMatchObject([
			{ type: "insert", position: 0, content: "Hello 😀 world" },
			{ type: "format", position: 0, length: 5, attributes: { bold: true } },
			{ type: "delete", position: 5, length: 3 },
			{ type: "format", position: 0, length: 2, attributes: { italic: true } },
			{ type: "retain", position: 0, length: 0 },
		]);
		const again = await sarah();
		const joined = await again.request("document:join", {
			prdId,
			mode: "view",
		});
		expect(joined.data).toMatchObject({
			currentContent: "Hello world",
			attributes: [
				{ position: 0, length: 2, attributes: { bold: true, italic: true } },
				{ position: 2, length: 3, attributes: { bold: true } },
			],
		});
	});
});

describe("the realtime seed over the raw door", () => {
	it("[DOC-4] document.update as printed inserts, and the others hear of it", async () => {
		const room = document().replace("prd", "doc");
		const { a, b } = await both(room);
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
			await a.request(
				"document.update",
				{ operation: "delete", position: 0, length: 1, version },
				{ room },
			);
		await b.settled();
		const seen = b.of("operation:applied").length;
		a.send({
			type: "document.update",
			room,
			data: {
				operation: "insert",
				position: 42,
				text: "Hello World",
				version: 5,
			},
		});
		expect(dataOf(await a.next("operation:ack"))).toMatchObject({
			revision: 6,
		});
		await b.settled();
		expect(b.of("operation:applied").slice(seen)).toMatchObject([
			{
				room,
				data: {
					prdId: room,
					operation: { type: "insert", position: 42, content: "Hello World" },
					revision: 6,
				},
			},
		]);
	});

	it("[DOC-5] a deletion of the realtime form works, with `:` or `.` in the name", async () => {
		const room = document().replace("prd", "doc");
		const { a } = await both(room);
		const insert = {
			operation: "insert",
			position: 0,
			text: "Hello World",
			version: 0,
		};
		await a.request("document:update", insert, { room });
		const remove = { operation: "delete", position: 5, length: 6, version: 1 };
		const answer = await a.request("document.update", remove, { room });
		expect(answer).toMatchObject({ type: "ack", data: { revision: 2 } });
		const again = await john();
		const joined = await again.request("document:join", {
			prdId: room,
			mode: "view",
		});
		expect(joined.data.currentContent).toBe("Hello");
	});
});
