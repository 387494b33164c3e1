import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections: one of those must not take it while its server is down. */
const LOWEST = 20_000;
const COUNT = 12_000;

/** A port of 127.0.0.1 on which nothing listens. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = LOWEST + Math.floor(Math.random() * COUNT);
		if (await isFree(port)) return port;
	}
}

function isFree(port: number): Promise<boolean> {
	const { promise, resolve } = Promise.withResolvers<boolean>();
	const probe = createServer()
		.once("error", () => resolve(false))
		.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
	return promise;
}
