import { USERS_CHANNEL, type UserMessage } from "../gateway/user-relay.ts";
import {
	type DocumentHeadMessage,
	documentChannel,
} from "../protocol/document-message.ts";
import type { ServerData, ServerEventName } from "../protocol/events.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";

/** Tells sessions, wherever they are, what has happened. Like all that goes over channels it may be lost. */
export class Teller {
	readonly #bus: Pick<ChannelBus, "publish">;

	constructor(bus: Pick<ChannelBus, "publish">) {
		this.#bus = bus;
	}

	/**
	 * All sessions that have joined the document.
	 *
	 * @param inCodePoints the same for sessions that count so, where it differs
	 */
	tellRoom<N extends ServerEventName>(
		docId: DocId,
		name: N,
		data: ServerData<N>,
		inCodePoints?: ServerData<N>,
	): void {
		const head: DocumentHeadMessage = {
			kind: "event",
			name,
			...(inCodePoints === undefined
				? {}
				: { inCodePoints: JSON.stringify(inCodePoints) }),
		};
		this.#bus.publish(documentChannel(docId), {
			head,
			body: JSON.stringify(data),
		});
	}

	/**
	 * All sessions of these people; nobody is named twice.
	 *
	 * @param beside those that have joined this document hear of it there
	 */
	tellUsers<N extends ServerEventName>(
		userIds: readonly UserId[],
		name: N,
		data: ServerData<N>,
		beside?: DocId,
	): void {
		if (userIds.length === 0) return;
		const head: UserMessage = {
			kind: "event",
			userIds,
			name,
			data,
			...(beside === undefined ? {} : { beside }),
		};
		this.#bus.publish(USERS_CHANNEL, { head });
	}
}
