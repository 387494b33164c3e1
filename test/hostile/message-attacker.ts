import { once } from "node:events";
import { type Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { SocketioClient } from "../support/socketio-client.ts";

export const DOORS = ["raw", "Socket.IO"] as const;
export type Door = (typeof DOORS)[number];

/** What an attacker sends: an event with its data as an object or as JSON text, or the text of a whole frame. */
export type HostileFrame =
	| {
			readonly type: unknown;
			readonly data?: unknown;
			readonly room?: unknown;
			readonly id?: unknown;
	  }
	| { readonly type: string; readonly json: string }
	| { readonly text: string };

/** Comes by itself, or because somebody else does his work. */
const BACKGROUND =
	/^(?:session:ready|system:health|operation:applied|presence:.*|ack|document:joined|session:recovered|room:joined|message|disconnect)$/;

/** Somebody who has come in and sends what no client of ours would, through one of the doors. */
export abstract class Attacker {
	/** Everything that has come, oldest first. */
	abstract readonly frames: readonly Frame[];
	/** Resolves with the close code when the connection is over. */
	abstract readonly closed: Promise<number>;
	#asked = 0;
	#from = 0;

	/** Sends without a way to tell whose answer comes. */
	abstract send(frame: HostileFrame): void;
	/** Sends, to be answered under `id`; undefined when the frame has no place for one. */
	protected abstract sendAs(
		frame: HostileFrame,
		id: number,
	): Promise<Frame> | undefined;
	protected abstract nextFrame(): Promise<unknown>;

	ask(frame: HostileFrame): Promise<Frame> | undefined {
		this.#asked += 1;
		return this.sendAs(frame, this.#asked);
	}

	/** A good request. */
	async request(type: string, data: unknown): Promise<Frame["data"]> {
		const answer = await this.ask({ type, data });
		if (answer?.type !== "ack") throw new Error(JSON.stringify(answer));
		return answer.data;
	}

	get sessionId(): string {
		const ready = this.frames.find(({ type }) => type === "session:ready");
		return String(ready?.data.sessionId);
	}

	/** What he has not looked at yet, but for what comes in any case. */
	news(): readonly Frame[] {
		return this.frames
			.slice(this.#from)
			.filter(({ type, id }) => !BACKGROUND.test(type) && id === undefined);
	}

	/** Has looked at everything. */
	forget(): void {
		this.#from = this.frames.length;
	}

	/** Resolves with the first frame, of what he has not forgotten, that fits. */
	async until(fits: (frame: Frame) => boolean): Promise<Frame> {
		for (;;) {
			const found = this.frames.slice(this.#from).find(fits);
			if (found !== undefined) return found;
			await Promise.race([this.nextFrame(), this.#over()]);
		}
	}

	/** Resolves when something has come that he was not to get in any case. */
	async untilNews(): Promise<void> {
		while (this.news().length === 0)
			await Promise.race([this.nextFrame(), this.#over()]);
	}

	async settled(): Promise<void> {
		await this.request("ping", {});
	}

	abstract close(): void;

	async #over(): Promise<never> {
		const code = await this.closed;
		throw new Error(`closed ${code} while waiting for a frame`);
	}
}

class RawAttacker extends Attacker {
	readonly #client: RawClient;
	readonly closed: Promise<number>;

	constructor(client: RawClient) {
		super();
		this.#client = client;
		this.closed = client.closed.then(({ code }) => code);
	}

	get frames(): readonly Frame[] {
		return this.#client.frames;
	}

	send(frame: HostileFrame): void {
		this.#client.send(textOf(frame));
	}

	protected sendAs(
		frame: HostileFrame,
		number: number,
	): Promise<Frame> | undefined {
		if ("text" in frame || "id" in frame) return undefined;
		const id = `q${number}`;
		this.#client.send(textOf(frame, id));
		return this.until((heard) => heard.id === id);
	}

	protected nextFrame(): Promise<unknown> {
		return once(this.#client.socket, "message");
	}

	close(): void {
		this.#client.socket.terminate();
	}
}

class SocketioAttacker extends Attacker {
	readonly #client: SocketioClient;
	readonly closed: Promise<number>;

	constructor(client: SocketioClient) {
		super();
		this.#client = client;
		this.closed = client
			.next("connection:closing")
			.then(({ data }) => data.code as number);
	}

	get frames(): readonly Frame[] {
		return this.#client.frames;
	}

	send(frame: HostileFrame): void {
		this.#client.socket.emit(...argumentsOf(frame));
	}

	protected sendAs(frame: HostileFrame): Promise<Frame> | undefined {
		if ("id" in frame) return undefined;
		return new Promise((resolve) => {
			this.#client.socket.emit(...argumentsOf(frame), (reply: Reply) =>
				resolve(
					reply.ok
						? { type: "ack", data: reply.data }
						: { type: "refused", data: reply.error },
				),
			);
		});
	}

	protected async nextFrame(): Promise<unknown> {
		const { promise, resolve } = Promise.withResolvers<void>();
		const { socket } = this.#client;
		const heard = () => resolve();
		socket.onAny(heard);
		await promise;
		socket.offAny(heard);
		return undefined;
	}

	close(): void {
		this.#client.socket.disconnect();
	}
}

type Reply =
	| { readonly ok: true; readonly data: Frame["data"] }
	| { readonly ok: false; readonly error: Frame["data"] };

function textOf(frame: HostileFrame, id?: string): string {
	if ("text" in frame) return frame.text;
	const rest = id === undefined ? {} : { id };
	if (!("json" in frame)) return JSON.stringify({ ...frame, ...rest });
	const head = JSON.stringify({ type: frame.type, ...rest });
	return `${head.slice(0, -1)},"data":${frame.json}}`;
}

/** As an event where the client library can say it, else as a whole envelope. */
function argumentsOf(frame: HostileFrame): readonly [string, ...unknown[]] {
	if ("text" in frame || "json" in frame) return ["message", textOf(frame)];
	const { type, data, room } = frame;
	if (typeof type !== "string" || "id" in frame) return ["message", frame];
	if (room === undefined) return data === undefined ? [type] : [type, data];
	return [type, { ...(data as object), room }];
}

/** Comes in through a door. */
export async function enter(
	product: Product,
	door: Door,
	token: string,
): Promise<Attacker> {
	if (door === "raw") {
		const client = await connect(product.ws, { token });
		await client.next("session:ready");
		return new RawAttacker(client);
	}
	const client = new SocketioClient(`${product.url}/ws`, {
		auth: { token },
		transports: ["websocket"],
		reconnection: false,
	});
	const greeted = await Promise.race([
		client.next("session:ready"),
		client.next("connect_error"),
	]);
	if (greeted.type !== "session:ready") throw greeted.data;
	return new SocketioAttacker(client);
}

/** A person's token; `rights` by document. */
export const tokenOf = (userId: string, rights?: unknown): string =>
	tokenFor(userId, rights === undefined ? {} : { permissions: rights });
