import type { Connection } from "./connection.ts";

export const HEARTBEAT_MS = 25_000;
export const HEARTBEAT_GRACE_MS = 20_000;

/** Signs of life of one connection's peer, asked for where the transport does not do so by itself. */
export class Heartbeat {
	readonly #connection: Connection;
	#heardAtMs: number;
	#pingedAtMs: number;

	constructor(connection: Connection, nowMs: number) {
		this.#connection = connection;
		this.#heardAtMs = nowMs;
		this.#pingedAtMs = nowMs;
	}

	/** Any frame of the peer. */
	heard(nowMs: number): void {
		this.#heardAtMs = nowMs;
	}

	/** Asked regularly: pings when it is time to; false when the peer has missed a ping. */
	beat(nowMs: number): boolean {
		if (this.#connection.ping === undefined) return true;
		const isSilent = this.#heardAtMs < this.#pingedAtMs;
		const sincePingMs = nowMs - this.#pingedAtMs;
		if (isSilent && sincePingMs >= HEARTBEAT_GRACE_MS) return false;
		if (sincePingMs < HEARTBEAT_MS) return true;
		this.#pingedAtMs = nowMs;
		this.#connection.ping();
		return true;
	}
}
