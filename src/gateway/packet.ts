import { textFrame } from "./frame.ts";

/** The namespace of the Socket.IO door; it is part of every packet. */
export const NAMESPACE = "/ws";

const ENGINE_MESSAGE = "4";
const EVENT = "2";
const ACK = "3";

/** One encoded Socket.IO packet, shared by its receivers, never changed. */
export class Packet {
	/** For every transport. */
	readonly text: string;
	#frame: Buffer | undefined;

	constructor(text: string) {
		this.text = text;
	}

	/** The WebSocket frame that carries it. */
	get frame(): Buffer {
		this.#frame ??= textFrame(ENGINE_MESSAGE + this.text);
		return this.#frame;
	}

	/** Bytes, on whichever transport. */
	get length(): number {
		return this.frame.length;
	}
}

/** @param json text of the event's one argument */
export const eventPacket = (name: string, json: string): Packet =>
	new Packet(`${EVENT}${NAMESPACE},["${name}",${json}]`);

/** @param json text of the callback's one argument */
export const ackPacket = (id: number, json: string): Packet =>
	new Packet(`${ACK}${NAMESPACE},${id}[${json}]`);
