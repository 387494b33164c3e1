import type { IncomingMessage } from "node:http";
import { isLoopback } from "../node/config.ts";

/**
 * Whether a request comes from a browser on this very machine that addressed this very server: no proxy in between, and
 * no foreign name that happens to resolve here.
 */
export function isOwnVisitor(req: IncomingMessage): boolean {
	const { remoteAddress = "", localPort } = req.socket;
	const forwarded = Object.keys(req.headers).some(
		(name) => name === "forwarded" || name.startsWith("x-forwarded-"),
	);
	// Browsers leave out the port that the scheme implies.
	const ports = localPort === 80 ? ["", ":80"] : [`:${localPort}`];
	const own = ["localhost", "127.0.0.1", "[::1]"].flatMap((name) =>
		ports.map((port) => `${name}${port}`),
	);
	return (
		!forwarded &&
		isLoopback(remoteAddress) &&
		own.includes(req.headers.host ?? "")
	);
}
