import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";

/** A frame as it came. */
export interface Frame {
	readonly type: string;
	readonly data: Record<string, unknown>;
	readonly room?: string;
	readonly id?: string;
}

export interface ConnectOptions {
	readonly token?: string;
	readonly via?: "header" | "query" | "subprotocol" | "frame";
	readonly origin?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly protocols?: readonly string[];
}

/** An HTTP answer where a WebSocket was asked for. */
export class UpgradeRefused extends Error {
	readonly status: number;
	readonly body: string;
	readonly headers: Readonly<Record<string, unknown>>;

	constructor(
		status: number,
		body: string,
		headers: Readonly<Record<string, unknown>>,
	) {
		super(`upgrade refused: ${status} ${body}`);
		this.status = status;
		this.body = body;
		this.headers = headers;
	}
}

/** A bare WebSocket client: no library of ours between the test and the wire. */
export class RawClient {
	readonly socket: WebSocket;
	/** Every frame received, oldest first. */
	readonly frames: Frame[] = [];
	/** Resolves when the connection is over. */
	readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
	#id = 0;
	/** Frames that `next` has given out already. */
	readonly #seen = new Set<Frame>();
	readonly #watchers = new Set<() => void>();

	constructor(socket: WebSocket) {
		this.socket = socket;
		socket.on("error", () => {});
		socket.on("message", (data) => {
			this.frames.push(JSON.parse(String(data)) as Frame);
			for (const watch of [...this.#watchers]) watch();
		});
		this.closed = new Promise((resolve) => {
			socket.on("close", (code, reason) =>
				resolve({ code, reason: String(reason) }),
			);
		});
	}

	send(frame: unknown): void {
		this.socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
	}

	/** Sends a request; resolves with the ack's or the error's frame. */
	request(
		type: string,
		data: unknown,
		rest: Readonly<Record<string, unknown>> = {},
	): Promise<Frame> {
		this.#id += 1;
		const id = `r${this.#id}`;
		this.send({ type, data, id, ...rest });
		return this.#find((frame) => frame.id === id);
	}

	/** The oldest frame of that type that no earlier call has returned; waits for it. */
	next(type: string): Promise<Frame> {
		return this.#find((frame) => frame.type === type);
	}

	/** Frames of that type so far. */
	of(type: string): readonly Frame[] {
		return this.frames.filter((frame) => frame.type === type);
	}

	/** Resolves when everything that the server has sent before has arrived. */
	async settled(): Promise<void> {
		await this.request("ping", {});
	}

	async close(): Promise<void> {
		this.socket.close();
		await this.closed;
	}

	async #find(fits: (frame: Frame) => boolean): Promise<Frame> {
		const found = await new Promise<Frame>((resolve, reject) => {
			const look = () => {
				const frame = this.frames.find((f) => !this.#seen.has(f) && fits(f));
				if (frame === undefined) return;
				this.#watchers.delete(look);
				resolve(frame);
			};
			this.#watchers.add(look);
			look();
			void this.closed.then(({ code }) =>
				reject(new Error(`closed ${code} while waiting for a frame`)),
			);
		});
		this.#seen.add(found);
		return found;
	}
}

/** Opens a connection; rejects with `UpgradeRefused` on an HTTP answer. */
export async function connect(
	url: string,
	options: ConnectOptions = {},
): Promise<RawClient> {
	const { token, via = "header", origin, headers, protocols = [] } = options;
	const address =
		via === "query" && token !== undefined
			? `${url}?token=${encodeURIComponent(token)}`
			: url;
	const offered =
		via === "subprotocol" ? ["prdtool.v1", `bearer.${token}`] : [...protocols];
	const settings: ClientOptions = {
		headers: {
			...(via === "header" && token !== undefined
				? { authorization: `Bearer ${token}` }
				: {}),
			...headers,
		},
		...(origin === undefined ? {} : { origin }),
	};
	const socket = new WebSocket(address, offered, settings);
	const client = new RawClient(socket);
	const refused = new Promise<never>((_, reject) => {
		socket.on("unexpected-response", async (_request, response) => {
			const chunks = await response.toArray();
			reject(
				new UpgradeRefused(
					response.statusCode ?? 0,
					Buffer.concat(chunks as Buffer[]).toString(),
					response.headers,
				),
			);
		});
	});
	await Promise.race([once(socket, "open"), refused]);
	if (via === "frame") client.send({ type: "auth", data: { token } });
	return client;
}
