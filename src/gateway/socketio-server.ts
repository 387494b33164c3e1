import type { IncomingMessage } from "node:http";
import { Server as Engine } from "engine.io";
import { Server, type Socket } from "socket.io";
import type { Limits } from "../shared/limits.ts";
import type { Identity } from "./authenticate.ts";
import { EngineWebSocketServer } from "./engine-sockets.ts";
import { HEARTBEAT_GRACE_MS, HEARTBEAT_MS } from "./heartbeat.ts";
import { isAllowed } from "./origins.ts";
import { NAMESPACE } from "./packet.ts";
import { type INCOMING, type Incoming, parserOf } from "./socketio-parser.ts";

export const SOCKETIO_PATH = "/socket.io/";
const CONNECT_TIMEOUT_MS = 5_000;
const CORS_SECONDS = 600;

/** A client in the door's namespace. */
export type DoorSocket = Socket<
	{ [INCOMING](incoming: Incoming): void },
	Record<string, never>,
	Record<string, never>,
	/** No identity: it speaks a version of the protocol that is not supported. */
	{ identity: Identity | undefined }
>;

/** Engine.IO with the product's bounds; it compresses nothing and talks to allowed origins only. */
export function createEngine(
	{ frameBytes }: Limits,
	origins: ReadonlySet<string>,
): Engine {
	return new Engine({
		transports: ["websocket", "polling"],
		maxHttpBufferSize: frameBytes,
		pingInterval: HEARTBEAT_MS,
		pingTimeout: HEARTBEAT_GRACE_MS,
		perMessageDeflate: false,
		httpCompression: false,
		allowEIO3: false,
		wsEngine: EngineWebSocketServer,
		// Tells browsers which pages may read the answers to polls; it keeps nobody out, `allowRequest` does.
		cors: {
			origin: [...origins],
			methods: ["GET", "POST"],
			maxAge: CORS_SECONDS,
		},
		allowRequest({ headers }: IncomingMessage, answer) {
			if (isAllowed(headers.origin, origins)) answer(null, true);
			else answer("ORIGIN_NOT_ALLOWED", false);
		},
	});
}

/** Socket.IO over that engine, with one namespace. */
export function createServer(engine: Engine, limits: Limits) {
	const server = new Server({
		parser: parserOf(limits),
		connectTimeout: CONNECT_TIMEOUT_MS,
		serveClient: false,
		cleanupEmptyChildNamespaces: true,
	});
	server.bind(engine);
	// The library's own namespace is always there: whoever asks for it gets the answer that any unknown one gets.
	server.use((_socket, next) => next(new Error("Invalid namespace")));
	return server.of(NAMESPACE);
}
