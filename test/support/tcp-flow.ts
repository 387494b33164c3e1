import type { Socket } from "node:net";

export interface FlowSettings {
	/** Nothing passes, and the sender is soon told to wait, as by a peer that has died. */
	readonly isStalled?: boolean;
	/** How much later everything arrives. */
	readonly delayMs?: number;
	readonly bytesPerSecond?: number;
}

/** Makes other bytes of those that pass. */
export type Mangle = (chunk: Buffer) => Buffer;

/** What a stalled or slow line holds before it stops reading. */
const HELD_BYTES = 65_536;

/** The bytes of one connection in one direction. */
export class Flow {
	readonly #from: Socket;
	readonly #to: Socket;
	readonly #queue: { readonly chunk: Buffer; readonly atMs: number }[] = [];
	#settings: FlowSettings;
	#heldBytes = 0;
	#timer: NodeJS.Timeout | undefined;
	/** When the chunk before has left at the line's speed. */
	#freeAtMs = 0;

	constructor(
		from: Socket,
		to: Socket,
		settings: FlowSettings,
		mangle: Mangle = (chunk) => chunk,
	) {
		this.#from = from;
		this.#to = to;
		this.#settings = settings;
		from.on("data", (chunk) => this.#take(mangle(chunk as Buffer)));
		from.on("end", () => this.#pass());
		from.on("close", () => clearTimeout(this.#timer));
		to.on("drain", () => this.#pass());
	}

	shape(settings: FlowSettings): void {
		this.#settings = settings;
		this.#pass();
	}

	#take(chunk: Buffer): void {
		this.#queue.push({ chunk, atMs: performance.now() });
		this.#heldBytes += chunk.length;
		if (this.#heldBytes > HELD_BYTES) this.#from.pause();
		this.#pass();
	}

	/** Passes on what is due, in order; sets the timer for the next. */
	#pass(): void {
		clearTimeout(this.#timer);
		for (;;) {
			if (this.#settings.isStalled || this.#to.writableNeedDrain) return;
			const next = this.#queue[0];
			if (next === undefined) break;
			const waitMs = this.#dueAtMs(next.atMs) - performance.now();
			if (waitMs > 0) {
				this.#timer = setTimeout(() => this.#pass(), waitMs);
				return;
			}
			this.#send();
		}
		if (this.#from.readableEnded) this.#to.end();
		else this.#from.resume();
	}

	#dueAtMs(arrivedAtMs: number): number {
		const { delayMs = 0, bytesPerSecond } = this.#settings;
		const paceMs = bytesPerSecond === undefined ? 0 : this.#freeAtMs;
		return Math.max(arrivedAtMs + delayMs, paceMs);
	}

	#send(): void {
		const { chunk } = this.#queue.shift() as { chunk: Buffer };
		const { bytesPerSecond } = this.#settings;
		this.#heldBytes -= chunk.length;
		if (bytesPerSecond !== undefined)
			this.#freeAtMs =
				performance.now() + (chunk.length / bytesPerSecond) * 1_000;
		this.#to.write(chunk);
	}
}
