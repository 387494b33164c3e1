import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Gateway } from "./gateway.ts";
import { type DoorOptions, RawDoor } from "./raw-door.ts";
import { SocketioDoor } from "./socketio-door.ts";

/** All ways into one gateway, on one HTTP server. */
export class Doors {
	readonly raw: RawDoor;
	readonly socketio: SocketioDoor;

	constructor(gateway: Gateway, options: DoorOptions) {
		this.raw = new RawDoor(gateway, options);
		this.socketio = new SocketioDoor(gateway, options);
	}

	/** Answers an HTTP request; false when it is for neither of them. */
	request(request: IncomingMessage, response: ServerResponse): boolean {
		return (
			this.socketio.request(request, response) ||
			this.raw.refusePlain(request, response)
		);
	}

	/** Listener of the HTTP server's `upgrade` event; answers every request. */
	readonly upgrade = (
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
	): void => {
		if (!this.socketio.upgrade(request, socket, head))
			this.raw.upgrade(request, socket, head);
	};

	/** Sends every client elsewhere; resolves when nobody is left, at the latest some time after `limitMs`. */
	async drain(limitMs: number): Promise<void> {
		await Promise.all([this.raw.drain(limitMs), this.socketio.drain(limitMs)]);
	}

	/** For polling connections: what the HTTP server holds it closes itself. */
	close(): void {
		this.socketio.close();
	}
}
