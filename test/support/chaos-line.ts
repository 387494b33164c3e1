import { Agent } from "node:http";
import { io, type Socket } from "socket.io-client";
import { WebSocket } from "ws";
import type { Frame, LinkEnd, PersonLink } from "./sim-link.ts";
import type { SimTape } from "./sim-tape.ts";
import type { Reply } from "./socketio-client.ts";

/** How a person of the chaos comes in. */
export type ChaosDoor = "raw" | "websocket" | "polling";

export interface Dialling {
	/** `http://host:port` of the door of the cluster. */
	readonly url: string;
	readonly door: ChaosDoor;
	readonly token: string;
	/** From where it comes, of this machine. */
	readonly localAddress: string;
	readonly end: LinkEnd;
	readonly tape: SimTape;
}

/** A real connection, used by the persons of the simulation. */
export function dial(dialling: Dialling): PersonLink {
	return dialling.door === "raw"
		? new RawLine(dialling)
		: new SocketioLine(dialling, dialling.door);
}

/** What both kinds of connection share. */
abstract class Line implements PersonLink {
	isCut = false;
	isEnded = false;
	readonly tape: SimTape;
	readonly #end: LinkEnd;

	constructor({ tape, end }: Dialling) {
		this.tape = tape;
		this.#end = end;
	}

	ask(frame: Frame): void {
		// The token came with the connection.
		if (this.isCut || frame.type === "auth") return;
		this.tape.sent(frame);
		this.emit(frame);
	}

	cut(): void {
		if (this.isCut) return;
		this.abort();
		this.ended(1006);
	}

	protected heard(frame: Frame): void {
		if (this.isCut) return;
		this.tape.heard(frame);
		try {
			this.#end.hear(frame);
		} catch (error) {
			this.tape.fault(`${String(error)} at ${JSON.stringify(frame)}`);
		}
	}

	protected ended(code: number): void {
		if (this.isCut) return;
		this.isCut = true;
		this.isEnded = true;
		this.#end.closed(code);
	}

	protected abstract emit(frame: Frame): void;
	protected abstract abort(): void;
}

class RawLine extends Line {
	readonly #socket: WebSocket;
	/** Asked before the connection stood. */
	#early: Frame[] = [];

	constructor(dialling: Dialling) {
		super(dialling);
		const { url, token, localAddress } = dialling;
		this.#socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, {
			localAddress,
			headers: { authorization: `Bearer ${token}` },
			handshakeTimeout: 5_000,
		});
		this.#socket.on("error", () => {});
		this.#socket.on("open", () => {
			for (const frame of this.#early.splice(0)) this.emit(frame);
		});
		this.#socket.on("message", (data) =>
			this.heard(JSON.parse(String(data)) as Frame),
		);
		this.#socket.on("close", (code) => this.ended(code));
	}

	protected override emit(frame: Frame): void {
		if (this.#socket.readyState === WebSocket.CONNECTING)
			this.#early.push(frame);
		else this.#socket.send(JSON.stringify(frame), () => {});
	}

	protected override abort(): void {
		this.#socket.terminate();
	}
}

class SocketioLine extends Line {
	readonly #socket: Socket;
	/** Why the server is about to close, when it has said so. */
	#code = 1006;

	constructor(dialling: Dialling, transport: "websocket" | "polling") {
		super(dialling);
		const { url, token, localAddress } = dialling;
		// The typings know agents of browsers' requests only.
		const agent = new Agent({ localAddress }) as unknown as string;
		this.#socket = io(`${url}/ws`, {
			agent,
			transports: [transport],
			auth: { token },
			forceNew: true,
			reconnection: false,
			timeout: 5_000,
		});
		this.#socket.onAny((type: string, data: unknown) => {
			if (type === "connection:closing")
				this.#code = (data as { readonly code: number }).code;
			this.heard({ type, data });
		});
		this.#socket.on("disconnect", () => this.ended(this.#code));
		this.#socket.on("connect_error", () => this.ended(1006));
	}

	protected override emit({ type, id, data }: Frame): void {
		if (id === undefined) this.#socket.emit(type, data);
		else
			this.#socket.emit(type, data, ({ ok, data, error }: Reply) =>
				this.heard(
					ok
						? { type: "ack", id, data }
						: { type: "error:operation", id, data: error },
				),
			);
	}

	protected override abort(): void {
		// Without a word to the server, as when the network is gone.
		this.#socket.io.engine?.close();
		this.#socket.disconnect();
	}
}
