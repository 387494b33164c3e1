import type { Redis } from "ioredis";
import { systemClock } from "../node/clock.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import { addressOf, decodeMessage } from "./channel-wire.ts";
import { Publisher, type PublishServer } from "./publisher.ts";
import type { Receive } from "./receivers.ts";
import { createRedis, openRedis, watchPulse } from "./redis-line.ts";
import {
	SharedSubscriptions,
	type SubscriptionServer,
} from "./shared-subscriptions.ts";

export interface RedisChannelBusOptions {
	/** `redis://:password@host:port/db` */
	readonly url: string;
	/** First part of every channel's name. */
	readonly prefix: string;
	readonly logger: Logger;
	readonly clock?: Clock;
}

/** Channel names in one SUBSCRIBE. */
const BATCH = 1_000;

/** Channels as Redis pub/sub: one connection that publishes, one that listens. */
export class RedisChannelBus
	implements ChannelBus, PublishServer, SubscriptionServer
{
	readonly #prefix: string;
	readonly #logger: Logger;
	readonly #out: Redis;
	readonly #in: Redis;
	readonly #publisher: Publisher;
	readonly #shared: SharedSubscriptions;
	#stopPulses = () => {};
	/** Redis has no limit of its own. */
	readonly messageBytes = Number.POSITIVE_INFINITY;

	private constructor({ url, prefix, logger }: RedisChannelBusOptions) {
		this.#prefix = prefix;
		this.#logger = logger;
		this.#out = createRedis(url);
		this.#in = createRedis(url);
		this.#publisher = new Publisher(this, logger);
		this.#shared = new SharedSubscriptions(this, logger);
	}

	/** @throws UNAVAILABLE when there is no server, or it does not let us in, within 5 s */
	static async open(options: RedisChannelBusOptions): Promise<RedisChannelBus> {
		const bus = new RedisChannelBus(options);
		await bus.#open(options.clock ?? systemClock);
		return bus;
	}

	subscribe(channel: string, receive: Receive): Promise<ChannelSubscription> {
		return this.#shared.subscribe(addressOf(this.#prefix, channel), receive);
	}

	publish(channel: string, message: ChannelMessage): void {
		if (this.#shared.isUp)
			this.#publisher.publish(addressOf(this.#prefix, channel), message);
	}

	onReturn(listener: () => void): ChannelSubscription {
		return this.#shared.onReturn(listener);
	}

	async close(): Promise<void> {
		this.#stopPulses();
		this.#shared.close();
		for (const redis of [this.#out, this.#in]) redis.disconnect();
	}

	send(address: string, data: Buffer): void {
		const { stream } = this.#out;
		// One write for what is published in one turn of microtasks: half the cost of each.
		if (stream.writableCorked === 0) {
			stream.cork();
			queueMicrotask(() => stream.uncork());
		}
		// Lost with the line: at most once.
		this.#out.publish(address, data).catch(() => {});
	}

	confirm(): Promise<unknown> {
		return this.#out.ping();
	}

	async change(
		added: readonly string[],
		removed: readonly string[],
	): Promise<void> {
		await Promise.all([
			...batches(removed).map((names) => this.#in.unsubscribe(...names)),
			...batches(added).map((names) => this.#in.subscribe(...names)),
			// Answered after everything before it, also of earlier turns.
			this.#in.ping(),
		]);
	}

	async renew(addresses: readonly string[]): Promise<void> {
		try {
			await this.change(addresses, []);
		} catch (error) {
			// Over a new connection, when this one is refused and not lost.
			this.#in.disconnect(true);
			throw error;
		}
	}

	async #open(clock: Clock): Promise<void> {
		const both = [this.#out, this.#in];
		try {
			await Promise.all(both.map((redis) => openRedis(redis, clock)));
		} catch (error) {
			await this.close();
			throw error;
		}
		const stops = both.map((redis) => watchPulse(redis, clock));
		this.#stopPulses = () => {
			for (const stop of stops) stop();
		};
		for (const redis of both)
			redis
				.on("close", () => this.#shared.lost())
				.on("ready", () => this.#returned());
		this.#in.on("messageBuffer", (address: Buffer, data: Buffer) =>
			this.#receive(address.toString(), data),
		);
		if (both.some(({ status }) => status !== "ready")) this.#shared.lost();
	}

	#returned(): void {
		if ([this.#out, this.#in].every(({ status }) => status === "ready"))
			void this.#shared.returned();
	}

	#receive(address: string, data: Buffer): void {
		let message: ChannelMessage;
		try {
			message = decodeMessage(data);
		} catch (err) {
			this.#logger.error({ address, err }, "not a message of the bus");
			return;
		}
		this.#shared.deliver(address, message);
	}
}

function batches(addresses: readonly string[]): (readonly string[])[] {
	const count = Math.ceil(addresses.length / BATCH);
	return Array.from({ length: count }, (_, i) =>
		addresses.slice(i * BATCH, (i + 1) * BATCH),
	);
}
