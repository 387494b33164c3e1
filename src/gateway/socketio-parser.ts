import { EventEmitter } from "node:events";
import { CollabError } from "../protocol/errors.ts";
import { checkDepth } from "../protocol/json-guard.ts";
import type { Limits } from "../shared/limits.ts";
import { NAMESPACE } from "./packet.ts";

/** The one event that a door listens to; what the client's was called is data. */
export const INCOMING = "incoming";

/** What a client has emitted, not yet looked at. */
export interface Emitted {
	readonly name: string | number;
	readonly args: readonly unknown[];
	/** What `name` and `args` were parsed from. */
	readonly text: string;
	/** The number of the client's callback. */
	readonly callback: number | undefined;
}
export type Incoming =
	| ({ readonly kind: "event" } & Emitted)
	| {
			readonly kind: "refused";
			readonly error: CollabError;
			readonly text: string;
			readonly callback: number | undefined;
	  }
	| { readonly kind: "binary" };

export const TYPES = {
	connect: 0,
	disconnect: 1,
	event: 2,
	ack: 3,
	connectError: 4,
	binaryEvent: 5,
	binaryAck: 6,
} as const;

interface ParsedPacket {
	readonly type: number;
	readonly nsp: string;
	readonly id?: number | undefined;
	readonly data?: unknown;
}

/** Characters of the packet that shows a token. */
const CONNECT_CHARS = 8_192;
/** Namespaces that one connection may ask for. */
const CONNECTS = 8;
const HEAD = /^([0-6])(?:\d{1,4}-)?(?:(\/[^,]{0,128})(?:,|$))?(\d*)/;
/** Names that the library keeps for itself. */
const RESERVED = new Set([
	"connect",
	"connect_error",
	"disconnect",
	"disconnecting",
	"newListener",
	"removeListener",
]);

/** Turns what the library sends by itself into text: the answers to CONNECT, and DISCONNECT. */
class Encoder {
	encode({ type, nsp, id, data }: ParsedPacket): readonly string[] {
		const namespace = nsp === "/" ? "" : `${nsp},`;
		const json = data === undefined ? "" : JSON.stringify(data);
		return [`${type}${namespace}${id ?? ""}${json}`];
	}
}

/** Reads one connection's packets; what throws ends the connection. */
class Decoder extends EventEmitter {
	readonly #limits: Pick<Limits, "jsonDepth">;
	readonly #connects: string[] = [];
	#isBinary = false;

	constructor(limits: Pick<Limits, "jsonDepth">) {
		super();
		this.#limits = limits;
	}

	add(packet: unknown): void {
		// The attachments of a packet that has been refused already.
		if (typeof packet !== "string" && this.#isBinary) return;
		if (typeof packet !== "string") throw new Error("binary packet");
		const head = HEAD.exec(packet);
		if (head === null) throw new Error("unknown packet type");
		const [start, type, nsp = "/", id = ""] = head;
		const text = packet.slice(start.length);
		this.emit("decoded", this.#read(Number(type), nsp, id, text));
	}

	destroy(): void {}

	#read(type: number, nsp: string, id: string, text: string): ParsedPacket {
		switch (type) {
			case TYPES.connect:
				return { type, nsp, data: this.#readConnect(nsp, text) };
			case TYPES.event:
				return event(nsp, this.#readEvent(text, callbackOf(id)));
			case TYPES.binaryEvent:
			case TYPES.binaryAck:
				this.#isBinary = true;
				return event(nsp, { kind: "binary" });
			case TYPES.connectError:
				throw new Error("CONNECT_ERROR of a client");
			default:
				// No callback is ever asked of a client: what it says in an ack concerns nobody.
				return { type, nsp };
		}
	}

	/** One connection is one session: a namespace that has been asked for is not asked for again. */
	#readConnect(nsp: string, text: string): object {
		if (this.#connects.includes(nsp) && nsp === NAMESPACE)
			throw new Error("connected twice");
		if (this.#connects.push(nsp) > CONNECTS)
			throw new Error("too many namespaces");
		if (text.length > CONNECT_CHARS) throw new Error("CONNECT is too long");
		if (text === "") return {};
		checkDepth(text, this.#limits.jsonDepth);
		const auth: unknown = JSON.parse(text);
		if (typeof auth !== "object" || auth === null || Array.isArray(auth))
			throw new Error("auth is no object");
		return auth;
	}

	#readEvent(text: string, callback: number | undefined): Incoming {
		try {
			checkDepth(text, this.#limits.jsonDepth);
		} catch (error) {
			if (!(error instanceof CollabError)) throw error;
			return { kind: "refused", error, text, callback };
		}
		const list: unknown = JSON.parse(text);
		if (!Array.isArray(list)) throw new Error("the payload is no array");
		const [name, ...args] = list as readonly unknown[];
		if (typeof name !== "string" && typeof name !== "number")
			throw new Error("the event has no name");
		if (RESERVED.has(String(name))) throw new Error("the name is reserved");
		return { kind: "event", name, args, text, callback };
	}
}

const event = (nsp: string, incoming: Incoming): ParsedPacket => ({
	type: TYPES.event,
	nsp,
	data: [INCOMING, incoming],
});

/** A number that could not be sent back as it came is none. */
function callbackOf(id: string): number | undefined {
	const number = Number(id);
	return id !== "" && Number.isSafeInteger(number) ? number : undefined;
}

/** Packets in the library's own text form: nothing parsed before it is bounded, nothing binary, no name given to an emitter. */
export const parserOf = (limits: Pick<Limits, "jsonDepth">) => ({
	Encoder,
	Decoder: class extends Decoder {
		constructor() {
			super(limits);
		}
	},
});
