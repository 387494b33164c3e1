/** Above this many queued bytes a reader gets only what must be sent. */
export const SOFT_BYTES = 262_144;
/** Above this many a reader is too slow. */
export const SLOW_BYTES = 1_048_576;
export const SLOW_MS = 5_000;

/** What an outbox writes to; it takes everything, and tells how much of it has not left yet. */
export interface Line<T> {
	/** Bytes that it has been given and the operating system has not taken. */
	readonly queuedBytes: number;
	/** Grows whenever bytes leave. */
	sentBytes(): number;
	/** @param bytes all of the items together */
	write(items: readonly T[], bytes: number): void;
	/** Runs `task` once, when the operating system has taken what is queued now. Not at all when the connection ends before. */
	onceDrained(task: () => void): void;
}

/** Collects the outboxes that have something to send, and flushes each of them once at the end of the event-loop turn. */
export class OutboxTurn {
	#waiting: { flush(): void }[] = [];

	add(outbox: { flush(): void }): void {
		if (this.#waiting.push(outbox) === 1) setImmediate(() => this.#flush());
	}

	#flush(): void {
		const outboxes = this.#waiting;
		this.#waiting = [];
		for (const outbox of outboxes) outbox.flush();
	}
}

/** One connection's bounded send queue; an item is what its door calls one frame, its `length` is in bytes. */
export class Outbox<T extends { readonly length: number }> {
	readonly #line: Line<T>;
	readonly #turn: OutboxTurn;
	#items: T[] = [];
	#itemBytes = 0;
	/** Bytes that the client has asked for (a document's text): they do not count against it. */
	#solicitedBytes = 0;
	/** What had left when that last changed, and when it did; the first look starts the count. */
	#lastSentBytes = -1;
	#movedAtMs = 0;

	constructor(line: Line<T>, turn: OutboxTurn) {
		this.#line = line;
		this.#turn = turn;
	}

	get queuedBytes(): number {
		return this.#itemBytes + this.#line.queuedBytes;
	}

	/**
	 * Queues one whole item.
	 *
	 * @param solicited the answer to a request that may be as big as a document
	 * @returns false when more than `SLOW_BYTES` wait: the item is not queued, and the caller closes the connection
	 */
	push(item: T, solicited = false): boolean {
		const queued = this.queuedBytes;
		if (queued === 0) this.#solicitedBytes = 0;
		if (solicited) this.#solicitedBytes += item.length;
		else if (queued + item.length > SLOW_BYTES + this.#solicitedBytes)
			return false;
		if (this.#items.push(item) === 1) this.#turn.add(this);
		this.#itemBytes += item.length;
		return true;
	}

	/** As in `Connection`. */
	onceDrained(task: () => void): void {
		this.flush();
		this.#line.onceDrained(task);
	}

	/** Forgets what the line has not been given yet. */
	drop(): void {
		this.#items = [];
		this.#itemBytes = 0;
	}

	/** Hands what has gathered to the line, at once. */
	flush(): void {
		const items = this.#items;
		const bytes = this.#itemBytes;
		if (items.length === 0) return;
		this.#items = [];
		this.#itemBytes = 0;
		this.#line.write(items, bytes);
	}

	/** Whether bytes have waited for `SLOW_MS` without any of them leaving; asked regularly. */
	isStuck(nowMs: number): boolean {
		const sent = this.#line.sentBytes();
		if (this.queuedBytes === 0 || sent !== this.#lastSentBytes) {
			this.#lastSentBytes = sent;
			this.#movedAtMs = nowMs;
			return false;
		}
		return nowMs - this.#movedAtMs >= SLOW_MS;
	}
}
