import type { Close } from "../protocol/close-codes.ts";
import type { Message } from "./message.ts";

/** The socket side of a session: what a door gives it. */
export interface Connection {
	/** Queues a message; `solicited`: an answer that may be as big as a document. False: too slow a reader. */
	send(message: Message, solicited?: boolean): boolean;
	/** Sends what is queued, then closes; at once and without waiting for the peer when `slow`. */
	close(close: Close): void;
	/** Asks for a sign of life; undefined where the transport does so by itself. */
	ping?(): void;
	/** Reads on, or reads no more for now; undefined where the transport cannot. */
	setReading?(isReading: boolean): void;
	/** Bytes that wait for the peer; above `SOFT_BYTES` the session sends only what must be sent. */
	readonly queuedBytes: number;
	/** Runs `task` once, soon after what is queued now has left. Not at all when the connection ends before. */
	onceDrained(task: () => void): void;
	/** Whether nothing that is queued has left for too long. */
	isStuck(nowMs: number): boolean;
}
