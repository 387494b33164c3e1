import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { CLOSES, type Close } from "../protocol/close-codes.ts";
import type { Clock } from "../shared/clock.ts";
import type { Connection } from "./connection.ts";
import { ControlFlood } from "./control-flood.ts";
import type { Message } from "./message.ts";
import { Outbox, type OutboxTurn } from "./outbox.ts";
import { TcpLine } from "./tcp-line.ts";

/** A reader that is too slow for frames will not read the close either. */
export const SLOW_CLOSE_MS = 1_000;

/** One WebSocket. Frames go straight to its TCP socket; `ws` reads, and writes its own control frames. */
export class RawConnection implements Connection {
	readonly #socket: WebSocket;
	readonly #outbox: Outbox<Buffer>;
	readonly #clock: Clock;
	readonly #controls = new ControlFlood();

	constructor(socket: WebSocket, tcp: Socket, turn: OutboxTurn, clock: Clock) {
		this.#socket = socket;
		this.#outbox = new Outbox(new TcpLine(tcp), turn);
		this.#clock = clock;
	}

	send(message: Message, solicited?: boolean): boolean {
		return this.#outbox.push(message.frame(), solicited);
	}

	setReading(isReading: boolean): void {
		if (isReading) this.#socket.resume();
		else this.#socket.pause();
	}

	close({ code, reason }: Close): void {
		// The peer's own close frame has to be read.
		this.#socket.resume();
		if (code === CLOSES.slow.code) {
			this.#outbox.drop();
			this.#clock.after(SLOW_CLOSE_MS, () => this.#socket.terminate());
		} else this.#outbox.flush();
		this.#socket.close(code, reason);
	}

	ping(): void {
		this.#socket.ping();
	}

	get queuedBytes(): number {
		return this.#outbox.queuedBytes;
	}

	/** Hands on what has gathered without waiting for the end of the turn. */
	flush(): void {
		this.#outbox.flush();
	}

	onceDrained(task: () => void): void {
		this.#outbox.onceDrained(task);
	}

	isStuck(nowMs: number): boolean {
		return this.#outbox.isStuck(nowMs);
	}

	/** Counts a control frame of the peer; true when it floods. */
	isFlooding(nowMs: number): boolean {
		return this.#controls.add(nowMs);
	}
}
