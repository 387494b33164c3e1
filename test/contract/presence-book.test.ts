import { randomUUID } from "node:crypto";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	it,
} from "@jest/globals";
import { openRedis, type RedisLink } from "../../src/bus/redis-link.ts";
import { RedisPresenceBook } from "../../src/bus/redis-presence-book.ts";
import { GATEWAY_TTL_MS } from "../../src/presence/presence-book.ts";
import { PresenceMemory } from "../../src/presence/presence-memory.ts";
import type { DocId } from "../../src/shared/ids.ts";
import { SILENT } from "../../src/shared/logger.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { hasRedisServer, RedisServer } from "../support/redis-server.ts";
import {
	forgotten,
	newSession,
	presenceBookContract,
} from "./presence-book.contract.ts";

presenceBookContract("memory", async () => {
	const clock = new ManualClock();
	return {
		book: new PresenceMemory(clock),
		pass: async (ms) => clock.advance(ms),
	};
});

const withRedis = hasRedisServer() ? describe : describe.skip;

withRedis("Redis", () => {
	let server: RedisServer;
	let link: RedisLink;
	let namespace: string;
	const newBook = () => new RedisPresenceBook(link, namespace);

	beforeAll(async () => {
		server = await RedisServer.start();
		link = await openRedis({ url: server.url(), logger: SILENT });
	});
	afterAll(async () => {
		await link.close();
		await server.close();
	});
	beforeEach(() => {
		namespace = randomUUID();
	});

	/** Time is Redis's own: what it has written down is moved into the past. */
	const pass = (ms: number, isSwept = true) =>
		link.ask(async (redis) => {
			const key = (name: string) => `${namespace}:presence:${name}`;
			for (const gateway of await redis.zrange(key("gateways"), 0, -1))
				await redis.zincrby(key("gateways"), -ms, gateway);
			const [seconds] = await redis.time();
			const nowMs = Number(seconds) * 1_000;
			const swept = await redis.hget(key("sweeps"), "last");
			const last = isSwept ? nowMs - 5_000 : Number(swept) - ms;
			await redis.hset(key("sweeps"), { last });
			if (isSwept && swept === null)
				await redis.hset(key("sweeps"), { since: nowMs - GATEWAY_TTL_MS });
		});

	presenceBookContract("Redis", async () => ({
		book: newBook(),
		pass: (ms) => pass(ms),
	}));

	describe("a presence book that several replicas share", () => {
		const doc = "d1" as DocId;

		it("[PRES-10] of those who sweep at once one tells, and the next time another may", async () => {
			const books = [newBook(), newBook(), newBook()];
			const [ann, bob] = [newSession("ann"), newSession("bob")];
			await newBook().enter("g1", doc, ann);
			await pass(GATEWAY_TTL_MS);
			const told = await Promise.all(books.map(forgotten));
			expect(told.flat()).toEqual([{ docId: doc, session: ann }]);
			await newBook().enter("g2", doc, bob);
			await pass(GATEWAY_TTL_MS);
			expect(await forgotten(newBook())).toHaveLength(1);
		});

		it("[PRES-10] what one that dies has not told to its end is told by the next", async () => {
			const ann = newSession("ann");
			await newBook().enter("g1", doc, ann);
			await pass(GATEWAY_TTL_MS);
			const dies = newBook().forgetGone(() => {
				throw new Error("killed");
			});
			await expect(dies).rejects.toThrow("killed");
			expect(await forgotten(newBook())).toEqual([]);
			await pass(5_000);
			expect(await forgotten(newBook())).toEqual([
				{ docId: doc, session: ann },
			]);
		});

		it("[PRES-10] nobody is gone while Redis, or everybody who sweeps, was away", async () => {
			const ann = newSession("ann");
			await newBook().enter("g1", doc, ann);
			await pass(1_000);
			expect(await forgotten(newBook())).toEqual([]);
			await pass(GATEWAY_TTL_MS, false);
			expect(await forgotten(newBook())).toEqual([]);
			await newBook().report("g1", []);
			await newBook().enter("g1", doc, ann);
			expect(await newBook().enter("g2", doc, newSession("bob"))).toEqual([
				ann,
			]);
		});

		it("[PRES-10] a gateway that is back while it is being forgotten stays", async () => {
			const ann = newSession("ann");
			const book = newBook();
			await book.enter("g1", doc, ann);
			await pass(GATEWAY_TTL_MS);
			const back: Promise<unknown>[] = [];
			await book.forgetGone(() => {
				back.push(book.report("g1", []), book.enter("g1", doc, ann));
			});
			expect(await Promise.all(back)).toEqual([false, []]);
			expect(await book.report("g1", [])).toBe(true);
			expect(await book.enter("g2", doc, newSession("bob"))).toEqual([ann]);
		});

		it("[PRES-10] nothing stays when all have left, and nothing stays for ever", async () => {
			const keys = () => link.ask((redis) => redis.keys(`${namespace}:*`));
			const book = newBook();
			const [ann, bob] = [newSession("ann"), newSession("bob")];
			for (const session of [ann, bob]) {
				await book.enter("g1", doc, session);
				const { sessionId, lastActivity } = session;
				await book.report("g1", [
					{ docId: doc, sessionId, status: "idle", lastActivity },
				]);
			}
			await forgotten(book);
			const there = await keys();
			expect(there).toHaveLength(6);
			for (const key of there)
				expect(await link.ask((redis) => redis.pttl(key))).toBeGreaterThan(0);
			for (const { sessionId } of [ann, bob]) await book.leave(doc, sessionId);
			expect(await keys()).toEqual([`${namespace}:presence:sweeps`]);
		});
	});

	it("[PRES-10] what is asked while Redis is away fails at once; it is used again when it is back", async () => {
		const lines: string[] = [];
		const note = (_: unknown, message: string) => lines.push(message);
		const logger = { info: note, warn: note, error: note };
		const own = await RedisServer.start();
		const ownLink = await openRedis({ url: own.url(), logger });
		const book = new RedisPresenceBook(ownLink, namespace);
		const [ann, doc] = [newSession("ann"), "d1" as DocId];
		await book.enter("g1", doc, ann);
		await own.kill();
		await expect(book.enter("g1", doc, ann)).rejects.toMatchObject({
			code: "UNAVAILABLE",
		});
		await until(() => !ownLink.isUp);
		await expect(book.report("g1", [])).rejects.toMatchObject({
			code: "UNAVAILABLE",
		});
		await own.restart();
		await until(() => ownLink.isUp);
		expect(await book.report("g1", [])).toBe(false);
		expect(lines).toEqual([
			"Redis is away: presence and quotas are each node's own",
			"Redis is back",
		]);
		await ownLink.close();
		await own.close();
		expect(lines).toHaveLength(2);
	}, 30_000);
});

async function until(isTrue: () => boolean): Promise<void> {
	while (!isTrue()) await new Promise<void>((turn) => setImmediate(turn));
}
