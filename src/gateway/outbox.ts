import type { Socket } from "node:net";

/** Above this many queued bytes a reader is too slow. */
export const SLOW_BYTES = 1_048_576;
export const SLOW_MS = 5_000;
/** Small frames of one turn are copied together: cheaper than a vector of many. */
const COPY_BYTES = 16_384;

/** Collects the outboxes that have frames, and writes each of them once at the end of the event-loop turn. */
export class OutboxTurn {
	#waiting: Outbox[] = [];

	add(outbox: Outbox): void {
		if (this.#waiting.push(outbox) === 1) setImmediate(() => this.#flush());
	}

	#flush(): void {
		const outboxes = this.#waiting;
		this.#waiting = [];
		for (const outbox of outboxes) outbox.flush();
	}
}

/** One connection's bounded send queue. */
export class Outbox {
	readonly #socket: Socket;
	readonly #turn: OutboxTurn;
	#frames: Buffer[] = [];
	#frameBytes = 0;
	/** Bytes that the client has asked for (a document's text): they do not count against it. */
	#solicitedBytes = 0;
	/** What the operating system had taken when that last changed, and when it did. */
	#lastSentBytes = 0;
	#movedAtMs = 0;

	constructor(socket: Socket, turn: OutboxTurn) {
		this.#socket = socket;
		this.#turn = turn;
	}

	get queuedBytes(): number {
		return this.#frameBytes + this.#socket.writableLength;
	}

	/**
	 * Queues one whole frame.
	 *
	 * @param solicited the answer to a request that may be as big as a document
	 * @returns false when more than `SLOW_BYTES` wait: the frame is not queued, and the caller closes the connection
	 */
	push(frame: Buffer, solicited = false): boolean {
		const queued = this.queuedBytes;
		if (queued === 0) this.#solicitedBytes = 0;
		if (solicited) this.#solicitedBytes += frame.length;
		else if (queued + frame.length > SLOW_BYTES + this.#solicitedBytes)
			return false;
		if (this.#frames.push(frame) === 1) this.#turn.add(this);
		this.#frameBytes += frame.length;
		return true;
	}

	/** Forgets what the socket has not been given yet. */
	drop(): void {
		this.#frames = [];
		this.#frameBytes = 0;
	}

	/** Hands what has gathered to the socket, in one write. */
	flush(): void {
		const frames = this.#frames;
		const bytes = this.#frameBytes;
		if (frames.length === 0) return;
		this.#frames = [];
		this.#frameBytes = 0;
		if (!this.#socket.writable) return;
		if (frames.length === 1) this.#socket.write(frames[0] as Buffer);
		else if (bytes <= COPY_BYTES)
			this.#socket.write(Buffer.concat(frames, bytes));
		else this.#writeMany(frames);
	}

	#writeMany(frames: readonly Buffer[]): void {
		this.#socket.cork();
		for (const frame of frames) this.#socket.write(frame);
		this.#socket.uncork();
	}

	/** Whether bytes have waited for `SLOW_MS` without any of them leaving; asked regularly. */
	isStuck(nowMs: number): boolean {
		const sent = this.#sentBytes();
		if (this.queuedBytes === 0 || sent !== this.#lastSentBytes) {
			this.#lastSentBytes = sent;
			this.#movedAtMs = nowMs;
			return false;
		}
		return nowMs - this.#movedAtMs >= SLOW_MS;
	}

	/** What the operating system has taken so far; of a big write under way only the handle knows that. */
	#sentBytes(): number {
		const { _handle: handle } = this.#socket as unknown as {
			_handle?: { bytesWritten: number; writeQueueSize: number } | null;
		};
		return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
	}
}
