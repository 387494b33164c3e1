import type { Close } from "../protocol/close-codes.ts";

/** The socket side of a session: what a door gives it. */
export interface Connection {
	/** Queues a whole frame; `solicited`: an answer that may be as big as a document. False: too slow a reader. */
	send(frame: Buffer, solicited?: boolean): boolean;
	/** Sends what is queued, then closes; at once and without waiting for the peer when `slow`. */
	close(close: Close): void;
	ping(): void;
	/** Whether nothing that is queued has left for too long. */
	isStuck(nowMs: number): boolean;
}
