import type { Unit } from "../protocol/submission.ts";
import type { SessionId } from "../shared/ids.ts";
import type { Delivery } from "./delivery.ts";
import type { Message } from "./message.ts";

export type Told = Readonly<Record<Unit, Message>>;

/** A session in a document, as the channel sees it. */
export interface ChannelMember {
	/** Newest revision that it has got. */
	deliveredRev: number;
	/** The op of `deliveredRev`, which has just been raised to it. */
	deliver(delivery: Delivery): void;
	/** An event for everybody in the document but that session, in the unit that he counts in. */
	tell(told: Told, except: SessionId | undefined): void;
	/** The document is gone. */
	deleted(): void;
	/** Enough waits for its peer already: the stream pauses until that has left. */
	readonly isCongested: boolean;
	/** Runs `task` once, when what waits for its peer now has left. */
	onceDrained(task: () => void): void;
	/** The log no longer tells it op by op: it must get the text. It is no member any more. */
	tooFarBehind(): void;
	/** What is missing cannot be had: it must come back and recover. */
	lost(): void;
}
