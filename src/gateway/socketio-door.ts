import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Server as Engine } from "engine.io";
import { CLOSES } from "../protocol/close-codes.ts";
import { CollabError, toWireError } from "../protocol/errors.ts";
import type { Identity } from "./authenticate.ts";
import { ControlFlood } from "./control-flood.ts";
import { isSpoken, subprotocols, tokenOf, versionOf } from "./credentials.ts";
import { EnginePlaces } from "./engine-places.ts";
import { boundClose } from "./engine-sockets.ts";
import type { Gateway } from "./gateway.ts";
import {
	answerOf,
	HandshakeRefused,
	refuseUpgrade,
	restarting,
} from "./http-refusal.ts";
import { originSet } from "./origins.ts";
import { OutboxTurn } from "./outbox.ts";
import type { RawDoorOptions } from "./raw-door.ts";
import type { Session } from "./session.ts";
import { PROTOCOL } from "./session-auth.ts";
import { SocketioConnection } from "./socketio-connection.ts";
import { INCOMING, type Incoming } from "./socketio-parser.ts";
import { requestOf } from "./socketio-request.ts";
import {
	createEngine,
	createServer,
	type DoorSocket,
	SOCKETIO_PATH,
} from "./socketio-server.ts";

/** Engine.IO's own code. */
const UNKNOWN_SID = 1;
const METHODS = new Set(["GET", "POST", "OPTIONS"]);

/** The Socket.IO door: namespace `/ws` at `/socket.io/`, over WebSockets and long polling. */
export class SocketioDoor {
	readonly gateway: Gateway;
	readonly #engine: Engine;
	readonly #turn = new OutboxTurn();
	readonly #connections = new Set<SocketioConnection>();
	readonly #places: EnginePlaces;
	readonly #emptied = Promise.withResolvers<void>();

	constructor(gateway: Gateway, { allowedOrigins }: RawDoorOptions) {
		const { limits, log } = gateway.options;
		this.gateway = gateway;
		this.#places = new EnginePlaces(gateway.doorkeeper);
		this.#engine = createEngine(limits, originSet(allowedOrigins));
		this.#engine.on("connection_error", ({ code, message }) => {
			// A poll that was under way when its connection ended is no event.
			if (code !== UNKNOWN_SID)
				log.warn({ code, reason: message }, "handshake refused");
		});
		this.#engine.on("connection", (connection) => {
			boundClose(connection);
			this.#places.take(connection);
			connection.once("close", () => this.#noteEmpty());
		});
		createServer(this.#engine, limits)
			.use((socket, next) => void this.#greet(socket as DoorSocket, next))
			.on("connection", (socket) => this.#welcome(socket as DoorSocket));
	}

	/** Answers an HTTP request; false when it is for somebody else. */
	request(request: IncomingMessage, response: ServerResponse): boolean {
		if (pathOf(request) !== SOCKETIO_PATH) return false;
		try {
			this.#admit(request, response);
			this.#engine.handleRequest(request, response);
		} catch (error) {
			this.#logRefusal(error);
			const { status, headers, body } = answerOf(error);
			response.writeHead(status, headers).end(body);
		}
		return true;
	}

	/** Answers an upgrade request; false when it is for somebody else. */
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
		if (pathOf(request) !== SOCKETIO_PATH) return false;
		// Before anything else: an error without a listener ends the process.
		socket.on("error", ignore);
		try {
			this.#admit(request, socket);
			this.#engine.handleUpgrade(request, socket, head);
		} catch (error) {
			this.#logRefusal(error);
			refuseUpgrade(socket, error);
		}
		return true;
	}

	/** Connections that have not closed yet. */
	get size(): number {
		return this.#engine.clientsCount;
	}

	/** Drains the gateway, waits for the connections and cuts those that are left after `limitMs`. */
	async drain(limitMs: number): Promise<void> {
		await this.gateway.drain(limitMs);
		const { clock } = this.gateway.options;
		const cancel = clock.after(limitMs / 3, this.#emptied.resolve);
		this.#noteEmpty();
		await this.#emptied.promise;
		cancel();
		this.close();
	}

	/** Cuts whatever is left. */
	close(): void {
		for (const connection of this.#connections) connection.terminate();
		this.#engine.close();
	}

	#noteEmpty(): void {
		if (this.size === 0 && this.gateway.isDraining) this.#emptied.resolve();
	}

	/** Looks at whoever is not connected yet. */
	#admit(request: IncomingMessage, exchange: EventEmitter): void {
		if (!METHODS.has(request.method ?? ""))
			throw new HandshakeRefused(405, "VALIDATION_FAILED", "GET or POST", {
				Allow: "GET, POST",
			});
		if (request.method === "OPTIONS" || queryOf(request).has("sid")) return;
		if (this.gateway.isDraining) throw restarting();
		this.#places.ask(request, exchange);
	}

	/** Before CONNECT is answered; who is refused has had his one attempt. */
	async #greet(
		socket: DoorSocket,
		next: (error?: Error) => void,
	): Promise<void> {
		try {
			socket.data.identity = await this.#identify(socket);
			if (this.gateway.isDraining) throw restarting();
			next();
		} catch (error) {
			this.#logRefusal(error);
			const data = toWireError("connect", error);
			next(Object.assign(new Error(data.message), { data }));
			setImmediate(() => socket.conn.close());
		}
	}

	async #identify({
		handshake,
		request,
		conn,
	}: DoorSocket): Promise<Identity | undefined> {
		const { token, protocol = PROTOCOL } = handshake.auth;
		const version = versionOf(subprotocols(handshake));
		if (protocol !== PROTOCOL || !isSpoken(version)) return undefined;
		const one = tokenOf(request, token === undefined ? [] : [String(token)]);
		if (one === undefined)
			throw new CollabError("UNAUTHENTICATED", "A token is needed", {
				reason: "invalid_token",
			});
		return this.gateway.doorkeeper.identify(one, this.#places.of(conn));
	}

	#welcome(socket: DoorSocket): void {
		const { clock } = this.gateway.options;
		const connection = new SocketioConnection(socket, this.#turn, clock);
		const place = this.#places.of(socket.conn);
		const session = this.gateway.connect(connection, place);
		this.#connections.add(connection);
		socket.on(INCOMING, (incoming) => this.#receive(session, incoming));
		// What the parser does not take; the library closes the engine next.
		socket.on("error", () => session.close(CLOSES.badPacket));
		socket.on("disconnect", () => {
			this.#connections.delete(connection);
			session.gone();
			// Without its namespace an engine connection is good for nothing.
			socket.conn.close();
		});
		this.#watchControls(socket, session);
		// Nothing asks for the first request again, and it is big.
		Object.assign(socket.conn, { request: undefined });
		const { identity } = socket.data;
		if (identity === undefined) session.close(CLOSES.protocol);
		else this.gateway.auth.greet(session, identity);
	}

	#watchControls({ conn }: DoorSocket, session: Session): void {
		const flood = new ControlFlood();
		const { clock } = this.gateway.options;
		conn.on("packet", ({ type }) => {
			if (type !== "message" && flood.add(clock.nowMs()))
				session.close(CLOSES.rateAbuse);
		});
	}

	#receive(session: Session, incoming: Incoming): void {
		const { router, options } = this.gateway;
		if (incoming.kind === "binary") session.close(CLOSES.binary);
		else router.accept(session, requestOf(incoming, options.limits));
	}

	#logRefusal(error: unknown): void {
		const { log } = this.gateway.options;
		if (error instanceof CollabError)
			log.warn({ code: error.code, reason: error.message }, "connect refused");
		else log.error({ err: error }, "connect failed");
	}
}

const pathOf = ({ url = "/" }: IncomingMessage): string =>
	url.split("?", 1)[0] ?? "";

const queryOf = ({ url = "/" }: IncomingMessage): URLSearchParams =>
	new URLSearchParams(url.split("?").slice(1).join("?"));

const ignore = (): void => {};
