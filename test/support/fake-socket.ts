import type { CloseNotice, WebSocketLike } from "../../src/sdk/line.ts";
import type { WebSocketConstructor } from "../../src/sdk/socket.ts";

interface Sent {
	readonly type: string;
	readonly id?: string;
	readonly data?: unknown;
}

/** Both ends of a WebSocket: what the client does is recorded, what the server does is called by the test. */
export class FakeSocket implements WebSocketLike {
	readonly url: string;
	readonly protocols: readonly string[];
	readonly sent: Sent[] = [];
	closedByClient = false;
	readonly #listeners = new Map<string, ((event: never) => void)[]>();

	constructor(url: string, protocols: readonly string[]) {
		this.url = url;
		this.protocols = protocols;
	}

	addEventListener(type: string, listener: (event: never) => void): void {
		const listeners = this.#listeners.get(type) ?? [];
		this.#listeners.set(type, [...listeners, listener]);
	}

	send(frame: string): void {
		this.sent.push(JSON.parse(frame));
	}

	close(): void {
		this.closedByClient = true;
	}

	/** The server accepts the handshake and greets. */
	greet(more: object = {}): void {
		this.open();
		this.tell("session:ready", {
			sessionId: "s1",
			userId: "ann",
			heartbeatInterval: 25_000,
			...more,
		});
	}

	open(): void {
		this.#emit("open", {});
	}

	tell(type: string, data: object = {}): void {
		this.#emit("message", { data: JSON.stringify({ type, data }) });
	}

	/** Answers the newest request of that type. */
	answer(type: string, data: object): void {
		this.#reply(type, "ack", data);
	}

	/** Answers a recovery; each entry is of document `d`, recovered and nothing missed, unless it says otherwise. */
	recovered(...entries: readonly object[]): void {
		const sessions = entries.map((entry) => ({
			prdId: "d",
			recovered: true,
			missedOperations: [],
			revision: 0,
			epoch: "e",
			mode: "edit",
			activeSessions: [],
			...entry,
		}));
		this.answer("session:recover", { sessions });
	}

	/** @param nth which request of that type; the newest without it */
	refuse(type: string, error: object, nth = -1): void {
		this.#reply(type, "error:operation", error, nth);
	}

	/** The connection ends, as the client's end sees it. */
	end(code: number, reason = ""): void {
		const notice: CloseNotice = { code, reason };
		this.#emit("close", notice);
	}

	ofType(type: string): readonly Sent[] {
		return this.sent.filter((message) => message.type === type);
	}

	#reply(type: string, kind: string, data: object, nth = -1): void {
		const id = this.ofType(type).at(nth)?.id;
		if (id === undefined) throw new Error(`no request ${type}`);
		this.#emit("message", { data: JSON.stringify({ type: kind, id, data }) });
	}

	#emit(type: string, event: object): void {
		for (const listener of this.#listeners.get(type) ?? [])
			listener(event as never);
	}
}

/** A network whose sockets a test holds in its hand, in the order in which they were dialled. */
export class FakeNetwork {
	readonly sockets: FakeSocket[] = [];

	get WebSocket(): WebSocketConstructor {
		const { sockets } = this;
		return class extends FakeSocket {
			constructor(url: string, protocols: string[]) {
				super(url, protocols);
				sockets.push(this);
			}
		};
	}

	get last(): FakeSocket {
		const socket = this.sockets.at(-1);
		if (socket === undefined) throw new Error("nothing was dialled");
		return socket;
	}
}
