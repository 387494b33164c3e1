import type {
	ChannelBus,
	ChannelMessage,
	ChannelSubscription,
} from "../../src/shared/ports/channel-bus.ts";

/** Listens to a channel and waits for what it should hear. */
export class Ear {
	readonly heard: ChannelMessage[] = [];
	subscription: ChannelSubscription = { unsubscribe() {} };
	#wake = () => {};

	static async on(bus: ChannelBus, channel: string): Promise<Ear> {
		const ear = new Ear();
		ear.subscription = await bus.subscribe(channel, ear.receive);
		return ear;
	}

	readonly receive = (message: ChannelMessage): void => {
		this.heard.push(message);
		this.#wake();
	};

	get heads(): unknown[] {
		return this.heard.map(({ head }) => head);
	}

	/** Resolves with all that was heard, when it is so many messages or more. */
	async hears(count: number): Promise<readonly ChannelMessage[]> {
		await this.#until(() => this.heard.length >= count);
		return this.heard;
	}

	async hearsHead(head: unknown): Promise<void> {
		const text = JSON.stringify(head);
		await this.#until(() => JSON.stringify(this.heard.at(-1)?.head) === text);
	}

	async #until(isSo: () => boolean): Promise<void> {
		while (!isSo()) {
			const { promise, resolve } = Promise.withResolvers<void>();
			this.#wake = resolve;
			await promise;
		}
	}
}

/** What the publisher sent before has arrived wherever it goes: order is kept per publisher. */
export async function settle(
	publisher: ChannelBus,
	receiver: ChannelBus,
): Promise<void> {
	const ear = await Ear.on(receiver, "settled");
	publisher.publish("settled", { head: "settled" });
	await ear.hears(1);
	ear.subscription.unsubscribe();
}
