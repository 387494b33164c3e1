import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket as EngineSocket } from "engine.io";
import type { Doorkeeper, Place } from "./doorkeeper.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/** The places of engine connections: each is taken by a handshake, and given back when the connection ends. */
export class EnginePlaces {
	readonly #doorkeeper: Doorkeeper;
	readonly #proxies: TrustedProxies;
	/** Of handshakes that are no connection yet. */
	readonly #asked = new WeakMap<IncomingMessage, Place>();
	readonly #taken = new WeakMap<EngineSocket, Place>();

	constructor(doorkeeper: Doorkeeper, proxies: TrustedProxies) {
		this.#doorkeeper = doorkeeper;
		this.#proxies = proxies;
	}

	/**
	 * Throws `RATE_LIMITED` (429) or `UNAVAILABLE` (503).
	 *
	 * @param exchange emits `close` when the handshake is over, whatever it has led to
	 */
	ask(request: IncomingMessage, exchange: EventEmitter): void {
		const address = this.#proxies.visitorOf(request);
		this.#doorkeeper.knock(address);
		const place = this.#doorkeeper.enter(address);
		this.#asked.set(request, place);
		exchange.once("close", () => {
			if (this.#asked.delete(request)) this.#doorkeeper.leave(place);
		});
	}

	/** The handshake has become a connection. */
	take(connection: EngineSocket): void {
		const place = this.#asked.get(connection.request);
		if (place === undefined) return;
		this.#asked.delete(connection.request);
		this.#taken.set(connection, place);
		connection.once("close", () => this.#doorkeeper.leave(place));
	}

	of(connection: EngineSocket): Place {
		const place = this.#taken.get(connection);
		if (place === undefined) throw new Error("a connection without a place");
		return place;
	}
}
