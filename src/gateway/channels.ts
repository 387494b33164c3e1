import {
	type DocumentHeadMessage,
	documentChannel,
} from "../protocol/document-message.ts";
import type { DocId } from "../shared/ids.ts";
import type {
	ChannelBus,
	ChannelSubscription,
} from "../shared/ports/channel-bus.ts";
import type { DocumentPlace } from "./backend.ts";
import { Channel, type ChannelDeps } from "./channel.ts";

interface OpenChannel {
	readonly channel: Channel;
	readonly subscribed: Promise<ChannelSubscription>;
}

/** The documents that somebody on this gateway has open. */
export class Channels {
	readonly #bus: ChannelBus;
	readonly #deps: ChannelDeps;
	readonly #open = new Map<DocId, OpenChannel>();

	constructor(bus: ChannelBus, deps: ChannelDeps) {
		this.#bus = bus;
		this.#deps = deps;
	}

	/** The document's channel, subscribed, with a join begun: the caller owes `admit` or `giveUp`, and `release`. */
	async join(docId: DocId): Promise<Channel> {
		const open = this.#open.get(docId) ?? this.#create(docId);
		open.channel.beginJoin();
		try {
			await open.subscribed;
		} catch (error) {
			open.channel.giveUp();
			this.release(open.channel);
			throw error;
		}
		return open.channel;
	}

	/** Closes the channel when nobody needs it any more. */
	release(channel: Channel): void {
		const open = this.#open.get(channel.docId);
		if (open?.channel === channel && channel.isIdle) this.#forget(open);
	}

	#forget(open: OpenChannel): void {
		const { docId } = open.channel;
		if (this.#open.get(docId) === open) this.#open.delete(docId);
		open.subscribed.then(
			(subscription) => subscription.unsubscribe(),
			() => {},
		);
	}

	/** How far the channels are that have members. */
	places(): readonly DocumentPlace[] {
		return [...this.#open.values()].flatMap(({ channel: { docId, rev } }) =>
			rev === undefined ? [] : [[docId, rev] as const],
		);
	}

	/** That revision of the document is committed. */
	expect(docId: DocId, rev: number): void {
		this.#open.get(docId)?.channel.expect(rev);
	}

	/** Documents with a subscription. */
	get size(): number {
		return this.#open.size;
	}

	#create(docId: DocId): OpenChannel {
		const channel = new Channel(docId, this.#deps);
		const open: OpenChannel = {
			channel,
			subscribed: this.#bus.subscribe(documentChannel(docId), (message) => {
				const { kind } = message.head as DocumentHeadMessage;
				// A document made anew under the same id has nothing to do with those who were in this one.
				if (kind === "deleted") this.#forget(open);
				channel.receive(message);
			}),
		};
		this.#open.set(docId, open);
		return open;
	}
}
