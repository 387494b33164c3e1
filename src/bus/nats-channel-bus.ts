import type { NatsConnection, Subscription } from "nats";
import type { Logger } from "../shared/logger.ts";
import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import { addressOf, decodeMessage } from "./channel-wire.ts";
import { Publisher, type PublishServer } from "./publisher.ts";
import type { Receive } from "./receivers.ts";
import {
	SharedSubscriptions,
	type SubscriptionServer,
} from "./shared-subscriptions.ts";

export interface NatsChannelBusOptions {
	/** Somebody else's, shared with him: never closed here. It must reconnect for ever. */
	readonly connection: NatsConnection;
	/** First part of every subject. */
	readonly prefix: string;
	readonly logger: Logger;
}

/** Channels as NATS subjects, on a connection that exists already. */
export class NatsChannelBus
	implements ChannelBus, PublishServer, SubscriptionServer
{
	readonly #connection: NatsConnection;
	readonly #prefix: string;
	readonly #logger: Logger;
	readonly #publisher: Publisher;
	readonly #shared: SharedSubscriptions;
	readonly #bySubject = new Map<string, Subscription>();
	/** Reject the round trips under way, which nats.js forgets when its connection is closed. */
	readonly #trips = new Set<(reason: Error) => void>();

	constructor({ connection, prefix, logger }: NatsChannelBusOptions) {
		this.#connection = connection;
		this.#prefix = prefix;
		this.#logger = logger;
		this.#shared = new SharedSubscriptions(this, logger);
		this.#publisher = new Publisher(this, logger);
		void this.#watch();
		void connection.closed().then(() => this.#end());
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
		this.#shared.close();
	}

	get messageBytes(): number {
		return this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
	}

	send(subject: string, data: Buffer): void {
		this.#connection.publish(subject, data);
	}

	async change(
		added: readonly string[],
		removed: readonly string[],
	): Promise<void> {
		for (const subject of removed) {
			this.#bySubject.get(subject)?.unsubscribe();
			this.#bySubject.delete(subject);
		}
		for (const subject of added)
			this.#bySubject.set(subject, this.#listen(subject));
		await this.confirm();
	}

	/** nats.js has sent them again by itself, before it said that it was back. */
	renew(): Promise<void> {
		return this.confirm();
	}

	#listen(subject: string): Subscription {
		return this.#connection.subscribe(subject, {
			callback: (error, { data }) => {
				try {
					if (error) throw error;
					this.#shared.deliver(subject, decodeMessage(data));
				} catch (err) {
					this.#logger.error({ subject, err }, "not a message of the bus");
				}
			},
		});
	}

	async confirm(): Promise<void> {
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		this.#trips.add(reject);
		this.#connection.flush().then(resolve, reject);
		try {
			await promise;
		} finally {
			this.#trips.delete(reject);
		}
	}

	async #watch(): Promise<void> {
		for await (const { type } of this.#connection.status())
			if (type === "disconnect") this.#shared.lost();
			else if (type === "reconnect") void this.#shared.returned();
	}

	#end(): void {
		this.#shared.lost();
		for (const reject of this.#trips)
			reject(new Error("the connection is closed"));
	}
}
