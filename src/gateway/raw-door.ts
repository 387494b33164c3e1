import type { IncomingMessage, ServerResponse } from "node:http";
import type { BlockList, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type RawData, type Server, WebSocket, WebSocketServer } from "ws";
import { CLOSES } from "../protocol/close-codes.ts";
import { CollabError, toWireError } from "../protocol/errors.ts";
import type { Identity } from "./authenticate.ts";
import { selectSubprotocol } from "./credentials.ts";
import type { Place } from "./doorkeeper.ts";
import type { Gateway } from "./gateway.ts";
import { DOOR_PATH, type Handshake, readHandshake } from "./handshake.ts";
import { HandshakeRefused, refuseUpgrade, restarting } from "./http-refusal.ts";
import { originSet } from "./origins.ts";
import { OutboxTurn } from "./outbox.ts";
import { RawConnection } from "./raw-connection.ts";
import type { Session } from "./session.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

/** What the listeners need; they are shared by all sockets. */
interface Visitor {
	readonly door: RawDoor;
	readonly session: Session;
	readonly connection: RawConnection;
}

/** Who comes in: nobody yet without a token. */
interface Entrant {
	readonly identity: Identity | undefined;
	readonly place: Place;
}

class DoorSocket extends WebSocket {
	visitor: Visitor | undefined;
}

export interface DoorOptions {
	/** Origins from which browsers may connect. */
	readonly allowedOrigins: readonly string[];
	/** Proxies whose `X-Forwarded-For` counts. */
	readonly trustedProxies?: Pick<BlockList, "check">;
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
	readonly #proxies: TrustedProxies;
	readonly #server: Server<typeof DoorSocket>;
	readonly #turn = new OutboxTurn();

	constructor(
		gateway: Gateway,
		{ allowedOrigins, trustedProxies }: DoorOptions,
	) {
		this.gateway = gateway;
		this.#proxies = new TrustedProxies(trustedProxies);
		this.#origins = originSet(allowedOrigins);
		const options = {
			...OPTIONS,
			maxPayload: gateway.options.limits.frameBytes,
			WebSocket: DoorSocket,
			handleProtocols: selectSubprotocol,
		};
		this.#server = new WebSocketServer(options);
		this.#server.on("wsClientError", (error, socket) =>
			refuseUpgrade(
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
		this.#upgrade(request, socket, head).catch((error: unknown) => {
			this.#logRefusal(error);
			refuseUpgrade(socket, error);
		});
	};

	async #upgrade(
		request: IncomingMessage,
		socket: Duplex,
		head: Buffer,
	): Promise<void> {
		const { doorkeeper } = this.gateway;
		const address = this.#proxies.visitorOf(request);
		doorkeeper.knock(address);
		const handshake = readHandshake(request, this.#origins);
		if (this.gateway.isDraining) throw restarting();
		const place = doorkeeper.enter(address);
		const leave = (): void => doorkeeper.leave(place);
		socket.once("close", leave);
		const identity = await this.#identify(handshake, place);
		if (this.gateway.isDraining) throw restarting();
		// The answer to the upgrade and the greeting go out in one write.
		socket.cork();
		this.#server.handleUpgrade(request, socket, head, (client) => {
			this.#welcome(client, socket as Socket, handshake, { identity, place });
			// From here on the WebSocket has listeners of its own, which keep nothing of the handshake.
			socket.off("close", leave).off("error", ignore);
		});
		socket.uncork();
	}

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

	async #identify(
		{ token, isSupported }: Handshake,
		place: Place,
	): Promise<Identity | undefined> {
		if (token === undefined || !isSupported) return undefined;
		return this.gateway.doorkeeper.identify(token, place);
	}

	/** The request is not kept: nothing here refers to it. */
	#welcome(
		client: DoorSocket,
		tcp: Socket,
		{ isSupported }: Handshake,
		{ identity, place }: Entrant,
	): void {
		client.on("error", onError);
		const { clock } = this.gateway.options;
		const connection = new RawConnection(client, tcp, this.#turn, clock);
		const session = this.gateway.connect(connection, place);
		client.visitor = { door: this, session, connection };
		client.on("message", onMessage);
		client.on("ping", onPing);
		client.on("pong", onControl);
		client.on("close", onClose);
		if (!isSupported) session.close(CLOSES.protocol);
		else if (identity !== undefined) this.gateway.auth.greet(session, identity);
		connection.flush();
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
	const { visitor } = this as DoorSocket;
	if (visitor === undefined) return;
	const { door, session } = visitor;
	session.gone();
	if (session.place !== undefined) door.gateway.doorkeeper.leave(session.place);
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

const ignore = (): void => {};
