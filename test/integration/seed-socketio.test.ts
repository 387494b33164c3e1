import {
	afterAll,
	afterEach,
	beforeAll,
	describe,
	expect,
	it,
} from "@jest/globals";
import { Product } from "../support/product.ts";
import type { SocketioClient } from "../support/socketio-client.ts";
import { SocketioPeople, WAYS } from "../support/socketio-people.ts";
import { createDataDir } from "../support/sqlite.ts";

const cursor = { line: 10, ch: 25 };
const selection = {
	start: { line: 10, ch: 20 },
	end: { line: 10, ch: 30 },
};
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

const dataDir = createDataDir();
let product: Product;
let people: SocketioPeople;
let names = 0;

beforeAll(async () => {
	product = await Product.start(dataDir.path);
	people = new SocketioPeople(product);
});
afterEach(() => people.leave());
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

/** A document of its own for each test, in the place of the examples' id. */
const document = (): string => `prd_123.${++names}`;

async function insert(
	client: SocketioClient,
	prdId: string,
	content: string,
	revision: number,
): Promise<void> {
	const operation = { type: "insert", position: 0, content, revision };
	const reply = await client.request("operation:edit", { prdId, operation });
	expect(reply).toMatchObject({ ok: true });
}

describe.each(WAYS)(
	"the API seed's presence and recovery over Socket.IO, %s",
	(_, transports) => {
		it("[PRES-2] presence:cursor as printed reaches the others as presence:updated, and never oneself", async () => {
			const prdId = document();
			const { a, b } = await people.both(prdId, transports);
			a.socket.emit("presence:cursor", {
				prdId,
				cursor: { line: 10, ch: 25 },
				selection: {
					start: { line: 10, ch: 20 },
					end: { line: 10, ch: 30 },
				},
			});
			expect((await b.next("presence:updated")).data).toEqual({
				prdId,
				userId: "user_123",
				sessionId: expect.any(String),
				cursor,
				selection,
				lastActivity: TIME,
			});
			await a.settled();
			expect(a.of("presence:updated")).toEqual([]);
		});

		it("[PRES-2] presence:status as printed reaches the others", async () => {
			const prdId = document();
			const { a, b } = await people.both(prdId, transports);
			for (const status of ["typing", "idle", "away"]) {
				a.socket.emit("presence:status", { prdId, status });
				expect((await b.next("presence:updated")).data).toMatchObject({
					userId: "user_123",
					status,
				});
			}
		});

		it("[PRES-6] document:joined as printed shows a joiner who is there, and where", async () => {
			const prdId = document();
			const { a, b } = await people.both(prdId, transports);
			await b.request("presence:cursor", { prdId, cursor, selection });
			await a.next("presence:updated");
			const c = await people.john(transports);
			const joined = await c.request("document:join", {
				prdId,
				mode: "edit",
				lastKnownVersion: "1.2.0",
			});
			expect(joined.data?.activeSessions).toContainEqual({
				sessionId: expect.any(String),
				userId: "user_456",
				userName: "Sarah Smith",
				mode: "edit",
				cursor,
				selection,
				color: expect.stringMatching(/^#[0-9A-F]{6}$/),
				lastActivity: TIME,
			});
		});

		it("[REC-9] session:recover as printed answers as printed", async () => {
			const [first, second] = [document(), document()];
			const { a, b } = await people.both(first, transports);
			for (let revision = 0; revision < 3; revision++)
				await insert(a, first, "a", revision);
			for (let revision = 3; revision < 5; revision++)
				await insert(b, first, "b", revision);
			await a.request("document:join", { prdId: second, mode: "edit" });
			await insert(a, second, "c", 0);
			a.socket.disconnect();
			await insert(b, first, "New content", 5);
			const again = await people.john(transports);
			again.socket.emit("session:recover", {
				activeSessions: [first, second],
				lastVectorClocks: {
					[first]: { user_123: 3, user_456: 2 },
					[second]: { user_123: 1 },
				},
			});
			expect((await again.next("session:recovered")).data).toMatchObject({
				sessions: [
					{
						prdId: first,
						recovered: true,
						missedOperations: [
							{ type: "insert", position: 0, content: "New content" },
						],
						currentVectorClock: { user_123: 3, user_456: 3 },
					},
					{
						prdId: second,
						recovered: true,
						missedOperations: [],
						currentVectorClock: { user_123: 1 },
					},
				],
			});
			await insert(b, first, "later", 6);
			expect((await again.next("operation:applied")).data).toMatchObject({
				prdId: first,
				revision: 7,
			});
		});

		it("[SES-15] failed attempts to show a token end all of the person's sessions, which hear why", async () => {
			const a = await people.enter(`mallory${++names}`, "M", transports);
			for (let attempt = 0; attempt < 5; attempt++)
				a.socket.emit("auth:refresh", { token: "not.a.token" });
			expect((await a.next("security:alert")).data).toEqual({
				type: "suspicious_activity",
				message: "Multiple failed authentication attempts detected",
				action: "session_terminated",
			});
			expect((await a.next("connection:closing")).data).toMatchObject({
				code: 4100,
				action: "reauthenticate",
			});
		});
	},
);
