import type { Limits } from "../shared/limits.ts";
import { CollabError, toWireError } from "./errors.ts";
import type { ClientEvent } from "./event.ts";
import {
	type ClientData,
	type ClientEventName,
	errorEventOf,
} from "./events.ts";
import { checkDepth, checkKeys } from "./json-guard.ts";
import { findEvent, validate } from "./validate.ts";

/** What a client recognises the answer by: the id in its envelope, or the number of a Socket.IO callback. */
export type RequestId = string | number;

/** A checked request; one object from the frame to its answer. */
export interface Request<N extends ClientEventName = ClientEventName> {
	readonly name: N;
	readonly event: ClientEvent;
	/** The name as sent. */
	readonly type: string;
	readonly id: RequestId | undefined;
	readonly data: ClientData<N>;
	/** UTF-16 length of the frame, for the log. */
	readonly size: number;
}

/** A frame that is no valid request: what to answer, as far as it could be read. */
export interface BadRequest {
	readonly name: ClientEventName | undefined;
	readonly type: string;
	readonly id: RequestId | undefined;
	readonly error: CollabError;
	readonly size: number;
}

const fault = (message: string, data: Record<string, unknown>): CollabError =>
	new CollabError("VALIDATION_FAILED", message, data);

/** Reads one text frame; `callback` as below. Never throws: what is wrong with it comes back as `error`. */
export function decode(
	text: string,
	limits: Pick<Limits, "jsonDepth">,
	callback?: number,
): Request | BadRequest {
	try {
		return decodeEnvelope(parse(text, limits), text, callback);
	} catch (error) {
		const bad = unread(text.length);
		return { ...bad, id: callback, error: asCollabError(error) };
	}
}

/**
 * Reads an envelope that its door has parsed from `text`. Never throws.
 *
 * @param callback takes the place of the envelope's `id`
 */
export function decodeEnvelope(
	envelope: Record<string, unknown>,
	text: string,
	callback?: number,
): Request | BadRequest {
	const bad = unread(text.length);
	try {
		return requestOf(envelope, text, bad, callback);
	} catch (error) {
		return { ...bad, error: asCollabError(error) };
	}
}

/** What is known of a request so far: the place where its error is reported. */
interface Unread {
	id: RequestId | undefined;
	type: string;
	name: ClientEventName | undefined;
	readonly size: number;
}

const unread = (size: number): Unread => ({
	type: "",
	size,
	id: undefined,
	name: undefined,
});

/** Payload faults know their event and their id, so they are answered under both. */
function requestOf(
	envelope: Record<string, unknown>,
	text: string,
	bad: Unread,
	callback: number | undefined,
): Request {
	const { type, id } = envelope;
	bad.type = typeof type === "string" ? type.slice(0, 64) : "";
	bad.id = callback ?? readId(id);
	const known = typeof type === "string" ? findEvent(type) : undefined;
	if (known === undefined)
		throw new CollabError("UNKNOWN_EVENT", "No such event");
	const data = payloadOf(envelope.data, known.event, envelope.room);
	bad.name = known.name;
	checkKeys(envelope, text);
	return {
		name: known.name,
		event: known.event,
		type: bad.type,
		id: bad.id,
		data: validate(known, data),
		size: text.length,
	};
}

function parse(
	text: string,
	{ jsonDepth }: Pick<Limits, "jsonDepth">,
): Record<string, unknown> {
	checkDepth(text, jsonDepth);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw fault("Not JSON", { reason: "json" });
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw fault("A frame is one object", { field: "$" });
	return value as Record<string, unknown>;
}

function readId(id: unknown): string | undefined {
	if (id === undefined) return undefined;
	if (typeof id !== "string" || id.length < 1 || id.length > 64)
		throw fault("id is a string of 1 to 64 characters", { field: "id" });
	return id;
}

/** The payload, with the envelope's `room` in its place. */
function payloadOf(
	data: unknown,
	event: ClientEvent,
	room: unknown,
): Record<string, unknown> {
	if (data !== undefined && (typeof data !== "object" || data === null))
		throw fault("data is an object", { field: "data" });
	if (Array.isArray(data)) throw fault("data is an object", { field: "data" });
	const payload = (data ?? {}) as Record<string, unknown>;
	const field = event.roomField;
	if (room === undefined || field === null) return payload;
	if (typeof room !== "string")
		throw fault("room is a string", { field: "room" });
	payload[field] ??= room;
	if (payload[field] !== room)
		throw fault("room and data name different documents", { field: "room" });
	return payload;
}

const asCollabError = (error: unknown): CollabError =>
	error instanceof CollabError
		? error
		: new CollabError("INTERNAL", "Internal error", undefined, {
				cause: error,
			});

/** JSON text of an event whose data is JSON text already. */
export const wrapEvent = (
	type: string,
	dataJson: string,
	room?: string,
): string =>
	room === undefined
		? `{"type":"${type}","data":${dataJson}}`
		: `{"type":"${type}","data":${dataJson},"room":${JSON.stringify(room)}}`;

export const encodeAck = (id: RequestId, dataJson: string): string =>
	`{"type":"ack","id":${JSON.stringify(id)},"data":${dataJson}}`;

/** JSON text of the error that answers a request, or a frame that was none. */
export function encodeError(
	request: Pick<BadRequest, "name" | "type" | "id">,
	error: unknown,
): string {
	return JSON.stringify({
		type: errorEventOf(request.name),
		...(request.id === undefined ? {} : { id: request.id }),
		data: toWireError(request.type, error),
	});
}
