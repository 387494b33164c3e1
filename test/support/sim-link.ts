import type { Connection } from "../../src/gateway/connection.ts";
import type { Gateway } from "../../src/gateway/gateway.ts";
import type { Message } from "../../src/gateway/message.ts";
import type { Session } from "../../src/gateway/session.ts";
import type { Close } from "../../src/protocol/close-codes.ts";
import type { UserId } from "../../src/shared/ids.ts";
import { SimTape, type SimTapes } from "./sim-tape.ts";

export interface Frame {
	readonly type: string;
	readonly id?: string;
	readonly data?: unknown;
}

/** A connection as its client uses it. */
export interface PersonLink {
	readonly tape: SimTape;
	/** The client has gone; the other side may not know yet. */
	readonly isCut: boolean;
	/** The other side has closed, or noticed that the client has gone. */
	readonly isEnded: boolean;
	ask(frame: Frame): void;
	cut(): void;
}

/** The client's end of a connection. */
export interface LinkEnd {
	hear(frame: Frame): void;
	/** The connection is over; a code when the server closed it. */
	closed(code: number): void;
}

/** One connection between a client and a gateway, with what is on its way in both directions. */
export class SimLink implements Connection, PersonLink {
	readonly up: string[] = [];
	readonly down: (Frame | Close)[] = [];
	/** The client has gone; the gateway does not know yet. */
	isCut = false;
	/** The gateway has closed, or noticed that the client has gone. */
	isEnded = false;
	readonly tape: SimTape;
	readonly #gateway: Gateway;
	readonly #session: Session;
	readonly #end: LinkEnd;

	constructor(gateway: Gateway, userId: string, end: LinkEnd, tapes: SimTapes) {
		this.#gateway = gateway;
		this.#end = end;
		this.tape = new SimTape(tapes, userId);
		this.#session = gateway.connect(this, gateway.doorkeeper.enter(""));
		gateway.auth.greet(this.#session, {
			userId: userId as UserId,
			name: userId,
			roles: [],
			expiresAtMs: 8_000_000_000_000_000,
		});
	}

	get sessionId(): string {
		return this.#session.id;
	}

	/** The client sends. */
	ask(frame: Frame): void {
		// The simulation vouches for everybody: tokens play no part.
		if (this.isCut || frame.type === "auth") return;
		this.tape.sent(frame);
		this.up.push(JSON.stringify(frame));
	}

	deliverUp(): void {
		const text = this.up.shift();
		if (text !== undefined && !this.isEnded)
			this.#gateway.router.receive(this.#session, text);
	}

	deliverDown(): void {
		const next = this.down.shift();
		if (next === undefined || this.isCut) return;
		if ("type" in next) {
			this.tape.heard(next);
			try {
				this.#end.hear(next);
			} catch (error) {
				this.tape.fault(`${String(error)} at ${JSON.stringify(next)}`);
			}
			return;
		}
		this.isCut = true;
		this.#end.closed(next.code);
	}

	/** What is on its way down is lost; what is on its way up may still arrive. */
	cut(): void {
		if (this.isCut) return;
		this.isCut = true;
		this.down.length = 0;
		this.#end.closed(1006);
	}

	/** The gateway notices that the client has gone. */
	notice(): void {
		this.up.length = 0;
		this.isEnded = true;
		this.#session.gone();
	}

	send(message: Message): boolean {
		if (!this.isCut) this.down.push(...framesOf(message.frame()));
		return true;
	}

	close(close: Close): void {
		this.isEnded = true;
		this.up.length = 0;
		if (!this.isCut) this.down.push(close);
	}

	readonly ping = (): void => {
		const { clock } = this.#gateway.options;
		if (!this.isCut) this.#session.heard(clock.nowMs());
	};

	get queuedBytes(): number {
		return 0;
	}

	onceDrained(task: () => void): void {
		setImmediate(task);
	}

	isStuck(): boolean {
		return false;
	}
}

/** The JSON messages in one or more WebSocket text frames, back to back. */
function framesOf(buffer: Buffer): readonly Frame[] {
	const frames: Frame[] = [];
	for (let at = 0; at < buffer.length; ) {
		const short = buffer.readUInt8(at + 1);
		const head = short < 126 ? 2 : short === 126 ? 4 : 10;
		const size =
			head === 2
				? short
				: head === 4
					? buffer.readUInt16BE(at + 2)
					: Number(buffer.readBigUInt64BE(at + 2));
		const text = buffer.toString("utf8", at + head, at + head + size);
		frames.push(JSON.parse(text) as Frame);
		at += head + size;
	}
	return frames;
}
