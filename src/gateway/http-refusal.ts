import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import {
	CollabError,
	type ErrorCode,
	toWireError,
} from "../protocol/errors.ts";

/** An HTTP answer instead of the upgrade. */
export class HandshakeRefused extends CollabError {
	readonly httpStatus: number;
	readonly headers: Readonly<Record<string, string>>;

	constructor(
		httpStatus: number,
		code: ErrorCode,
		message: string,
		headers: Readonly<Record<string, string>> = {},
		options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
	) {
		super(code, message, undefined, options);
		this.httpStatus = httpStatus;
		this.headers = headers;
	}
}

/** A gateway that drains takes nobody in. */
export const restarting = (): HandshakeRefused =>
	new HandshakeRefused(503, "UNAVAILABLE", "Restarting", {
		"Retry-After": "5",
	});

/** The HTTP answer that a failed handshake gets: status, headers, and the product's error as JSON. */
export function answerOf(error: unknown): {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
} {
	const known = error instanceof CollabError ? error : undefined;
	const refused = error instanceof HandshakeRefused ? error : undefined;
	const body = JSON.stringify(toWireError("connect", error));
	return {
		status: refused?.httpStatus ?? known?.status ?? 500,
		headers: {
			Connection: "close",
			"Content-Type": "application/json; charset=utf-8",
			"Content-Length": String(Buffer.byteLength(body)),
			...refused?.headers,
		},
		body,
	};
}

/** Answers an upgrade request over HTTP. */
export function refuseUpgrade(socket: Duplex, error: unknown): void {
	const { status, headers, body } = answerOf(error);
	const lines = Object.entries(headers).map(
		([name, value]) => `${name}: ${value}`,
	);
	socket.once("finish", () => socket.destroy());
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n${body}`,
	);
}
