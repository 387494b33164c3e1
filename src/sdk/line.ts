import type { WireError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import { DEFAULT_LIMITS } from "../shared/limits.ts";
import { byteLength } from "./json-bytes.ts";
import type { Greeting, Reply } from "./wire.ts";

/** The part of the WebSocket interface that the library uses. */
export interface WebSocketLike {
	send(frame: string): void;
	close(code?: number): void;
	addEventListener(type: "open" | "error", listener: () => void): void;
	addEventListener(
		type: "message",
		listener: (event: { readonly data: unknown }) => void,
	): void;
	addEventListener(type: "close", listener: (event: CloseNotice) => void): void;
}
export interface CloseNotice {
	readonly code: number;
	readonly reason: string;
}

export interface LineListener {
	ready(greeting: Greeting): void;
	message(type: string, data: unknown): void;
	/** Once, also when the line was given up because it did not answer (1006); nothing is heard after it. */
	closed(notice: CloseNotice, wasOpen: boolean): void;
}

/** From dialling to `session:ready`. */
const GREETING_MS = 15_000;
/** The server settles an edit or gives it up within 15 s: what is open longer hangs on a dead line. */
const REQUEST_MS = 20_000;
const PROBE_MS = 10_000;
const DEAD: CloseNotice = { code: 1006, reason: "" };

type State = "dialling" | "open" | "ready" | "over";
interface Waiting {
	readonly settle: (reply: Reply) => void;
	readonly cancelTimeout: () => void;
}

/** One WebSocket, from dialling to its end: greeting, requests and their replies, signs of life. */
export class Line {
	readonly #ws: WebSocketLike;
	readonly #clock: Clock;
	readonly #listener: LineListener;
	readonly #waiting = new Map<string, Waiting>();
	#state: State = "dialling";
	#lastId = 0;
	/** Frames received: while this number stands still, the line may be dead. */
	#heard = 0;
	#frameBytes = DEFAULT_LIMITS.frameBytes;
	#cancelWatch: () => void;
	#cancelProbe = () => {};

	/** @param firstToken sent in a first frame when the handshake did not carry it */
	constructor(
		ws: WebSocketLike,
		clock: Clock,
		listener: LineListener,
		firstToken: string | undefined,
	) {
		this.#ws = ws;
		this.#clock = clock;
		this.#listener = listener;
		this.#cancelWatch = clock.after(GREETING_MS, () => this.#drop());
		ws.addEventListener("open", () => this.#opened(firstToken));
		ws.addEventListener("message", (event) => this.#receive(event.data));
		ws.addEventListener("close", (event) => this.#over(event));
		// What an error means is told by the close event that follows.
		ws.addEventListener("error", () => {});
	}

	/** `settle` runs in the order of the frames, and never after the end of the line. */
	request(type: string, data: object, settle: (reply: Reply) => void): void {
		if (this.#state !== "ready") return;
		const id = String(++this.#lastId);
		const cancelTimeout = this.#clock.after(REQUEST_MS, () => this.#drop());
		this.#waiting.set(id, { settle, cancelTimeout });
		const frame = JSON.stringify({ type, id, data });
		if (byteLength(frame) <= this.#frameBytes) this.#ws.send(frame);
		// The server would end the connection.
		else queueMicrotask(() => this.#settle(id, "error", tooLarge(type)));
	}

	/** Sends something that has no answer, unless it is refused. */
	tell(type: string, data: object): void {
		if (this.#state === "ready") this.#send({ type, data });
	}

	/** Asks the server for a sign of life. */
	probe(): void {
		if (this.#state !== "ready") return;
		const heard = this.#heard;
		this.#cancelProbe();
		this.#cancelProbe = this.#clock.after(PROBE_MS, () => {
			if (this.#heard === heard) this.#drop();
		});
		this.#send({ type: "ping", id: "probe" });
	}

	/** Ends the line without telling the listener. */
	end(): void {
		if (this.#letGo()) this.#ws.close(1000);
	}

	#opened(firstToken: string | undefined): void {
		if (this.#state !== "dialling") return;
		this.#state = "open";
		if (firstToken !== undefined)
			this.#send({ type: "auth", data: { token: firstToken } });
	}

	#receive(frame: unknown): void {
		if (this.#state === "over") return;
		this.#heard++;
		const message = parseFrame(frame);
		if (message === undefined) return;
		const { type, id, data } = message;
		if (id !== undefined) this.#settle(id, type, data);
		else if (type === "session:ready") this.#ready(data as Greeting);
		else this.#listener.message(type, data);
	}

	#ready(greeting: Greeting): void {
		this.#state = "ready";
		this.#frameBytes = greeting.limits?.frameBytes ?? this.#frameBytes;
		this.#cancelWatch();
		this.#watch(greeting.heartbeatInterval);
		this.#listener.ready(greeting);
	}

	/** Browsers do not show WebSocket pings: on a silent line the client itself asks. */
	#watch(intervalMs: number): void {
		const heard = this.#heard;
		this.#cancelWatch = this.#clock.after(intervalMs, () => {
			this.#watch(intervalMs);
			if (this.#heard === heard) this.probe();
		});
	}

	#settle(id: string, type: string, data: unknown): void {
		const waiting = this.#waiting.get(id);
		if (waiting === undefined) return;
		this.#waiting.delete(id);
		waiting.cancelTimeout();
		waiting.settle(
			type === "ack"
				? { ok: true, data }
				: { ok: false, error: data as WireError },
		);
	}

	/** Gives the line up without waiting for a closing handshake that a dead peer never finishes. */
	#drop(): void {
		this.#over(DEAD);
		this.#ws.close();
	}

	#over(notice: CloseNotice): void {
		const wasOpen = this.#state !== "dialling";
		if (this.#letGo()) this.#listener.closed(notice, wasOpen);
	}

	/** @returns false when the line was over already */
	#letGo(): boolean {
		if (this.#state === "over") return false;
		this.#state = "over";
		this.#cancelWatch();
		this.#cancelProbe();
		for (const waiting of this.#waiting.values()) waiting.cancelTimeout();
		this.#waiting.clear();
		return true;
	}

	#send(message: object): void {
		this.#ws.send(JSON.stringify(message));
	}
}

const tooLarge = (operation: string): WireError => ({
	operation,
	code: "PAYLOAD_TOO_LARGE",
	message: "The request is larger than the server takes",
	retryable: false,
});

interface Frame {
	readonly type: string;
	readonly id?: string;
	readonly data?: unknown;
}

/** What we cannot read comes from a newer server and is passed over. */
function parseFrame(frame: unknown): Frame | undefined {
	if (typeof frame !== "string") return undefined;
	try {
		const message = JSON.parse(frame) as Partial<Frame> | null;
		return typeof message?.type === "string" ? (message as Frame) : undefined;
	} catch {
		return undefined;
	}
}
