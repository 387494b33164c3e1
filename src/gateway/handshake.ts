import type { IncomingMessage } from "node:http";
import { CollabError, type ErrorCode } from "../protocol/errors.ts";
import { PROTOCOL } from "./session-auth.ts";

/** An HTTP answer instead of the upgrade. */
export class HandshakeRefused extends CollabError {
	readonly httpStatus: number;
	readonly headers: Readonly<Record<string, string>>;

	constructor(
		httpStatus: number,
		code: ErrorCode,
		message: string,
		headers: Readonly<Record<string, string>> = {},
	) {
		super(code, message);
		this.httpStatus = httpStatus;
		this.headers = headers;
	}
}

/** What an upgrade request says, besides being one. */
export interface Handshake {
	readonly token: string | undefined;
	/** Subprotocol to select; it names the protocol version. */
	readonly subprotocol: string | undefined;
	readonly isSupported: boolean;
}

export const DOOR_PATH = "/ws";
const MAX_URL_CHARS = 8_192;
const VERSIONED = /^prdtool\.v[0-9]{1,4}$/;
const BEARER = "bearer.";

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
	const subprotocol = offered.includes(`prdtool.v${PROTOCOL}`)
		? `prdtool.v${PROTOCOL}`
		: offered.find((name) => VERSIONED.test(name));
	if (offered.length > 0 && subprotocol === undefined)
		throw new HandshakeRefused(
			400,
			"VALIDATION_FAILED",
			"Unsupported subprotocol",
		);
	return {
		token: tokenOf(request, url, offered),
		subprotocol,
		isSupported:
			subprotocol === undefined || subprotocol === `prdtool.v${PROTOCOL}`,
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

/** Browsers always send an origin, as they print it; a client without one is a server, and needs a token anyway. */
function checkOrigin(
	origin: string | undefined,
	origins: ReadonlySet<string>,
): void {
	if (origin === undefined || origins.has(origin)) return;
	throw new HandshakeRefused(403, "ORIGIN_NOT_ALLOWED", "Origin not allowed");
}

/** The allow-list as browsers would print its entries; throws on one that is no origin. */
export function originSet(origins: readonly string[]): ReadonlySet<string> {
	return new Set(
		origins.map((text) => {
			const { origin } = new URL(text);
			if (origin === "null") throw new TypeError(`Not an origin: ${text}`);
			return origin;
		}),
	);
}

const subprotocols = ({ headers }: IncomingMessage): readonly string[] =>
	(headers["sec-websocket-protocol"] ?? "")
		.split(",")
		.map((name) => name.trim())
		.filter((name) => name !== "");

/** The one token that header, query and subprotocol agree on. */
function tokenOf(
	{ headers }: IncomingMessage,
	url: string,
	offered: readonly string[],
): string | undefined {
	const bearer = /^bearer(?:\s+(.*))?$/i.exec(headers.authorization ?? "");
	const query = new URLSearchParams(url.split("?").slice(1).join("?"));
	const tokens = new Set([
		...(bearer === null ? [] : [bearer[1] ?? ""]),
		...query.getAll("token"),
		...offered
			.filter((name) => name.startsWith(BEARER))
			.map((name) => name.slice(BEARER.length)),
	]);
	if (tokens.size > 1)
		throw new HandshakeRefused(401, "UNAUTHENTICATED", "Two different tokens");
	return tokens.values().next().value;
}
