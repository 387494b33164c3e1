import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../../src/shared/ports/channel-bus.ts";

interface Held {
	readonly channel: string;
	readonly message: ChannelMessage;
}

/** A bus that the test holds in its hand: it decides what arrives, when, how often and in which order. */
export class HeldBus implements ChannelBus {
	readonly held: Held[] = [];
	readonly #receivers = new Map<
		string,
		Set<(message: ChannelMessage) => void>
	>();
	/** False: every message arrives at once. */
	isHolding: boolean;

	constructor({ isHolding = true } = {}) {
		this.isHolding = isHolding;
	}

	async subscribe(
		channel: string,
		receive: (message: ChannelMessage) => void,
	): Promise<ChannelSubscription> {
		const receivers = this.#receivers.get(channel) ?? new Set();
		this.#receivers.set(channel, receivers.add(receive));
		return { unsubscribe: () => receivers.delete(receive) };
	}

	publish(channel: string, message: ChannelMessage): void {
		if (this.isHolding) this.held.push({ channel, message });
		else this.#arrive({ channel, message });
	}

	readonly #returns = new Set<() => void>();

	onReturn(listener: () => void): ChannelSubscription {
		this.#returns.add(listener);
		return { unsubscribe: () => this.#returns.delete(listener) };
	}

	/** As after an outage. */
	comeBack(): void {
		for (const listener of this.#returns) listener();
	}

	/** Delivers held messages by their places (all, when none is named), in the order given; they stay held if `keep`. */
	deliver(places?: readonly number[], { keep = false } = {}): void {
		const chosen = places?.map((place) => this.held[place] as Held) ?? [
			...this.held,
		];
		if (!keep)
			for (const held of chosen) this.held.splice(this.held.indexOf(held), 1);
		for (const held of chosen) this.#arrive(held);
	}

	drop(): void {
		this.held.length = 0;
	}

	receiversOf(channel: string): number {
		return this.#receivers.get(channel)?.size ?? 0;
	}

	async close(): Promise<void> {
		this.#receivers.clear();
	}

	#arrive({ channel, message }: Held): void {
		// As over a wire: receivers never share an object with the publisher.
		const copy = structuredClone(message);
		for (const receive of [...(this.#receivers.get(channel) ?? [])])
			receive(copy);
	}
}
