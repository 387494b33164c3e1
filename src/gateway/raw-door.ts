import {
	type IncomingMessage,
	type ServerResponse,
	STATUS_CODES,
} from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type RawData, type Server, WebSocket, WebSocketServer } from "ws";
import { CLOSES } from "../protocol/close-codes.ts";
import { CollabError, toWireError } from "../protocol/errors.ts";
import type { Identity } from "./authenticate.ts";
import type { Gateway } from "./gateway.ts";
import {
	DOOR_PATH,
	type Handshake,
	HandshakeRefused,
	originSet,
	readHandshake,
} from "./handshake.ts";
import { OutboxTurn } from "./outbox.ts";
import { RawConnection } from "./raw-connection.ts";
import type { Session } from "./session.ts";

/** What the listeners need; they are shared by all sockets. */
interface Visitor {
	readonly door: RawDoor;
	readonly session: Session;
	readonly connection: RawConnection;
}

class DoorSocket extends WebSocket {
	visitor: Visitor | undefined;
}

export interface RawDoorOptions {
	/** Origins from which browsers may connect. */
	readonly allowedOrigins: readonly string[];
}

const OPTIONS = {
	noServer: true,
	clientTracking: true,
	perMessageDeflate: false,
	maxFragments: 64,
	maxBufferedChunks: 1_024,
	closeTimeout: 5_000,
	skipUTF8Validation: false,
	// Answered in `onPing`: the library cuts a flood without a close code.
	autoPong: false,
} as const;

/** The raw WebSocket door: JSON text frames at `/ws`. */
export class RawDoor {
	readonly gateway: Gateway;
	readonly #origins: ReadonlySet<string>;
	readonly #server: Server<typeof DoorSocket>;
	readonly #turn = new OutboxTurn();

	constructor(gateway: Gateway, { allowedOrigins }: RawDoorOptions) {
		this.gateway = gateway;
		this.#origins = originSet(allowedOrigins);
		const options = {
			...OPTIONS,
			maxPayload: gateway.options.limits.frameBytes,
			WebSocket: DoorSocket,
			handleProtocols: selectSubprotocol,
		};
		this.#server = new WebSocketServer(options);
		this.#server.on("wsClientError", (error, socket) =>
			refuse(
				socket,
				new HandshakeRefused(400, "VALIDATION_FAILED", error.message),
			),
		);
	}

	/** Listener of the HTTP server's `upgrade` event; answers every request, whatever its path. */
	readonly upgrade = (
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
	): void => {
		// Before anything else: an error without a listener ends the process.
		socket.on("error", ignore);
		try {
			const handshake = readHandshake(request, this.#origins);
			const identity = this.#admit(handshake);
			this.#server.handleUpgrade(request, socket, head, (client) =>
				this.#welcome(client, socket as Socket, handshake, identity),
			);
		} catch (error) {
			this.#logRefusal(error);
			refuse(socket, error);
		}
	};

	/** Answers a plain HTTP request for the door's address; false when it is for somebody else. */
	refusePlain(request: IncomingMessage, response: ServerResponse): boolean {
		if (request.url?.split("?", 1)[0] !== DOOR_PATH) return false;
		const error = new CollabError(
			"VALIDATION_FAILED",
			"A WebSocket upgrade is needed",
		);
		response
			.writeHead(426, {
				Connection: "close, Upgrade",
				Upgrade: "websocket",
				"Content-Type": "application/json; charset=utf-8",
			})
			.end(JSON.stringify(toWireError("connect", error)));
		return true;
	}

	/** Sockets that have not closed yet. */
	get size(): number {
		return this.#server.clients.size;
	}

	/** Drains the gateway, waits for the sockets and cuts those that are left after `limitMs`. */
	async drain(limitMs: number): Promise<void> {
		await this.gateway.drain(limitMs);
		const closed = Promise.withResolvers<void>();
		this.#server.close(() => closed.resolve());
		const cancel = this.gateway.options.clock.after(limitMs / 3, () => {
			for (const client of this.#server.clients) client.terminate();
		});
		await closed.promise;
		cancel();
	}

	#admit({ token, isSupported }: Handshake): Identity | undefined {
		if (this.gateway.isDraining)
			throw new HandshakeRefused(503, "UNAVAILABLE", "Restarting", {
				"Retry-After": "5",
			});
		if (token === undefined || !isSupported) return undefined;
		return this.gateway.options.authenticator.verify(token);
	}

	/** The request is not kept: nothing here refers to it. */
	#welcome(
		client: DoorSocket,
		tcp: Socket,
		{ isSupported }: Handshake,
		identity: Identity | undefined,
	): void {
		client.on("error", onError);
		const { clock } = this.gateway.options;
		const connection = new RawConnection(client, tcp, this.#turn, clock);
		const session = this.gateway.connect(connection);
		client.visitor = { door: this, session, connection };
		client.on("message", onMessage);
		client.on("ping", onPing);
		client.on("pong", onControl);
		client.on("close", onClose);
		if (!isSupported) session.close(CLOSES.protocol);
		else if (identity !== undefined) this.gateway.auth.greet(session, identity);
	}

	#logRefusal(error: unknown): void {
		const { log } = this.gateway.options;
		if (error instanceof CollabError)
			log.warn({ code: error.code, reason: error.message }, "upgrade refused");
		else log.error({ err: error }, "upgrade failed");
	}
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
	const { visitor } = this as DoorSocket;
	if (visitor === undefined) return;
	const { door, session } = visitor;
	if (isBinary) session.close(CLOSES.binary);
	else door.gateway.router.receive(session, (data as Buffer).toString("utf8"));
}

function onPing(this: WebSocket, data: Buffer): void {
	this.pong(data);
	onControl.call(this);
}

function onControl(this: WebSocket): void {
	const { visitor } = this as DoorSocket;
	if (visitor === undefined) return;
	const { door, session, connection } = visitor;
	const nowMs = door.gateway.options.clock.nowMs();
	session.heard(nowMs);
	if (connection.isFlooding(nowMs)) session.close(CLOSES.rateAbuse);
}

function onClose(this: WebSocket): void {
	(this as DoorSocket).visitor?.session.gone();
}

/** `ws` closes with the right code by itself; only the fact is told. */
function onError(
	this: WebSocket,
	error: Error & { readonly code?: string },
): void {
	const { visitor } = this as DoorSocket;
	visitor?.door.gateway.options.log.warn(
		{ session: visitor.session.id, code: error.code },
		"bad frame",
	);
}

/** Never the entry that holds the token. */
function selectSubprotocol(offered: Set<string>): string | false {
	if (offered.has("prdtool.v1")) return "prdtool.v1";
	// A version that is not spoken is selected all the same: otherwise no client would see the close that says so.
	return [...offered].find((name) => name.startsWith("prdtool.v")) ?? false;
}

/** Answers an upgrade request over HTTP, with the product's error as JSON. */
function refuse(socket: Duplex, error: unknown): void {
	const wire = toWireError("connect", error);
	const status =
		error instanceof HandshakeRefused
			? error.httpStatus
			: error instanceof CollabError
				? error.status
				: 500;
	const body = JSON.stringify(wire);
	const headers = {
		Connection: "close",
		"Content-Type": "application/json; charset=utf-8",
		"Content-Length": String(Buffer.byteLength(body)),
		...(error instanceof HandshakeRefused ? error.headers : {}),
	};
	const lines = Object.entries(headers).map(
		([name, value]) => `${name}: ${value}`,
	);
	socket.once("finish", () => socket.destroy());
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n${body}`,
	);
}

const ignore = (): void => {};
