import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect as open } from "../../src/sdk/client.ts";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";
import { RecoveringWriter } from "../support/recovering-writer.ts";
import { createDataDir } from "../support/sqlite.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

const dataDir = createDataDir();
let product: Product;
let names = 0;

beforeAll(async () => {
	product = await Product.start(dataDir.path, { RATE_LIMITS: "off" });
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

const document = (): string => `doc.${++names}`;
const enter = async (name: string): Promise<[RawClient, string]> => {
	const client = await connect(product.ws, { token: tokenFor(name) });
	const { data } = await client.next("session:ready");
	return [client, data.sessionId as string];
};
const join = async (client: RawClient, prdId: string, data: object = {}) => {
	const request = { prdId, mode: "edit", ...data };
	const answer = await client.request("document:join", request);
	if (answer.type !== "ack") throw new Error(JSON.stringify(answer));
	return answer.data;
};
const invite = (client: RawClient, room: string, userId: string) =>
	client.request("room:invite", { room, userId, role: "edit" });
const edit = (client: RawClient, prdId: string, operation: object) =>
	client.request("operation:edit", { prdId, operation });
const insert = (content: string, place: object) => ({
	type: "insert",
	position: 0,
	content,
	...place,
});
const recover = async (client: RawClient, data: object) => {
	const answer = await client.request("session:recover", data);
	if (answer.type !== "ack") throw new Error(JSON.stringify(answer));
	return answer.data.sessions as readonly Record<string, unknown>[];
};
const revisionsIn = (session: Record<string, unknown> = {}) => {
	const missed = session.missedOperations as readonly { revision: number }[];
	return missed.map(({ revision }) => revision);
};

/** Two people's document: `own` operations of user_123 and then `others` of user_456. */
async function history(
	prdId: string,
	own: number,
	others: number,
): Promise<RawClient> {
	const [a] = await enter("user_123");
	await join(a, prdId);
	await invite(a, prdId, "user_456");
	const [b] = await enter("user_456");
	await join(b, prdId);
	for (let revision = 0; revision < own; revision++)
		await edit(a, prdId, insert("a", { revision }));
	for (let revision = own; revision < own + others; revision++)
		await edit(b, prdId, insert("b", { revision }));
	await a.close();
	return b;
}

describe("session:recover against the real server", () => {
	it("[REC-9] as printed in the API seed answers as printed there", async () => {
		const b = await history("prd_123", 15, 8);
		const c = await history("prd_456", 5, 0);
		await edit(b, "prd_123", insert("New content", { revision: 23 }));
		const [socket] = await enter("user_123");
		socket.send({
			type: "session:recover",
			data: {
				activeSessions: ["prd_123", "prd_456"],
				lastVectorClocks: {
					prd_123: { user_123: 15, user_456: 8 },
					prd_456: { user_123: 5 },
				},
			},
		});
		const { data } = await socket.next("session:recovered");
		expect(data).toMatchObject({
			sessions: [
				{
					prdId: "prd_123",
					recovered: true,
					missedOperations: [
						{ type: "insert", position: 0, content: "New content" },
					],
					currentVectorClock: { user_123: 15, user_456: 9 },
				},
				{ prdId: "prd_456", recovered: true, missedOperations: [] },
			],
		});
		for (const client of [b, c, socket]) await client.close();
	});

	it.each([
		["own operations above the log are cut", { user_123: 9, user_456: 2 }, [5]],
		[
			"own operations below are not",
			{ user_123: 1, user_456: 0 },
			[2, 3, 4, 5],
		],
		["another component above the log", { user_123: 2, user_456: 9 }, null],
		["a clock that no revision has", { user_123: 1, user_456: 2 }, null],
		["a stranger in it", { user_123: 2, user_456: 1, eve: 1 }, null],
		["an empty one", {}, [1, 2, 3, 4, 5]],
	])(
		"[REC-10] a clock pins the revision exactly, else the text comes: %s",
		async (_case, clock, missed) => {
			const prdId = document();
			const b = await history(prdId, 2, 3);
			const [a] = await enter("user_123");
			const [session] = await recover(a, {
				activeSessions: [prdId],
				lastVectorClocks: { [prdId]: clock },
			});
			expect(session).toMatchObject({
				recovered: missed !== null,
				revision: 5,
				currentVectorClock: { user_123: 2, user_456: 3 },
			});
			expect(revisionsIn(session)).toEqual(missed ?? []);
			if (missed === null)
				expect(session?.snapshot).toMatchObject({ currentContent: "bbbaa" });
			for (const client of [a, b]) await client.close();
		},
	);

	it("[REC-2] a place of another epoch, or above the head, gets the text", async () => {
		const prdId = document();
		const b = await history(prdId, 1, 1);
		for (const place of [
			{ lastRevisions: { [prdId]: 1 }, epochs: { [prdId]: "another" } },
			{ lastRevisions: { [prdId]: 3 } },
		]) {
			const [session] = await recover(b, { activeSessions: [prdId], ...place });
			expect(session).toMatchObject({
				recovered: false,
				snapshot: { currentContent: "ba" },
			});
		}
		const { epoch } = await join(b, prdId);
		const again = { lastRevisions: { [prdId]: 1 }, epochs: { [prdId]: epoch } };
		const [same] = await recover(b, { activeSessions: [prdId], ...again });
		expect(revisionsIn(same)).toEqual([2]);
		const other = { lastKnownRevision: 1, lastEpoch: "another" };
		expect(await join(b, prdId, other)).toMatchObject({ recovered: false });
		await b.close();
	});

	it("[REC-11] the session of a second tab keeps its replica, whether its connection has gone or not", async () => {
		const prdId = document();
		const [first] = await enter("ann");
		expect((await join(first, prdId)).replicaId).toBe("ann");
		let [tab, sessionId] = await enter("ann");
		expect((await join(tab, prdId)).replicaId).toBe("ann~2");
		for (const isGone of [true, false]) {
			if (isGone) await tab.close();
			const [next, nextId] = await enter("ann");
			const [session] = await recover(next, {
				activeSessions: [prdId],
				sessionId,
			});
			expect(session?.replicaId).toBe("ann~2");
			if (!isGone) expect((await tab.closed).code).toBe(4009);
			[tab, sessionId] = [next, nextId];
		}
		// Also where a nearer one is free.
		await first.request("document:leave", { prdId });
		tab.socket.terminate();
		const [last, lastId] = await enter("ann");
		const data = { activeSessions: [prdId], sessionId };
		expect((await recover(last, data))[0]?.replicaId).toBe("ann~2");
		[tab, sessionId] = [last, lastId];
		const [eve] = await enter("eve");
		await invite(first, prdId, "eve");
		const [stolen] = await recover(eve, { activeSessions: [prdId], sessionId });
		expect(stolen?.replicaId).toBe("eve");
		await tab.settled();
		for (const client of [first, tab, eve]) await client.close();
	});

	it("[REC-12] op ids of the earlier sessions go on, over several of them and a restart, and commit once", async () => {
		const prdId = document();
		let [client, sessionId] = await enter("ann");
		await join(client, prdId);
		const first = sessionId;
		const sent = insert("x", { revision: 0, opId: `${first}:1` });
		expect((await edit(client, prdId, sent)).data.revision).toBe(1);
		for (const isRestart of [false, false, true]) {
			if (isRestart) {
				await product.kill();
				product = await Product.start(dataDir.path, { RATE_LIMITS: "off" });
			} else client.socket.terminate();
			const [next, nextId] = await enter("ann");
			const [session] = await recover(next, {
				activeSessions: [prdId],
				sessionId: isRestart ? first : sessionId,
				lastRevisions: { [prdId]: 0 },
			});
			expect(session?.missedOperations).toMatchObject([
				{ opId: `${first}:1`, revision: 1 },
			]);
			expect((await edit(next, prdId, sent)).data.revision).toBe(1);
			[client, sessionId] = [next, nextId];
		}
		const fresh = insert("y", { revision: 1, opId: `${first}:2` });
		expect((await edit(client, prdId, fresh)).data.revision).toBe(2);
		await invite(client, prdId, "eve");
		const [eve] = await enter("eve");
		await recover(eve, { activeSessions: [prdId], sessionId: first });
		const stolen = insert("z", { revision: 2, opId: `${first}:3` });
		expect((await edit(eve, prdId, stolen)).data.code).toBe("FORBIDDEN");
		for (const one of [client, eve]) await one.close();
	});

	it("[REC-13] the operation without an answer goes on where it was, by an old revision or an old clock", async () => {
		for (const by of ["revision", "vectorClock"] as const) {
			const prdId = document();
			const b = await history(prdId, 1, 1);
			const [a, sessionId] = await enter("user_123");
			await join(a, prdId);
			const place =
				by === "revision"
					? { revision: 2 }
					: { vectorClock: { user_123: 2, user_456: 1 } };
			const opId = `${sessionId}:1`;
			const sent = insert("A", { ...place, opId });
			a.socket.terminate();
			await edit(b, prdId, insert("B", { revision: 2 }));
			const [back] = await enter("user_123");
			const [session] = await recover(back, {
				activeSessions: [prdId],
				sessionId,
				lastVectorClocks: { [prdId]: { user_123: 2, user_456: 1 } },
			});
			expect(revisionsIn(session)).toEqual([3]);
			expect((await edit(back, prdId, sent)).data).toMatchObject({
				revision: 4,
				vectorClock: { user_123: 2, user_456: 2 },
			});
			expect((await join(b, prdId)).currentContent).toBe("ABba");
			for (const client of [back, b]) await client.close();
		}
	});
});

describe("connections that break again and again", () => {
	const WORDS = 60;

	it("[REC-14] bare clients of both formats and the library lose nothing, repeat nothing and hear everything in order", async () => {
		const prdId = document();
		const [owner] = await enter("owner");
		await join(owner, prdId);
		for (const name of ["amy", "ben", "cat"]) await invite(owner, prdId, name);
		const writers = [
			new RecoveringWriter(product.ws, prdId, "amy", "native"),
			new RecoveringWriter(product.ws, prdId, "ben", "simple"),
		];
		const proxy = await TcpProxy.open(product.port);
		await Promise.all([
			...writers.map((writer) => writer.write(WORDS)),
			library(proxy, prdId),
		]);
		await proxy.close();
		const { currentContent } = await join(owner, prdId);
		const words = String(currentContent).match(/<[^>]+>/g) ?? [];
		expect(String(currentContent)).toBe(words.join(""));
		for (const name of ["amy", "ben", "cat"])
			expect(words.filter((word) => word.startsWith(`<${name}`))).toEqual(
				Array.from({ length: WORDS }, (_, i) => `<${name}${WORDS - i}>`),
			);
		for (const { comebacks, name } of writers)
			expect([name, comebacks.ops > WORDS / 6]).toEqual([name, true]);
		expect(proxy.opened).toBeGreaterThan(5);
		await owner.close();
	}, 60_000);

	/** Words through the client library, whose connection is cut after every few of them. */
	async function library(proxy: TcpProxy, prdId: string): Promise<void> {
		const client = open({
			url: `ws://127.0.0.1:${proxy.port}/ws`,
			token: tokenFor("cat"),
			random: () => 0,
		});
		const doc = await client.open(prdId);
		for (let i = 1; i <= WORDS; i++) {
			doc.insert(0, `<cat${i}>`);
			if (i % 10 === 0) {
				proxy.drop();
				client.retry();
			} else if (i % 10 === 5) await doc.whenSaved();
		}
		await doc.whenSaved();
		client.close();
	}
});
