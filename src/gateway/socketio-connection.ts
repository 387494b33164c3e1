import type { Socket } from "socket.io";
import { CLOSES, type Close, closeAction } from "../protocol/close-codes.ts";
import type { Clock } from "../shared/clock.ts";
import type { Connection } from "./connection.ts";
import { EngineLine } from "./engine-line.ts";
import { webSocketOf } from "./engine-sockets.ts";
import { eventMessage, type Message } from "./message.ts";
import { Outbox, type OutboxTurn } from "./outbox.ts";
import type { Packet } from "./packet.ts";
import { SLOW_CLOSE_MS } from "./raw-connection.ts";

/** One Socket.IO connection, on either transport; Engine.IO has a heartbeat of its own. Its packets go to the engine below the library, encoded already. */
export class SocketioConnection implements Connection {
	readonly #socket: Socket;
	readonly #outbox: Outbox<Packet>;
	readonly #clock: Clock;

	constructor(socket: Socket, turn: OutboxTurn, clock: Clock) {
		this.#socket = socket;
		this.#outbox = new Outbox(new EngineLine(socket.conn), turn);
		this.#clock = clock;
	}

	send(message: Message, solicited?: boolean): boolean {
		return message
			.packets()
			.every((packet) => this.#outbox.push(packet, solicited));
	}

	/** Says why, because there is no close code; a client that may come back does so by itself when the engine closes. */
	close(close: Close): void {
		const { code } = close;
		const action = closeAction(code);
		if (code === CLOSES.slow.code) {
			this.#outbox.drop();
			this.#clock.after(SLOW_CLOSE_MS, () => this.terminate());
		}
		this.send(eventMessage("connection:closing", { ...close, action }), true);
		this.#outbox.flush();
		const { conn } = this.#socket;
		if (action !== "stop") conn.close();
		else {
			// It is told by a packet, and stops polling: its next poll is not waited for.
			conn.transport.discard();
			this.#socket.disconnect(true);
		}
	}

	/** Cuts the connection, whatever is still queued. */
	terminate(): void {
		const { conn } = this.#socket;
		conn.close(true);
		webSocketOf(conn)?.terminate();
	}

	get queuedBytes(): number {
		return this.#outbox.queuedBytes;
	}

	onceDrained(task: () => void): void {
		this.#outbox.onceDrained(task);
	}

	isStuck(nowMs: number): boolean {
		return this.#outbox.isStuck(nowMs);
	}
}
