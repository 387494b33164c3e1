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
import { NODE_TTL_MS, RedisQuota } from "../../src/bus/redis-quota.ts";
import { SILENT } from "../../src/shared/logger.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { MemoryQuota } from "../support/memory-quota.ts";
import { hasRedisServer, RedisServer } from "../support/redis-server.ts";
import { quotaContract } from "./quota.contract.ts";

quotaContract("memory", async () => {
	const clock = new ManualClock();
	const quota = new MemoryQuota(clock);
	return {
		nodes: [quota, quota],
		pass: async (_, ms) => clock.advance(ms),
	};
});

const withRedis = hasRedisServer() ? describe : describe.skip;
const place = { name: "ann", limit: 1 };

withRedis("Redis", () => {
	let server: RedisServer;
	let link: RedisLink;
	let namespace: string;
	const clock = new ManualClock();
	const node = (name: string, over = link) =>
		new RedisQuota(over, { namespace, node: name, clock });
	const key = (name: string) => `${namespace}:quota:${name}`;

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

	quotaContract("Redis", async () => ({
		nodes: [node("n1"), node("n2")],
		// Time is Redis's own: what it has written down is moved into the past.
		pass: (bucket, ms) =>
			link.ask(async (redis) => {
				const fullAtUs = Number(await redis.get(key(`bucket:${bucket}`)));
				await redis.set(key(`bucket:${bucket}`), fullAtUs - ms * 1_000);
			}),
	}));

	it("[QUOTA-1] a clock of Redis that is set back costs no more than a token's time", async () => {
		const rate = { capacity: 2, perSecond: 1 / 60 };
		await node("n1").charge("b", rate);
		const tomorrowUs = (Date.now() + 86_400_000) * 1_000;
		await link.ask((redis) => redis.set(key("bucket:b"), tomorrowUs));
		expect(await node("n1").charge("b", rate)).toBe(60_000);
	});

	it("[QUOTA-3] the places of a node that is silent for 30 s are free", async () => {
		const [one, other] = [node("n1"), node("n2")];
		await one.take([place]);
		await one.renew();
		expect(await other.take([place])).toBe("ann");
		await link.ask((redis) =>
			redis.zincrby(key("nodes"), 1_000 - NODE_TTL_MS, "n1"),
		);
		expect(await other.take([place])).toBe("ann");
		await link.ask((redis) => redis.zincrby(key("nodes"), -1_000, "n1"));
		expect(await other.take([place])).toBeUndefined();
	});

	it("[QUOTA-3] a node that has nothing more to do gives all back, and nothing stays for ever", async () => {
		const [one, other] = [node("n1"), node("n2")];
		await one.take([place, { name: "here", limit: 9 }]);
		await one.charge("b", { capacity: 2, perSecond: 1 });
		const keys = await link.ask((redis) => redis.keys(key("*")));
		expect(keys.sort()).toEqual(["bucket:b", "node:n1", "nodes"].map(key));
		for (const one of keys)
			expect(await link.ask((redis) => redis.pttl(one))).toBeGreaterThan(0);
		await one.close();
		expect(await other.take([place])).toBeUndefined();
		expect(await link.ask((redis) => redis.exists(key("node:n1")))).toBe(0);
	});

	it("[QUOTA-3] a node gives a sign of life every 10 s, and tells what it holds when Redis has lost it", async () => {
		const [one, other] = [node("n1"), node("n2")];
		one.open();
		const names = Array.from({ length: 1_200 }, (_, i) => `user${i}`);
		for (const name of names) await one.take([{ name, limit: 1 }]);
		await link.ask((redis) => redis.flushdb());
		await one.take([place]);
		clock.advance(10_000);
		// Over one connection what is asked later is answered later.
		await one.charge("b", { capacity: 1, perSecond: 1 });
		await one.charge("b", { capacity: 1, perSecond: 1 });
		for (const name of ["user0", "user1199", "ann"])
			expect(await other.take([{ name, limit: 1 }])).toBe(name);
		await one.close();
		expect(clock.waiting).toBe(0);
	});

	it("[QUOTA-4] while Redis is away nobody is kept out; on its return it is told what changed meanwhile", async () => {
		const own = await RedisServer.start();
		const [oneLink, otherLink] = await Promise.all(
			[1, 2].map(() => openRedis({ url: own.url(), logger: SILENT })),
		);
		if (oneLink === undefined || otherLink === undefined) throw new Error();
		const [one, other] = [node("n1", oneLink), node("n2", otherLink)];
		const rate = { capacity: 1, perSecond: 1 / 600 };
		await one.charge("b", rate);
		await one.take([place]);
		await own.kill();
		expect(await one.charge("b", rate)).toBe(0);
		expect(await one.take([place])).toBeUndefined();
		expect(await one.take([{ name: "bob", limit: 1 }])).toBeUndefined();
		one.give(["ann", "ann"]);
		await one.renew();
		await own.restart();
		while (!oneLink.isUp || !otherLink.isUp)
			await new Promise<void>((turn) => setImmediate(turn));
		await one.renew();
		await one.charge("c", rate);
		expect(await other.take([place])).toBeUndefined();
		expect(await other.take([{ name: "bob", limit: 1 }])).toBe("bob");
		for (const each of [oneLink, otherLink]) await each.close();
		await own.close();
	}, 30_000);
});
