import { Redis, type RedisOptions } from "ioredis";
import { type Middleware, Transporters } from "moleculer";
import { CollabError } from "../protocol/errors.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";
import { BusGuard } from "./bus-guard.ts";
import { RedisChannelBus } from "./redis-channel-bus.ts";
import {
	type Transport,
	type TransportPorts,
	waitForBus,
} from "./transport.ts";

const OPTIONS: RedisOptions = {
	lazyConnect: true,
	connectTimeout: 4_000,
	retryStrategy: () => 250,
	// What cannot be sent fails at once: nothing waits to be carried out late.
	enableOfflineQueue: false,
	maxRetriesPerRequest: 0,
};
const REFUSALS = /^(WRONGPASS|NOAUTH|NOPERM|ERR .*(AUTH|password))/;

/** Calls and channels over Redis, where there is no NATS; of nodes that die their heartbeats alone tell. */
export class RedisTransport implements Transport {
	readonly #url: string;
	readonly #ports: TransportPorts;
	readonly #guard = new BusGuard();
	readonly transporter: RedisTransporter;
	readonly middlewares: readonly Middleware[];

	constructor(url: string, ports: TransportPorts) {
		this.#url = url;
		this.#ports = ports;
		const transporter = new RedisTransporter(url, this.#guard);
		this.transporter = transporter;
		this.middlewares = [
			this.#guard.middleware,
			{
				name: "Redis",
				starting: () =>
					waitForBus(transporter.open(), ports, new URL(url).host),
				stopped: async () => transporter.close(),
			},
		];
	}

	openChannels(): Promise<ChannelBus> {
		const { prefix, logger } = this.#ports;
		return RedisChannelBus.open({ url: this.#url, prefix, logger });
	}
}

/**
 * Moleculer's own opens one more connection at every reconnect, and a message that it cannot send ends the process.
 */
class RedisTransporter extends Transporters.Redis {
	readonly #guard: BusGuard;
	readonly #publisher: Redis;
	readonly #subscriber: Redis;

	constructor(url: string, guard: BusGuard) {
		super();
		this.#guard = guard;
		this.#publisher = new Redis(url, OPTIONS);
		this.#subscriber = new Redis(url, OPTIONS);
	}

	/** Waits for the server. Throws `UNAVAILABLE` when it does not let this process in. */
	async open(): Promise<void> {
		const both = [this.#publisher, this.#subscriber];
		await Promise.all(both.map(ready));
		for (const client of both) {
			// What is wrong shows by the connection being closed.
			client.on("error", () => {});
			client.on("close", () => this.#guard.lost());
			client.on("ready", () => {
				if (both.every(({ status }) => status === "ready"))
					void this.#guard.returned();
			});
		}
		this.#subscriber.on("messageBuffer", (topic: Buffer, data: Buffer) => {
			const [command = ""] = String(topic)
				.slice(this.prefix.length + 1)
				.split(".");
			void this.receive(command, data);
		});
	}

	close(): void {
		this.#publisher.disconnect();
		this.#subscriber.disconnect();
	}

	override connect(): Promise<void> {
		return this.onConnected();
	}

	/** Everything sent so far has been answered; who opened the connections closes them. */
	override async disconnect(): Promise<void> {
		this.connected = false;
	}

	override async subscribe(command: string, nodeId?: string): Promise<void> {
		await this.#subscriber.subscribe(this.getTopicName(command, nodeId));
	}

	override async send(topic: string, data: Buffer): Promise<void> {
		try {
			await this.#publisher.publish(topic, data);
		} catch (error) {
			// Whoever waits for an answer has been told by the guard.
			if (this.#publisher.status === "ready") throw error;
		}
	}
}

/** Resolves when Redis answers; tries until then. */
function ready(client: Redis): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	const refused = (cause: Error) => {
		if (!REFUSALS.test(cause.message)) return;
		client.disconnect();
		const data = { reason: "bus" };
		reject(
			new CollabError("UNAVAILABLE", "Redis refuses this process", data, {
				cause,
			}),
		);
	};
	client.on("error", refused);
	client.once("ready", () => {
		client.off("error", refused);
		resolve();
	});
	// The first failure is no reason to give up.
	client.connect().catch(() => {});
	return promise;
}
