import {
	type BadRequest,
	encodeAck,
	encodeError,
	type RequestId,
	wrapEvent,
} from "../protocol/envelope.ts";
import { toWireError } from "../protocol/errors.ts";
import {
	errorEventOf,
	type ServerData,
	type ServerEventName,
} from "../protocol/events.ts";
import { textFrame } from "./frame.ts";
import { ackPacket, eventPacket, type Packet } from "./packet.ts";

/** What sessions are sent; each door encodes it its own way, once for all its receivers. */
export interface Message {
	/** Raw door: whole WebSocket text frames, back to back. */
	frame(): Buffer;
	/** Socket.IO door: the same in packets. */
	packets(): readonly Packet[];
}

/** One event, or several of one name that belong together; their data is JSON text. */
export class EventMessage implements Message {
	readonly #name: ServerEventName;
	readonly #parts: readonly string[];
	readonly #room: string | undefined;
	#frame: Buffer | undefined;
	#packets: readonly Packet[] | undefined;

	/** @param room id of the document that it is about */
	constructor(name: ServerEventName, parts: readonly string[], room?: string) {
		this.#name = name;
		this.#parts = parts;
		this.#room = room;
	}

	frame(): Buffer {
		this.#frame ??= joined(
			this.#parts.map((json) =>
				textFrame(wrapEvent(this.#name, json, this.#room)),
			),
		);
		return this.#frame;
	}

	packets(): readonly Packet[] {
		this.#packets ??= this.#parts.map((json) => eventPacket(this.#name, json));
		return this.#packets;
	}
}

/** An event with its data as an object; events of a document carry its id as `room`. */
export function eventMessage<N extends ServerEventName>(
	name: N,
	data: ServerData<N>,
): Message {
	const { prdId } = data as { readonly prdId?: string };
	return new EventMessage(name, [JSON.stringify(data)], prdId);
}

/** The answer to a request: the callback's argument, or a frame with the request's id. */
export class AckMessage implements Message {
	readonly #id: RequestId;
	readonly #dataJson: string;

	constructor(id: RequestId, dataJson: string) {
		this.#id = id;
		this.#dataJson = dataJson;
	}

	frame(): Buffer {
		return textFrame(encodeAck(this.#id, this.#dataJson));
	}

	packets(): readonly Packet[] {
		if (typeof this.#id === "number")
			return [ackPacket(this.#id, `{"ok":true,"data":${this.#dataJson}}`)];
		// It came as a whole envelope, and its answer goes back as one.
		return [eventPacket("message", encodeAck(this.#id, this.#dataJson))];
	}
}

/** A refusal: under the request's id where it has one, and on Socket.IO as an event in any case. */
export class ErrorMessage implements Message {
	readonly #request: Pick<BadRequest, "name" | "type" | "id">;
	readonly #error: unknown;

	constructor(
		request: Pick<BadRequest, "name" | "type" | "id">,
		error: unknown,
	) {
		this.#request = request;
		this.#error = error;
	}

	frame(): Buffer {
		return textFrame(encodeError(this.#request, this.#error));
	}

	packets(): readonly Packet[] {
		const { name, type, id } = this.#request;
		const json = JSON.stringify(toWireError(type, this.#error));
		const event = eventPacket(errorEventOf(name), json);
		if (id === undefined) return [event];
		const answer =
			typeof id === "number"
				? ackPacket(id, `{"ok":false,"error":${json}}`)
				: eventPacket("message", encodeError(this.#request, this.#error));
		return [answer, event];
	}
}

const joined = (frames: readonly Buffer[]): Buffer =>
	frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
