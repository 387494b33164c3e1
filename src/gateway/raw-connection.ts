import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { CLOSES, type Close } from "../protocol/close-codes.ts";
import type { Clock } from "../shared/clock.ts";
import type { Connection } from "./connection.ts";
import { Outbox, type OutboxTurn } from "./outbox.ts";

/** A reader that is too slow for frames will not read the close either. */
const SLOW_CLOSE_MS = 1_000;
/** Pings and pongs that a peer may send in a window. */
const CONTROLS = 500;
const CONTROL_WINDOW_MS = 10_000;

/** One WebSocket. Frames go straight to its TCP socket; `ws` reads, and writes its own control frames. */
export class RawConnection implements Connection {
	readonly #socket: WebSocket;
	readonly #outbox: Outbox;
	readonly #clock: Clock;
	#controls = 0;
	#controlsSinceMs = 0;

	constructor(socket: WebSocket, tcp: Socket, turn: OutboxTurn, clock: Clock) {
		this.#socket = socket;
		this.#outbox = new Outbox(tcp, turn);
		this.#clock = clock;
	}

	send(frame: Buffer, solicited?: boolean): boolean {
		return this.#outbox.push(frame, solicited);
	}

	close({ code, reason }: Close): void {
		if (code === CLOSES.slow.code) {
			this.#outbox.drop();
			this.#clock.after(SLOW_CLOSE_MS, () => this.#socket.terminate());
		} else this.#outbox.flush();
		this.#socket.close(code, reason);
	}

	ping(): void {
		this.#socket.ping();
	}

	isStuck(nowMs: number): boolean {
		return this.#outbox.isStuck(nowMs);
	}

	/** Counts a control frame of the peer; true when it floods. */
	isFlooding(nowMs: number): boolean {
		if (nowMs - this.#controlsSinceMs >= CONTROL_WINDOW_MS) {
			this.#controlsSinceMs = nowMs;
			this.#controls = 0;
		}
		this.#controls += 1;
		return this.#controls > CONTROLS;
	}
}
