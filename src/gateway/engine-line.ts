import type { Socket as EngineSocket } from "engine.io";
import { webSocketOf } from "./engine-sockets.ts";
import type { Line } from "./outbox.ts";
import type { Packet } from "./packet.ts";
import { takenBytes } from "./tcp-line.ts";

/**
 * Packets to an Engine.IO connection, whichever its transport. A WebSocket gets the frame that all receivers share, by
 * the option that the library's own broadcast uses: no packet is encoded for one receiver.
 */
export class EngineLine implements Line<Packet> {
	readonly #engine: EngineSocket;
	/** Sizes of the writes that are under way, oldest first. */
	readonly #writes: number[] = [];
	#givenBytes = 0;
	#goneBytes = 0;
	readonly #waiting: { readonly atBytes: number; readonly task: () => void }[] =
		[];

	constructor(engine: EngineSocket) {
		this.#engine = engine;
	}

	get queuedBytes(): number {
		return this.#givenBytes - this.#goneBytes;
	}

	/** Within a big write only the operating system knows how much has left. */
	sentBytes(): number {
		const tcp = webSocketOf(this.#engine)?.tcp;
		return this.#goneBytes + (tcp === undefined ? 0 : takenBytes(tcp));
	}

	write(packets: readonly Packet[], bytes: number): void {
		const [first] = packets;
		if (this.#engine.readyState !== "open" || first === undefined) return;
		this.#givenBytes += bytes;
		if (packets.length > 1 && this.#writesAtOnce)
			this.#write(first.text, Buffer.concat(packets.map(frameOf), bytes));
		else for (const { text, frame } of packets) this.#write(text, frame);
	}

	onceDrained(task: () => void): void {
		if (this.queuedBytes === 0) setImmediate(task);
		else this.#waiting.push({ atBytes: this.#givenBytes, task });
	}

	/** What is written now goes to a WebSocket in the same call: several frames may then pass as one. */
	get #writesAtOnce(): boolean {
		const { transport } = this.#engine;
		return transport.name === "websocket" && transport.writable;
	}

	#write(text: string, frame: Buffer): void {
		this.#writes.push(frame.length);
		const options = { compress: false, wsPreEncodedFrame: [frame] };
		this.#engine.write(text, options, this.#gone);
	}

	readonly #gone = (): void => {
		this.#goneBytes += this.#writes.shift() ?? 0;
		while ((this.#waiting[0]?.atBytes ?? Infinity) <= this.#goneBytes)
			this.#waiting.shift()?.task();
	};
}

const frameOf = ({ frame }: Packet): Buffer => frame;
