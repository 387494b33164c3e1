/**
 * Fan-out between nodes: at most once, in order per publisher and channel. A receiver finds gaps by the numbers
 * inside the messages and refills them from the log; nothing may rely on delivery.
 */
export interface ChannelBus {
	/**
	 * Resolves when the subscription is in force: what is published after that arrives. It stays in force over outages.
	 * @throws UNAVAILABLE while the bus is away
	 */
	subscribe(
		channel: string,
		receive: (message: ChannelMessage) => void,
	): Promise<ChannelSubscription>;
	/** Never throws: what the bus cannot take is lost. A body that is too big for it is left out. */
	publish(channel: string, message: ChannelMessage): void;
	/** Calls back once after every outage, when all subscriptions are in force again: what was published meanwhile is lost. */
	onReturn(listener: () => void): ChannelSubscription;
	close(): Promise<void>;
}

export interface ChannelMessage {
	/** A small JSON value that receivers read. */
	readonly head: unknown;
	/** JSON text that receivers pass on as it is. */
	readonly body?: string;
}

export interface ChannelSubscription {
	unsubscribe(): void;
}
