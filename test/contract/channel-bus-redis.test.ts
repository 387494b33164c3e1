import { describe, expect, it, jest } from "@jest/globals";
import { Redis } from "ioredis";
import { RedisChannelBus } from "../../src/bus/redis-channel-bus.ts";
import { type Logger, SILENT } from "../../src/shared/logger.ts";
import type { ChannelBus } from "../../src/shared/ports/channel-bus.ts";
import { freePort } from "../support/free-port.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { hasRedisServer, RedisServer } from "../support/redis-server.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";
import { Ear } from "./bus-ear.ts";
import { channelBusContract } from "./channel-bus.contract.ts";
import {
	type BusServer,
	channelBusServerContract,
} from "./channel-bus-server.contract.ts";

/** Where the build decides, a machine without the server is a failure. */
const served =
	hasRedisServer() || process.env.CI === "true" ? describe : describe.skip;
const prefix = "test.channel";
// Servers take their time to start on a machine that does other things.
jest.setTimeout(30_000);

async function startServer(): Promise<
	BusServer & { url(port?: number): string }
> {
	const server = await RedisServer.start();
	const buses: ChannelBus[] = [];
	return {
		port: server.port,
		url: (port) => server.url(port, 3),
		async openBus(port: number, logger: Logger) {
			const url = server.url(port, 3);
			const bus = await RedisChannelBus.open({ url, prefix, logger });
			buses.push(bus);
			return bus;
		},
		async sendRaw(channel, bytes) {
			const redis = new Redis(server.url());
			await redis.publish(`${prefix}.${channel}`, bytes);
			redis.disconnect();
		},
		async hasSubscribers(channel) {
			const redis = new Redis(server.url());
			const [, count] = await redis.pubsub("NUMSUB", `${prefix}.${channel}`);
			redis.disconnect();
			return Number(count) > 0;
		},
		kill: server.kill,
		restart: server.restart,
		async close() {
			for (const bus of buses) await bus.close();
			await server.close();
		},
	};
}

served("over Redis", () => {
	channelBusContract("Redis", async () => {
		const server = await startServer();
		return {
			openBus: () => server.openBus(server.port, SILENT),
			close: server.close,
		};
	});
	channelBusServerContract("Redis", startServer);

	describe("on connections of its own", () => {
		it("[BUS-13] a server that has gone without a word is noticed", async () => {
			const server = await startServer();
			const proxy = await TcpProxy.open(server.port);
			const clock = new ManualClock();
			const url = server.url(proxy.port);
			const bus = await RedisChannelBus.open({
				...{ url, prefix, clock },
				logger: SILENT,
			});
			const ear = await Ear.on(bus, "a");
			const back = Promise.withResolvers<void>();
			bus.onReturn(back.resolve);
			const opened = proxy.opened;
			clock.advance(5_000);
			await Ear.on(bus, "b");
			expect(proxy.opened).toBe(opened);
			proxy.shape("toClient", { isStalled: true });
			clock.advance(5_000);
			clock.advance(5_000);
			// Given up, it dials anew, to a server that answers again.
			proxy.shape("toClient", {});
			await back.promise;
			bus.publish("a", { head: 1 });
			await ear.hears(1);
			expect(proxy.opened).toBe(opened + 2);
			await bus.close();
			expect(clock.waiting).toBe(0);
			await proxy.close();
			await server.close();
		});

		it("[BUS-14] a server that is not there, does not let us in, or says nothing is reported within 5 s", async () => {
			const server = await startServer();
			const open = (url: string) =>
				RedisChannelBus.open({ url, prefix, logger: SILENT });
			const nobody = `redis://127.0.0.1:${await freePort()}`;
			await expect(open(nobody)).rejects.toMatchObject({
				code: "UNAVAILABLE",
				cause: { code: "ECONNREFUSED" },
			});
			const wrong = `redis://:wrong@127.0.0.1:${server.port}`;
			await expect(open(wrong)).rejects.toMatchObject({
				code: "UNAVAILABLE",
				cause: { message: expect.stringContaining("WRONGPASS") },
			});
			const proxy = await TcpProxy.open(server.port);
			proxy.shape("toClient", { isStalled: true });
			const startMs = performance.now();
			await expect(open(server.url(proxy.port))).rejects.toMatchObject({
				code: "UNAVAILABLE",
			});
			// What the machine adds aside.
			expect(performance.now() - startMs).toBeLessThan(9_000);
			await proxy.close();
			await server.close();
		});
	});
});
