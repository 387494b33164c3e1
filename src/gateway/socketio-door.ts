import type { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Server as Engine } from "engine.io";
import { CLOSES } from "../protocol/close-codes.ts";
import { ControlFlood } from "./control-flood.ts";
import { EnginePlaces } from "./engine-places.ts";
import { EnginePolls } from "./engine-polls.ts";
import { boundClose, hasWebSocket } from "./engine-sockets.ts";
import type { Gateway } from "./gateway.ts";
import {
	answerOf,
	HandshakeRefused,
	refuseUpgrade,
	restarting,
} from "./http-refusal.ts";
import { originSet } from "./origins.ts";
import { OutboxTurn } from "./outbox.ts";
import type { DoorOptions } from "./raw-door.ts";
import type { Session } from "./session.ts";
import { SocketioConnection } from "./socketio-connection.ts";
import { SocketioGreeting } from "./socketio-greeting.ts";
import { INCOMING, type Incoming } from "./socketio-parser.ts";
import { requestOf } from "./socketio-request.ts";
import {
	createEngine,
	createServer,
	type DoorSocket,
	SOCKETIO_PATH,
} from "./socketio-server.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

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
	readonly #greeting: SocketioGreeting;
	readonly #polls = new EnginePolls();
	readonly #emptied = Promise.withResolvers<void>();

	constructor(
		gateway: Gateway,
		{ allowedOrigins, trustedProxies }: DoorOptions,
	) {
		const { limits, log } = gateway.options;
		this.gateway = gateway;
		const proxies = new TrustedProxies(trustedProxies);
		this.#places = new EnginePlaces(gateway.doorkeeper, proxies);
		this.#greeting = new SocketioGreeting(gateway, this.#places);
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
			.use(
				(socket, next) => void this.#greeting.greet(socket as DoorSocket, next),
			)
			.on("connection", (socket) => this.#welcome(socket as DoorSocket));
	}

	/** Answers an HTTP request; false when it is for somebody else. */
	request(request: IncomingMessage, response: ServerResponse): boolean {
		if (pathOf(request) !== SOCKETIO_PATH) return false;
		try {
			this.#admit(request, response);
			this.#checkPoll(request, response);
			this.#engine.handleRequest(request, response);
		} catch (error) {
			this.#greeting.logRefusal(error);
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
			this.#checkUpgrade(request);
			this.#engine.handleUpgrade(request, socket, head);
		} catch (error) {
			this.#greeting.logRefusal(error);
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

	/** The engine would take it, and cut it without a word. */
	#checkUpgrade(request: IncomingMessage): void {
		const sid = queryOf(request).get("sid");
		if (sid !== null && hasWebSocket(this.#engine, sid))
			throw new HandshakeRefused(
				400,
				"INVALID_STATE",
				"This sid has its WebSocket",
			);
	}

	/** Answers that nobody reads would wait outside of every queue that is bounded. */
	#checkPoll(request: IncomingMessage, response: ServerResponse): void {
		const sid = queryOf(request).get("sid");
		if (request.method !== "GET" || sid === null) return;
		if (!this.#polls.begin(sid, response))
			throw new HandshakeRefused(429, "RATE_LIMITED", "Read the last poll");
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
}

const pathOf = ({ url = "/" }: IncomingMessage): string =>
	url.split("?", 1)[0] ?? "";

const queryOf = ({ url = "/" }: IncomingMessage): URLSearchParams =>
	new URLSearchParams(url.split("?").slice(1).join("?"));

const ignore = (): void => {};
