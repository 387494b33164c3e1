import { describe, expect, it, jest } from "@jest/globals";
import { connect, type NatsConnection } from "nats";
import { NatsChannelBus } from "../../src/bus/nats-channel-bus.ts";
import { type Logger, SILENT } from "../../src/shared/logger.ts";
import { hasNatsServer, NatsServer } from "../support/nats-server.ts";
import { Ear } from "./bus-ear.ts";
import { channelBusContract } from "./channel-bus.contract.ts";
import {
	type BusServer,
	channelBusServerContract,
} from "./channel-bus-server.contract.ts";

/** Where the build decides, a machine without the server is a failure. */
const served =
	hasNatsServer() || process.env.CI === "true" ? describe : describe.skip;
const prefix = "test.channel";
// Servers take their time to start on a machine that does other things.
jest.setTimeout(30_000);

async function startServer(): Promise<
	BusServer & { connect(port: number): Promise<NatsConnection> }
> {
	const server = await NatsServer.start();
	const connections: NatsConnection[] = [];
	const dial = async (port: number): Promise<NatsConnection> => {
		const options = server.connection(port);
		const connection = await connect({
			...options,
			reconnectTimeWait: 20,
			maxReconnectAttempts: -1,
		});
		connections.push(connection);
		return connection;
	};
	return {
		port: server.port,
		connect: dial,
		openBus: async (port: number, logger: Logger) =>
			new NatsChannelBus({ connection: await dial(port), prefix, logger }),
		async sendRaw(channel, bytes) {
			const connection = await dial(server.port);
			connection.publish(`${prefix}.${channel}`, bytes);
			await connection.flush();
		},
		async hasSubscribers(channel) {
			const connection = await dial(server.port);
			const answer = connection.request(`${prefix}.${channel}`, "", {
				timeout: 1_000,
			});
			// Nobody of ours answers; only where nobody listens the server does.
			const error = await answer.catch((reason) => reason);
			return error.code !== "503";
		},
		kill: server.kill,
		restart: server.restart,
		async close() {
			for (const connection of connections) await connection.close();
			await server.close();
		},
	};
}

served("over NATS", () => {
	channelBusContract("NATS", async () => {
		const server = await startServer();
		return {
			openBus: () => server.openBus(server.port, SILENT),
			close: server.close,
		};
	});
	channelBusServerContract("NATS", startServer);

	describe("on a connection of somebody else", () => {
		it("[BUS-5] what is subscribed in one turn takes one round trip, and one subscription per channel", async () => {
			const server = await startServer();
			const connection = await server.connect(server.port);
			let flushes = 0;
			let subscriptions = 0;
			const counted = new Proxy(connection, {
				get(target, key) {
					if (key === "flush") flushes += 1;
					if (key === "subscribe") subscriptions += 1;
					const value: unknown = Reflect.get(target, key);
					return typeof value === "function" ? value.bind(target) : value;
				},
			});
			const bus = new NatsChannelBus({
				connection: counted,
				prefix,
				logger: SILENT,
			});
			const names = Array.from({ length: 2_000 }, (_, i) => `c${i % 1_000}`);
			await Promise.all(names.map((name) => Ear.on(bus, name)));
			expect([flushes, subscriptions]).toEqual([1, 1_000]);
			await server.close();
		});

		it("[BUS-12] closing the bus leaves the connection open and takes its subscriptions back", async () => {
			const server = await startServer();
			const connection = await server.connect(server.port);
			const bus = new NatsChannelBus({ connection, prefix, logger: SILENT });
			await Ear.on(bus, "a");
			await bus.close();
			await connection.flush();
			expect(await server.hasSubscribers("a")).toBe(false);
			expect(connection.isClosed()).toBe(false);
			await server.close();
		});

		it("[BUS-12] a connection that is closed ends what waits for it, and nothing throws", async () => {
			const server = await startServer();
			const connection = await server.connect(server.port);
			const bus = new NatsChannelBus({ connection, prefix, logger: SILENT });
			const attempt = bus.subscribe("a", () => {}).catch((reason) => reason);
			await new Promise(setImmediate);
			await connection.close();
			expect(await attempt).toMatchObject({ code: "UNAVAILABLE" });
			expect(() => bus.publish("a", { head: 1 })).not.toThrow();
			await bus.close();
			await server.close();
		});

		it("[BUS-7] a server that takes less than usual gets the head alone", async () => {
			const server = await NatsServer.start({ maxPayloadBytes: 1_024 });
			const connection = await connect(server.connection());
			const bus = new NatsChannelBus({ connection, prefix, logger: SILENT });
			const ear = await Ear.on(bus, "a");
			bus.publish("a", { head: 1, body: "x".repeat(1_100) });
			bus.publish("a", { head: "x".repeat(1_100) });
			bus.publish("a", { head: 2, body: "x".repeat(900) });
			await ear.hears(2);
			expect(ear.heard).toEqual([
				{ head: 1 },
				{ head: 2, body: "x".repeat(900) },
			]);
			await connection.close();
			await server.close();
		});
	});
});
