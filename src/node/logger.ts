import {
	type DestinationStream,
	destination,
	type LoggerOptions,
	pino,
} from "pino";
import type { Logger } from "../shared/logger.ts";

/** Secrets never reach a log line, wherever they stand in it. */
const REDACTED = [
	"token",
	"authorization",
	"*.token",
	"*.authorization",
	'*["sec-websocket-protocol"]',
];

/** JSON lines on stderr; stdout belongs to what a command answers. */
export function pinoOptions(level: string): LoggerOptions {
	return {
		level,
		base: null,
		redact: REDACTED,
		hooks: { logMethod: reorder },
	};
}

/** Lines that wait for a reader who has stopped reading, in bytes; what is above it is dropped. */
const WAITING_BYTES = 4_194_304;
let opened: DestinationStream | undefined;

/** The process's one way to stderr. It never waits: a pipe that is full must not stop the server. */
export function stderr(): DestinationStream {
	opened ??= destination({ dest: 2, sync: false, maxLength: WAITING_BYTES });
	return opened;
}

export const openLogger = (level: string): Logger =>
	pino(pinoOptions(level), stderr());

/** Moleculer logs `(message, error, object)`, which pino would drop: it wants `(object, message)`. */
function reorder(
	this: unknown,
	args: unknown[],
	method: (this: unknown, ...args: unknown[]) => void,
): void {
	const [message, ...rest] = args;
	if (rest.length === 0 || typeof message !== "string") {
		method.apply(this, args);
		return;
	}
	const err = rest.find((value) => value instanceof Error);
	const fields = rest.filter(
		(value) =>
			typeof value === "object" && value !== null && !(value instanceof Error),
	);
	const words = rest.filter((value) => typeof value !== "object");
	method.call(
		this,
		Object.assign({}, ...fields, err === undefined ? {} : { err }),
		[message, ...words].join(" "),
	);
}
