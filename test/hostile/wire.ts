import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** One WebSocket frame of the server. */
export interface ServerFrame {
	readonly opcode: number;
	readonly payload: Buffer;
}

/** Everything that a server has said on one connection. */
export interface Transcript {
	/** As Latin-1: bytes can be looked for in it. */
	readonly text: string;
	/** HTTP status of the first answer; undefined when there is none. */
	readonly status: number | undefined;
	readonly headers: ReadonlyMap<string, string>;
	/** What follows the headers, when it is no WebSocket. */
	readonly body: string;
	/** What follows the headers, when it is one. */
	readonly frames: readonly ServerFrame[];
}

export const OPCODE = { text: 1, close: 8, pong: 10 } as const;

/** The bytes of a TCP connection, both ways: nothing between a test and the wire. */
export class Wire {
	readonly socket: Socket;
	#bytes = Buffer.alloc(0);
	readonly #watchers = new Set<() => void>();
	readonly #ended: Promise<void>;
	#hasEnded = false;

	private constructor(socket: Socket) {
		this.socket = socket;
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#ended = promise;
		socket.on("error", () => {});
		socket.on("data", (chunk: Buffer) => this.#hear(chunk));
		socket.on("close", () => {
			this.#hasEnded = true;
			resolve();
			this.#look();
		});
	}

	static async open(port: number): Promise<Wire> {
		const socket = connect(port, "127.0.0.1");
		await once(socket, "connect");
		return new Wire(socket);
	}

	write(...parts: readonly (string | Buffer)[]): void {
		for (const part of parts)
			this.socket.write(
				typeof part === "string" ? Buffer.from(part, "latin1") : part,
			);
	}

	get transcript(): Transcript {
		return transcriptOf(this.#bytes);
	}

	/** What it says until something holds, or the connection is over. */
	async until(holds: (said: Transcript) => boolean): Promise<Transcript> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const look = () => {
			if (this.#hasEnded || holds(this.transcript)) resolve();
		};
		this.#watchers.add(look);
		look();
		await promise;
		this.#watchers.delete(look);
		return this.transcript;
	}

	/** What it has said when the server has ended the connection. */
	async end(): Promise<Transcript> {
		await this.#ended;
		return this.transcript;
	}

	/** Leaves without a word. */
	async cut(): Promise<void> {
		this.socket.destroy();
		await this.#ended;
	}

	#hear(chunk: Buffer): void {
		this.#bytes = Buffer.concat([this.#bytes, chunk]);
		this.#look();
		// The server waits for the other half of a close.
		if (this.transcript.frames.some(({ opcode }) => opcode === OPCODE.close))
			this.socket.end();
	}

	#look(): void {
		for (const watch of [...this.#watchers]) watch();
	}
}

function transcriptOf(bytes: Buffer): Transcript {
	const text = bytes.toString("latin1");
	const headEnd = text.indexOf("\r\n\r\n") + 4;
	const [first = "", ...lines] = text.slice(0, headEnd).split("\r\n");
	const [, code] = /^HTTP\/1\.1 (\d{3}) /.exec(first) ?? [];
	const isUpgraded = code === "101";
	return {
		text,
		status: code === undefined ? undefined : Number(code),
		headers: new Map(lines.map(headerOf)),
		body: isUpgraded ? "" : text.slice(headEnd),
		frames: isUpgraded ? framesOf(bytes.subarray(headEnd)) : [],
	};
}

function headerOf(line: string): readonly [name: string, value: string] {
	const [name = "", ...value] = line.split(":");
	return [name.toLowerCase(), value.join(":").trim()];
}

/** The whole frames; a server's are never masked, and prdtool's never fragmented. */
function framesOf(bytes: Buffer): readonly ServerFrame[] {
	const frames: ServerFrame[] = [];
	for (let at = 0; at + 2 <= bytes.length; ) {
		const short = (bytes[at + 1] as number) & 127;
		const head = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (at + head > bytes.length) break;
		const length =
			short < 126
				? short
				: bytes.readUIntBE(at + (head === 4 ? 2 : 4), head === 4 ? 2 : 6);
		if (at + head + length > bytes.length) break;
		const payload = bytes.subarray(at + head, at + head + length);
		frames.push({ opcode: (bytes[at] as number) & 15, payload });
		at += head + length;
	}
	return frames;
}
