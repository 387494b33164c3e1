import type { IncomingMessage } from "node:http";
import { isSpoken, subprotocols, tokenOf, versionOf } from "./credentials.ts";
import { HandshakeRefused } from "./http-refusal.ts";
import { isAllowed } from "./origins.ts";

/** What an upgrade request says, besides being one. */
export interface Handshake {
	readonly token: string | undefined;
	readonly isSupported: boolean;
}

export const DOOR_PATH = "/ws";
const MAX_URL_CHARS = 8_192;

/** Reads an upgrade request; throws `HandshakeRefused`. The WebSocket key and the form of lists are left to `ws`. */
export function readHandshake(
	request: IncomingMessage,
	origins: ReadonlySet<string>,
): Handshake {
	const { url = "/" } = request;
	checkPath(url);
	checkUpgrade(request);
	checkOrigin(request.headers.origin, origins);
	const offered = subprotocols(request);
	const subprotocol = versionOf(offered);
	if (offered.length > 0 && subprotocol === undefined)
		throw new HandshakeRefused(
			400,
			"VALIDATION_FAILED",
			"Unsupported subprotocol",
		);
	return {
		token: tokenOf(request),
		isSupported: isSpoken(subprotocol),
	};
}

function checkPath(url: string): void {
	if (url.length > MAX_URL_CHARS)
		throw new HandshakeRefused(431, "PAYLOAD_TOO_LARGE", "URL too long");
	const path = url.split("?", 1)[0] ?? "";
	try {
		decodeURIComponent(path);
	} catch {
		throw new HandshakeRefused(
			400,
			"VALIDATION_FAILED",
			"Bad percent-encoding",
		);
	}
	if (path !== DOOR_PATH)
		throw new HandshakeRefused(404, "NOT_FOUND", "No such path");
}

function checkUpgrade({ method, httpVersion, headers }: IncomingMessage): void {
	if (method !== "GET")
		throw new HandshakeRefused(405, "VALIDATION_FAILED", "GET only", {
			Allow: "GET",
		});
	if (httpVersion !== "1.1")
		throw new HandshakeRefused(400, "VALIDATION_FAILED", "HTTP/1.1 only");
	if (headers.upgrade?.toLowerCase() !== "websocket")
		throw new HandshakeRefused(
			400,
			"VALIDATION_FAILED",
			"Not a WebSocket upgrade",
		);
	if (headers["sec-websocket-version"] !== "13")
		throw new HandshakeRefused(
			426,
			"VALIDATION_FAILED",
			"WebSocket version 13 only",
			{
				Upgrade: "websocket",
				"Sec-WebSocket-Version": "13",
			},
		);
}

function checkOrigin(
	origin: string | undefined,
	origins: ReadonlySet<string>,
): void {
	if (isAllowed(origin, origins)) return;
	throw new HandshakeRefused(403, "ORIGIN_NOT_ALLOWED", "Origin not allowed");
}
