import {
	type BadRequest,
	decode,
	decodeEnvelope,
	type Request,
} from "../protocol/envelope.ts";
import type { Limits } from "../shared/limits.ts";
import type { Emitted, Incoming } from "./socketio-parser.ts";

/** What `socket.send` emits: its argument is a whole envelope. */
const ENVELOPE = "message";

/** The request that a client has emitted. Never throws: what is wrong with it comes back as `error`. */
export function requestOf(
	incoming: Exclude<Incoming, { readonly kind: "binary" }>,
	limits: Pick<Limits, "jsonDepth">,
): Request | BadRequest {
	const { text, callback } = incoming;
	if (incoming.kind === "event") return read(incoming, limits);
	const { error } = incoming;
	return { name: undefined, type: "", id: callback, error, size: text.length };
}

function read(
	{ name, args, text, callback }: Emitted,
	limits: Pick<Limits, "jsonDepth">,
): Request | BadRequest {
	const [data] = args;
	const type = String(name);
	// More than one argument: as a list it is refused like any data that is no object.
	if (args.length > 1)
		return decodeEnvelope({ type, data: args }, text, callback);
	if (name === ENVELOPE) {
		if (typeof data === "string") return decode(data, limits, callback);
		if (isObject(data)) return decodeEnvelope(data, text, callback);
	}
	return decodeEnvelope(envelopeOf(type, data), text, callback);
}

/** `room` stands in the data, where a frame has it beside; an argument that was `undefined` arrives as null. */
function envelopeOf(type: string, data: unknown): Record<string, unknown> {
	if (data === null || data === undefined) return { type };
	if (!isObject(data) || !Object.hasOwn(data, "room")) return { type, data };
	return { type, data, room: data.room };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);
