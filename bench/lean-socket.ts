import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const FIN = 0x80;
/** A mask of zeros masks nothing. */
const NO_MASK = Buffer.alloc(4);

/**
 * A WebSocket connection that costs a load generator next to nothing: it trusts the server to send whole text frames
 * and answers pings.
 */
export class LeanSocket {
	readonly #socket: Socket;
	readonly #receive: (payload: Buffer) => void;
	#rest: Buffer | undefined;
	#isOpen = false;

	/** @param opened called once, when the server has agreed; @param ended when the connection is over, with why */
	constructor(
		url: URL,
		token: string,
		on: {
			readonly opened: () => void;
			readonly ended: (why: string) => void;
			readonly receive: (payload: Buffer) => void;
		},
	) {
		this.#receive = on.receive;
		this.#socket = connect({ host: url.hostname, port: Number(url.port) });
		this.#socket.setNoDelay(true);
		this.#socket.write(
			`GET ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer ${token}${HEAD_END}`,
		);
		this.#socket.on("data", (chunk) => {
			this.#take(chunk as Buffer, on.opened, on.ended);
		});
		this.#socket.on("error", (error) => on.ended(error.message));
		this.#socket.on("close", () => {
			this.#isOpen = false;
			on.ended("closed");
		});
	}

	get isOpen(): boolean {
		return this.#isOpen;
	}

	send(text: string): void {
		this.#write(TEXT, Buffer.from(text));
	}

	#take(chunk: Buffer, opened: () => void, ended: (why: string) => void): void {
		let bytes =
			this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
		this.#rest = undefined;
		if (!this.#isOpen) {
			const end = bytes.indexOf(HEAD_END);
			if (end < 0) {
				this.#rest = bytes;
				return;
			}
			const status = bytes.toString("latin1", 9, 12);
			if (status !== "101") {
				ended(`refused: ${status}`);
				return;
			}
			this.#isOpen = true;
			opened();
			bytes = bytes.subarray(end + HEAD_END.length);
		}
		this.#frames(bytes);
	}

	#frames(bytes: Buffer): void {
		let at = 0;
		while (bytes.length - at >= 2) {
			const short = bytes.readUInt8(at + 1);
			const head = short < 126 ? 2 : short === 126 ? 4 : 10;
			if (bytes.length - at < head) break;
			const size =
				head === 2
					? short
					: head === 4
						? bytes.readUInt16BE(at + 2)
						: Number(bytes.readBigUInt64BE(at + 2));
			const end = at + head + size;
			if (bytes.length < end) break;
			this.#frame(bytes.readUInt8(at) & 0xf, bytes.subarray(at + head, end));
			at = end;
		}
		if (at < bytes.length) this.#rest = bytes.subarray(at);
	}

	#frame(opcode: number, payload: Buffer): void {
		if (opcode === TEXT) this.#receive(payload);
		else if (opcode === PING) this.#write(PING + 1, payload);
		else if (opcode === CLOSE) this.#socket.destroy();
	}

	#write(opcode: number, payload: Buffer): void {
		const { length } = payload;
		const size =
			length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
		const head = Buffer.from([FIN | opcode, ...size]);
		this.#socket.write(Buffer.concat([head, NO_MASK, payload]));
	}
}
