import type { Logger } from "../shared/logger.ts";
import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";

type Receive = (message: ChannelMessage) => void;

/** Channels within one process: messages pass by reference, in the publisher's turn. */
export class LocalChannelBus implements ChannelBus {
	readonly #logger: Logger;
	readonly #channels = new Map<string, Set<Receive>>();

	constructor(logger: Logger) {
		this.#logger = logger;
	}

	async subscribe(
		channel: string,
		receive: Receive,
	): Promise<ChannelSubscription> {
		const receivers = this.#channels.get(channel) ?? new Set();
		receivers.add(receive);
		this.#channels.set(channel, receivers);
		return {
			unsubscribe: () => {
				receivers.delete(receive);
				if (receivers.size === 0 && this.#channels.get(channel) === receivers)
					this.#channels.delete(channel);
			},
		};
	}

	publish(channel: string, message: ChannelMessage): void {
		for (const receive of this.#channels.get(channel) ?? [])
			try {
				receive(message);
			} catch (err) {
				// A receiver's failure is its own: it must not look like the publisher's.
				this.#logger.error({ channel, err }, "a channel message failed");
			}
	}

	async close(): Promise<void> {
		this.#channels.clear();
	}
}
