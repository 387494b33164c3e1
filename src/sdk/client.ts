import type { Clock } from "../shared/clock.ts";
import { DEFAULT_LIMITS, type Limits } from "../shared/limits.ts";
import type { Mode } from "../shared/roles.ts";
import type { DocHost } from "./doc-host.ts";
import { Doc } from "./document.ts";
import { Emitter } from "./emitter.ts";
import type { SdkError } from "./errors.ts";
import { Joins } from "./joins.ts";
import { systemClock, systemRandom } from "./platform.ts";
import { Requests } from "./requests.ts";
import { Socket, type Status, type WebSocketConstructor } from "./socket.ts";
import type {
	AnswerData,
	EventData,
	EventName,
	RequestData,
	RequestName,
	ServerEvents,
} from "./typed-events.ts";
import type { Greeting, Request } from "./wire.ts";

interface CommonOptions {
	/** `ws://` or `wss://`, with the path `/ws`. */
	readonly url: string;
	/** Of this one client and nobody else; without it one is made. */
	readonly clientId?: string;
	readonly WebSocket?: WebSocketConstructor;
	readonly clock?: Clock;
	/** Uniform in [0, 1). */
	readonly random?: () => number;
	/** Where `online`, `offline` and `visibilitychange` are heard; the window in a browser. */
	readonly signals?: EventTarget;
}
/** `getToken` is asked for every new session, and before a token ends; with a lone `token` its end is the end. */
export type ConnectOptions = CommonOptions &
	(
		| { readonly token: string; readonly getToken?: never }
		| { readonly getToken: () => Promise<string>; readonly token?: never }
	);

export interface ClientEvents {
	status: { readonly status: Status; readonly reason: SdkError | undefined };
}

const CLIENT_ID_LENGTH = 16;
const ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";

/**
 * Opens a connection that keeps itself up.
 *
 * @example
 * const client = connect({ url: "wss://example.org/ws", getToken });
 * const doc = await client.open("prd_123");
 * doc.on("change", ({ op, origin }) => …);
 * doc.insert(0, "Hello");
 * await doc.whenSaved();
 */
export function connect(options: ConnectOptions): Client {
	const client = new Client(options);
	client.start();
	return client;
}

export class Client {
	readonly clientId: string;
	readonly #socket: Socket;
	readonly #host: DocHost;
	readonly #emitter = new Emitter<ClientEvents>();
	readonly #events = new Emitter<ServerEvents>();
	readonly #docs = new Map<string, Doc>();
	readonly #joins: Joins;
	readonly #requests: Requests;
	readonly #signals: EventTarget | undefined;
	#status: Status = "connecting";
	#reason: SdkError | undefined;
	#userId: string | undefined;
	#online = false;
	#limits: Limits = DEFAULT_LIMITS;
	#opIds: number;

	constructor(options: ConnectOptions) {
		const { clock = systemClock, random = systemRandom } = options;
		const { token, getToken = async () => token as string } = options;
		this.clientId = options.clientId ?? newClientId(random);
		// A client id that lives on must not use its numbers again; a new one counts from 1.
		this.#opIds = options.clientId === undefined ? 0 : clock.nowMs();
		this.#signals = options.signals ?? windowSignals();
		this.#socket = new Socket(
			{
				url: options.url,
				getToken,
				renewable: token === undefined,
				WebSocket: options.WebSocket ?? globalThis.WebSocket,
				clock,
				random,
			},
			{
				ready: (greeting) => this.#ready(greeting),
				lost: () => this.#lost(),
				message: (type, data) => this.#message(type, data),
				status: (status, reason) => this.#setStatus(status, reason),
			},
		);
		const request: Request = (type, data, settle) =>
			this.#socket.request(type, data, settle);
		this.#requests = new Requests(request);
		this.#joins = new Joins({
			clientId: this.clientId,
			request,
			documents: () => this.#limits.documents,
		});
		this.#host = {
			clock,
			random,
			join: this.#joins.join,
			request,
			tell: (type, data) => this.#socket.tell(type, data),
			limits: () => this.#limits,
			newOpId: () => `${this.clientId}:${++this.#opIds}`,
			closed: (docId) => this.#docs.delete(docId),
		};
	}

	get status(): Status {
		return this.#status;
	}

	/** Whom the server took us for; undefined before the first session. */
	get userId(): string | undefined {
		return this.#userId;
	}

	/** The bounds that the server has announced. */
	get limits(): Limits {
		return this.#limits;
	}

	/** @internal `connect` calls it */
	start(): void {
		for (const signal of SIGNALS)
			this.#signals?.addEventListener(signal, this.#wake);
		this.#socket.open();
	}

	on<Name extends keyof ClientEvents>(
		name: Name,
		listener: (event: ClientEvents[Name]) => void,
	): () => void {
		return this.#emitter.on(name, listener);
	}

	/**
	 * Joins a document; one that does not exist is created. Waits for the connection as long as it takes.
	 *
	 * @param options without a mode the document opens in the best one that the person may use
	 * @throws SdkError with the server's code (`FORBIDDEN`, ...), `STOPPED` or `CLOSED`
	 */
	open(docId: string, options: { readonly mode?: Mode } = {}): Promise<Doc> {
		const known = this.#docs.get(docId);
		if (known !== undefined) return known.opened;
		const doc = new Doc(docId, options.mode, this.#host);
		if (this.#reason !== undefined) doc.end(this.#reason);
		else this.#docs.set(docId, doc);
		if (this.#online) doc.connected();
		return doc.opened;
	}

	/**
	 * Sends any request of the protocol; resolves with the data of its acknowledgement.
	 *
	 * @throws SdkError with the server's code, or `UNAVAILABLE` when the connection is lost before the answer
	 */
	request<N extends RequestName>(
		name: N,
		data: RequestData<N>,
	): Promise<AnswerData> {
		return this.#requests.request(name, data);
	}

	/**
	 * Hears any event of the protocol.
	 *
	 * @returns a function that takes the listener off again
	 */
	listen<N extends EventName>(
		name: N,
		listener: (data: EventData<N>) => void,
	): () => void {
		return this.#events.on(name, listener);
	}

	/** Tries again at once instead of waiting for the next attempt. */
	retry(): void {
		this.#socket.wake();
	}

	/** Ends the connection and all documents. */
	close(): void {
		this.#socket.close();
	}

	readonly #wake = (): void => this.#socket.wake();

	#ready(greeting: Greeting): void {
		this.#online = true;
		this.#userId = greeting.userId;
		this.#limits = { ...DEFAULT_LIMITS, ...greeting.limits };
		this.#requests.connected();
		this.#joins.connected(greeting.sessionId, () => {
			for (const doc of [...this.#docs.values()]) doc.connected();
		});
	}

	#lost(): void {
		this.#online = false;
		this.#requests.disconnected();
		for (const doc of [...this.#docs.values()]) doc.disconnected();
	}

	#message(type: string, data: unknown): void {
		const { prdId } = (data ?? {}) as { readonly prdId?: unknown };
		if (typeof prdId === "string") this.#docs.get(prdId)?.hear(type, data);
		// Names that this version does not know have no listeners.
		this.#events.emit(type as EventName, data as never);
	}

	#setStatus(status: Status, reason: SdkError | undefined): void {
		this.#status = status;
		this.#reason = reason;
		if (reason !== undefined) this.#ended(reason);
		this.#emitter.emit("status", { status, reason });
	}

	#ended(reason: SdkError): void {
		for (const signal of SIGNALS)
			this.#signals?.removeEventListener(signal, this.#wake);
		for (const doc of [...this.#docs.values()]) doc.end(reason);
	}
}

const SIGNALS = ["online", "offline", "visibilitychange"] as const;

const windowSignals = (): EventTarget | undefined =>
	typeof window === "undefined" ? undefined : window;

function newClientId(random: () => number): string {
	let id = "";
	for (let i = 0; i < CLIENT_ID_LENGTH; i++)
		id += ALPHABET[Math.floor(random() * ALPHABET.length)];
	return id;
}
