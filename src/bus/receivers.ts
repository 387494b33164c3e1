import type { Logger } from "../shared/logger.ts";
import type { ChannelMessage } from "../shared/ports/channel-bus.ts";

export type Receive = (message: ChannelMessage) => void;

/** Who listens in this process, by channel. */
export class Receivers {
	readonly #logger: Logger;
	readonly #channels = new Map<string, Set<{ readonly receive: Receive }>>();

	constructor(logger: Logger) {
		this.#logger = logger;
	}

	/** The returned function takes the receiver out again and tells whether the channel has none left by that. */
	add(channel: string, receive: Receive): () => boolean {
		const receivers = this.#channels.get(channel) ?? new Set();
		// An object of its own: one function may be subscribed twice.
		const receiver = { receive };
		this.#channels.set(channel, receivers.add(receiver));
		return () => {
			if (!receivers.delete(receiver) || receivers.size > 0) return false;
			return this.#channels.delete(channel);
		};
	}

	deliver(channel: string, message: ChannelMessage): void {
		for (const { receive } of this.#channels.get(channel) ?? [])
			try {
				receive(message);
			} catch (err) {
				// A receiver's failure is its own: it must not look like the publisher's.
				this.#logger.error({ channel, err }, "a channel message failed");
			}
	}

	clear(): void {
		for (const receivers of this.#channels.values()) receivers.clear();
		this.#channels.clear();
	}
}
