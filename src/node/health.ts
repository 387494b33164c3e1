import {
	createServer,
	type IncomingMessage,
	type ServerResponse,
} from "node:http";
import type { Middleware, ServiceBroker } from "moleculer";
import { listen } from "./listen.ts";

/** `/health/live` and `/health/ready` of a process that serves no clients, from before its start to its end. */
export function healthMiddleware(at: {
	readonly host: string;
	readonly port: number;
}): Middleware {
	const server = createServer();
	return {
		name: "Health",
		async starting(broker: ServiceBroker) {
			server.on("request", (request, response) =>
				answer(request, response, broker.started),
			);
			await listen(server, at);
			// A check must not keep a process alive that has nothing else to do.
			server.unref();
		},
		async stopped() {
			server.close();
			server.closeAllConnections();
		},
	};
}

function answer(
	{ method, url }: IncomingMessage,
	response: ServerResponse,
	isReady: boolean,
): void {
	const isRead = method === "GET" || method === "HEAD";
	if (isRead && url === "/health/live") tell(response, 200, "live");
	else if (isRead && url === "/health/ready")
		tell(response, isReady ? 200 : 503, isReady ? "ready" : "not ready");
	else tell(response, 404, "nothing here");
}

function tell(response: ServerResponse, code: number, status: string): void {
	const headers = { "content-type": "application/json; charset=utf-8" };
	response.writeHead(code, headers).end(JSON.stringify({ status }));
}
