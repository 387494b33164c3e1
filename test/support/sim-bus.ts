import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../../src/shared/ports/channel-bus.ts";
import type { SimFaults } from "./sim-faults.ts";
import type { SimRandom } from "./sim-random.ts";

interface Subscriber {
	readonly channel: string;
	readonly receive: (message: ChannelMessage) => void;
	/** What is on its way to this one. */
	readonly queue: ChannelMessage[];
	/** Set until the subscription is in force. */
	begin: (() => void) | undefined;
}

/** The channels between owners and gateways; messages to each subscriber travel on their own. */
export class SimBus implements ChannelBus {
	readonly #subscribers = new Set<Subscriber>();
	readonly #random: SimRandom;
	faults: SimFaults;

	constructor(random: SimRandom, faults: SimFaults) {
		this.#random = random;
		this.faults = faults;
	}

	subscribe(
		channel: string,
		receive: (message: ChannelMessage) => void,
	): Promise<ChannelSubscription> {
		return new Promise((resolve) => {
			const subscriber: Subscriber = {
				channel,
				receive,
				queue: [],
				begin: () =>
					resolve({
						unsubscribe: () => this.#subscribers.delete(subscriber),
					}),
			};
			this.#subscribers.add(subscriber);
		});
	}

	publish(channel: string, message: ChannelMessage): void {
		const { lose, repeat } = this.faults;
		for (const subscriber of this.#subscribers) {
			if (subscriber.channel !== channel || subscriber.begin) continue;
			if (this.#random.chance(lose)) continue;
			subscriber.queue.push(message);
			if (this.#random.chance(repeat)) subscriber.queue.push(message);
		}
	}

	onReturn(): ChannelSubscription {
		return { unsubscribe() {} };
	}

	get isQuiet(): boolean {
		for (const { queue, begin } of this.#subscribers)
			if (queue.length > 0 || begin !== undefined) return false;
		return true;
	}

	/** One message arrives, or one subscription comes into force. */
	move(): void {
		const busy = [...this.#subscribers].filter(
			({ queue, begin }) => queue.length > 0 || begin !== undefined,
		);
		const subscriber = this.#random.pick(busy);
		if (subscriber.begin !== undefined) {
			subscriber.begin();
			subscriber.begin = undefined;
			return;
		}
		const message = this.#random.take(subscriber.queue, this.faults.reorder);
		// As over a wire: receivers never share an object with the publisher.
		subscriber.receive(structuredClone(message));
	}

	/** A view of the bus for one process; `drop` forgets its subscriptions. */
	view(): ChannelBus & { drop(): void } {
		const own = new Set<(message: ChannelMessage) => void>();
		return {
			subscribe: (channel, receive) => {
				own.add(receive);
				return this.subscribe(channel, receive);
			},
			publish: (channel, message) => this.publish(channel, message),
			onReturn: () => this.onReturn(),
			close: async () => {},
			drop: () => {
				for (const subscriber of this.#subscribers)
					if (own.has(subscriber.receive)) this.#subscribers.delete(subscriber);
			},
		};
	}

	async close(): Promise<void> {
		this.#subscribers.clear();
	}
}
