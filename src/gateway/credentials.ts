import type { IncomingMessage } from "node:http";
import { HandshakeRefused } from "./http-refusal.ts";
import { PROTOCOL } from "./session-auth.ts";

const SPOKEN = `prdtool.v${PROTOCOL}`;
const VERSIONED = /^prdtool\.v[0-9]{1,4}$/;
const BEARER = "bearer.";

/** Subprotocols that a client offers, in its order. */
export const subprotocols = ({
	headers,
}: Pick<IncomingMessage, "headers">): readonly string[] =>
	(headers["sec-websocket-protocol"] ?? "")
		.split(",")
		.map((name) => name.trim())
		.filter((name) => name !== "");

/** The version that a client is served by: of several the spoken one; undefined when it offers none. */
export const versionOf = (offered: readonly string[]): string | undefined =>
	offered.includes(SPOKEN)
		? SPOKEN
		: offered.find((name) => VERSIONED.test(name));

/** A client that offers no version speaks the current one. */
export const isSpoken = (version: string | undefined): boolean =>
	version === undefined || version === SPOKEN;

/** Never the entry that holds the token. */
export const selectSubprotocol = (offered: Set<string>): string | false =>
	// A version that is not spoken is selected all the same: otherwise no client would see the close that says so.
	versionOf([...offered]) ?? false;

/** The one token that header, query and subprotocols agree on, and `shown` beside them. Throws when two differ. */
export function tokenOf(
	request: IncomingMessage,
	shown: readonly string[] = [],
): string | undefined {
	const { headers, url = "/" } = request;
	const bearer = /^bearer(?:\s+(.*))?$/i.exec(headers.authorization ?? "");
	const query = new URLSearchParams(url.split("?").slice(1).join("?"));
	const tokens = new Set([
		...(bearer === null ? [] : [bearer[1] ?? ""]),
		...query.getAll("token"),
		...subprotocols(request)
			.filter((name) => name.startsWith(BEARER))
			.map((name) => name.slice(BEARER.length)),
		...shown,
	]);
	if (tokens.size > 1)
		throw new HandshakeRefused(401, "UNAUTHENTICATED", "Two different tokens");
	return tokens.values().next().value;
}
