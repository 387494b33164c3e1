import { once } from "node:events";
import type { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { ask } from "../support/ask.ts";
import { freePort } from "../support/free-port.ts";
import { inCluster } from "../support/in-cluster.ts";
import { NatsServer } from "../support/nats-server.ts";
import { createPostgresDatabase } from "../support/postgres.ts";
import { Product, prdtool, SECRET, tokenFor } from "../support/product.ts";
import { connect } from "../support/raw-client.ts";
import { RedisServer } from "../support/redis-server.ts";
import { createTempFolder, removeTempFolder } from "../support/temp-folder.ts";

const MS = 60_000;
const PASSWORD = "geheim-in-the-address";
type Settings = Readonly<Record<string, string>>;

inCluster("processes of one service each", () => {
	const dataDir = createTempFolder("start");
	const products: Promise<Product>[] = [];
	let nats: NatsServer;
	let redis: RedisServer;
	let settings: Settings;
	beforeAll(async () => {
		nats = await NatsServer.start();
		redis = await RedisServer.start();
		settings = {
			DATABASE_URL: await createPostgresDatabase(),
			REDIS_URL: redis.url(),
			NATS_URL: nats.url(),
			JWT_SECRET: SECRET,
		};
	}, MS);
	afterAll(async () => {
		for (const product of await Promise.allSettled(products))
			if (product.status === "fulfilled") await product.value.kill();
		await nats.close();
		await redis.close();
		removeTempFolder(dataDir);
	});

	const run = (service: string, more: Settings = {}): Promise<Product> => {
		const product = Product.start(dataDir, { ...settings, ...more }, [service]);
		products.push(product);
		return product;
	};

	it(
		"[CLUSTER-7] a gateway is live and lets nobody in before the services that it needs are there",
		async () => {
			const port = await freePort();
			const gateway = run("ws-gateway", { PORT: String(port) });
			const live = await until(() => ask(port, "/health/live"));
			expect(live.status).toBe(200);
			expect((await ask(port, "/health/ready")).status).toBe(503);
			await expect(
				connect(`ws://127.0.0.1:${port}/ws`, { token: tokenFor("ann") }),
			).rejects.toThrow("503");
			await Promise.all([run("room"), run("presence"), run("document-ot")]);
			const { ws } = await gateway;
			expect((await ask(port, "/health/ready")).status).toBe(200);
			await (await connect(ws, { token: tokenFor("ann") })).close();
		},
		MS,
	);

	it(
		"[CLUSTER-10] of another installation on the same bus nothing is noticed",
		async () => {
			const NAMESPACE_NAME = "other";
			const port = await freePort();
			void run("ws-gateway", { NAMESPACE_NAME, PORT: String(port) });
			await until(() => ask(port, "/health/live"));
			// By then it has heard of all those on the bus that it can hear.
			await run("room", { NAMESPACE_NAME });
			expect((await ask(port, "/health/ready")).status).toBe(503);
			await run("presence", { NAMESPACE_NAME });
			await run("document-ot", { NAMESPACE_NAME });
			await until(async () => {
				const { status } = await ask(port, "/health/ready");
				if (status !== 200) throw new Error("not yet");
			});
		},
		MS,
	);

	it(
		"[CLUSTER-8] one without a gateway is asked for its health on a port of its own",
		async () => {
			const port = await freePort();
			const room = await run("room", { HEALTH_PORT: String(port) });
			for (const path of ["/health/live", "/health/ready"])
				expect((await ask(port, path)).status).toBe(200);
			expect((await ask(port, "/metrics")).status).toBe(404);
			expect(await room.stop()).toBe(0);
			await expect(ask(port, "/health/live")).rejects.toThrow("ECONNREFUSED");
		},
		MS,
	);

	it.each<[string, (port: number) => Settings]>([
		[
			"NATS",
			(port) => ({ NATS_URL: `nats://u:${PASSWORD}@127.0.0.1:${port}` }),
		],
		["Redis", (port) => redisAt(`redis://:${PASSWORD}@127.0.0.1:${port}`)],
	])(
		"[CLUSTER-9] %s that is not there is waited for, and missed aloud; a signal ends the waiting",
		async (_, at) => {
			const { code, stderr } = await prdtool(
				["start", "room"],
				{ ...settings, DATA_DIR: dataDir, ...at(await freePort()) },
				async (child) => {
					let log = "";
					while (!log.includes("the bus cannot be reached"))
						log += (await once(child.stderr as Readable, "data"))[0];
				},
			);
			expect(code).toBe(0);
			expect(stderr).not.toContain(PASSWORD);
		},
		MS,
	);

	it.each<[string, () => Settings]>([
		["NATS", () => ({ NATS_URL: nats.url().replace(nats.pass, PASSWORD) })],
		["Redis", () => redisAt(`redis://:${PASSWORD}@127.0.0.1:${redis.port}`)],
	])(
		"[CLUSTER-9] %s that refuses the process ends its start with one line",
		async (bus, at) => {
			const ended = await prdtool(["start", "room"], {
				...settings,
				DATA_DIR: dataDir,
				...at(),
			});
			expect(ended.stderr).toMatch(
				new RegExp(`^prdtool: ${bus} refuses this process[^\n]*\n$`),
			);
			expect(ended.stderr).not.toContain(PASSWORD);
			expect(ended.code).toBe(1);
		},
		MS,
	);
});

const redisAt = (REDIS_URL: string): Settings => ({
	BUS: "redis",
	NATS_URL: "",
	REDIS_URL,
});

/** Asks until there is an answer. */
async function until<T>(attempt: () => Promise<T>): Promise<T> {
	for (;;)
		try {
			return await attempt();
		} catch {
			await turn();
		}
}
