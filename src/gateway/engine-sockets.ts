import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Server as Engine, Socket as EngineSocket } from "engine.io";
import { type ServerOptions, WebSocket, WebSocketServer } from "ws";
import { selectSubprotocol } from "./credentials.ts";

/** A WebSocket that knows its TCP socket. */
class EngineWebSocket extends WebSocket {
	tcp: Socket | undefined;
}

/** How long an end is waited for that a peer has to confirm. */
const CLOSE_MS = 5_000;
const BOUNDS = {
	maxFragments: 64,
	maxBufferedChunks: 1_024,
	closeTimeout: CLOSE_MS,
	handleProtocols: selectSubprotocol,
} as const;

/** The WebSockets below Engine.IO, with the bounds of the raw door. */
export class EngineWebSocketServer extends WebSocketServer<
	typeof EngineWebSocket
> {
	constructor(options: ServerOptions) {
		super({ ...options, ...BOUNDS, WebSocket: EngineWebSocket });
	}

	override handleUpgrade(
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
		done: (client: EngineWebSocket, request: IncomingMessage) => void,
	): void {
		super.handleUpgrade(request, socket, head, (client, upgraded) => {
			client.tcp = socket as Socket;
			done(client, upgraded);
		});
	}
}

/** A client that polls no more is not waited for longer than one behind a WebSocket. */
export const boundClose = ({ transport }: EngineSocket): void => {
	if (transport.name === "polling")
		Object.assign(transport, { closeTimeout: CLOSE_MS });
};

/** The WebSocket of an engine connection; undefined while it polls. The library's typings do not show it. */
export const webSocketOf = ({
	transport,
}: EngineSocket): EngineWebSocket | undefined =>
	(transport as unknown as { readonly socket?: EngineWebSocket }).socket;

/** Whether the connection of that `sid` has its WebSocket, or is about to. The library's typings do not show its list. */
export function hasWebSocket(engine: Engine, sid: string): boolean {
	const { clients } = engine as unknown as {
		readonly clients: Readonly<Record<string, EngineSocket>>;
	};
	const client = Object.hasOwn(clients, sid) ? clients[sid] : undefined;
	if (client === undefined) return false;
	return client.upgrading || client.transport.name !== "polling";
}
