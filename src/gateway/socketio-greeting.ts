import { CollabError, toWireError } from "../protocol/errors.ts";
import type { Identity } from "./authenticate.ts";
import { isSpoken, subprotocols, tokenOf, versionOf } from "./credentials.ts";
import type { EnginePlaces } from "./engine-places.ts";
import type { Gateway } from "./gateway.ts";
import { restarting } from "./http-refusal.ts";
import { PROTOCOL } from "./session-auth.ts";
import type { DoorSocket } from "./socketio-server.ts";

/** How a client at the Socket.IO door becomes somebody, between its CONNECT and the answer. */
export class SocketioGreeting {
	readonly #gateway: Gateway;
	readonly #places: EnginePlaces;

	constructor(gateway: Gateway, places: EnginePlaces) {
		this.#gateway = gateway;
		this.#places = places;
	}

	/** Who is refused has had his one attempt. */
	async greet(
		socket: DoorSocket,
		next: (error?: Error) => void,
	): Promise<void> {
		try {
			socket.data.identity = await this.#identify(socket);
			if (this.#gateway.isDraining) throw restarting();
			next();
		} catch (error) {
			this.logRefusal(error);
			const data = toWireError("connect", error);
			next(Object.assign(new Error(data.message), { data }));
			setImmediate(() => socket.conn.close());
		}
	}

	logRefusal(error: unknown): void {
		const { log } = this.#gateway.options;
		if (error instanceof CollabError)
			log.warn({ code: error.code, reason: error.message }, "connect refused");
		else log.error({ err: error }, "connect failed");
	}

	async #identify({
		handshake,
		request,
		conn,
	}: DoorSocket): Promise<Identity | undefined> {
		const { token, protocol = PROTOCOL } = handshake.auth;
		const version = versionOf(subprotocols(handshake));
		if (protocol !== PROTOCOL || !isSpoken(version)) return undefined;
		const one = tokenOf(request, token === undefined ? [] : [String(token)]);
		if (one === undefined)
			throw new CollabError("UNAUTHENTICATED", "A token is needed", {
				reason: "invalid_token",
			});
		return this.#gateway.doorkeeper.identify(one, this.#places.of(conn));
	}
}
