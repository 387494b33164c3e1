import { once } from "node:events";
import type { Server } from "node:http";
import { CollabError } from "../protocol/errors.ts";

/** Connections that may wait to be accepted: after a restart everybody comes back at once. The kernel may allow fewer. */
const BACKLOG = 4_096;

const REASONS: Readonly<Record<string, string>> = {
	EADDRINUSE: "the port is in use",
	EADDRNOTAVAIL: "this machine does not have that address",
	ENOTFOUND: "that name has no address",
	EACCES: "the port needs more rights",
};

/** Resolves when the server listens. Throws `UNAVAILABLE` with the reason. */
export async function listen(
	server: Server,
	{ host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
	server.listen({ host, port, backlog: BACKLOG });
	try {
		await once(server, "listening");
	} catch (cause) {
		const { code = "", message } = cause as NodeJS.ErrnoException;
		throw new CollabError(
			"UNAVAILABLE",
			`Cannot listen on ${authority(host, port)}: ${REASONS[code] ?? message}`,
			{ reason: "listen" },
			{ cause },
		);
	}
}

/** Host and port as in a URL. */
export const authority = (host: string, port: number): string =>
	`${host.includes(":") ? `[${host}]` : host}:${port}`;
