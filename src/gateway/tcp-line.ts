import type { Socket } from "node:net";
import type { Line } from "./outbox.ts";

/** Small frames of one turn are copied together: cheaper than a vector of many. */
const COPY_BYTES = 16_384;
const EMPTY = Buffer.alloc(0);

/** What the operating system has taken so far; of a big write under way only the handle knows that. */
export function takenBytes(socket: Socket): number {
	const { _handle: handle } = socket as unknown as {
		_handle?: { bytesWritten: number; writeQueueSize: number } | null;
	};
	return handle ? handle.bytesWritten - handle.writeQueueSize : 0;
}

/** Frames straight to a TCP socket, in one write. */
export class TcpLine implements Line<Buffer> {
	readonly #socket: Socket;

	constructor(socket: Socket) {
		this.#socket = socket;
	}

	get queuedBytes(): number {
		return this.#socket.writableLength;
	}

	sentBytes(): number {
		return takenBytes(this.#socket);
	}

	write(frames: readonly Buffer[], bytes: number): void {
		if (!this.#socket.writable) return;
		if (frames.length === 1) this.#socket.write(frames[0] as Buffer);
		else if (bytes <= COPY_BYTES)
			this.#socket.write(Buffer.concat(frames, bytes));
		else this.#writeMany(frames);
	}

	onceDrained(task: () => void): void {
		if (this.#socket.writableLength === 0) setImmediate(task);
		else
			this.#socket.write(EMPTY, (error) => {
				if (!error) task();
			});
	}

	#writeMany(frames: readonly Buffer[]): void {
		this.#socket.cork();
		for (const frame of frames) this.#socket.write(frame);
		this.#socket.uncork();
	}
}
