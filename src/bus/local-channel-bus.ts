import type { Logger } from "../shared/logger.ts";
import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import { type Receive, Receivers } from "./receivers.ts";

/** Channels within one process: messages pass by reference, in the publisher's turn, and are never lost. */
export class LocalChannelBus implements ChannelBus {
	readonly #receivers: Receivers;

	constructor(logger: Logger) {
		this.#receivers = new Receivers(logger);
	}

	async subscribe(
		channel: string,
		receive: Receive,
	): Promise<ChannelSubscription> {
		return { unsubscribe: this.#receivers.add(channel, receive) };
	}

	publish(channel: string, message: ChannelMessage): void {
		this.#receivers.deliver(channel, message);
	}

	onReturn(): ChannelSubscription {
		return { unsubscribe() {} };
	}

	async close(): Promise<void> {
		this.#receivers.clear();
	}
}
