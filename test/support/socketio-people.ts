import { type Product, tokenFor } from "./product.ts";
import { SocketioClient, type SocketioOptions } from "./socketio-client.ts";

export type Transports = ("websocket" | "polling")[];

/** The ways in which a client of the seeds may come in: as they print it, by polling alone, and from one to the other. */
export const WAYS: readonly (readonly [string, Transports])[] = [
	["as printed", ["websocket", "polling"]],
	["polling alone", ["polling"]],
	["polling, then upgraded", ["polling", "websocket"]],
];

/** The people of the API seed at the Socket.IO door. */
export class SocketioPeople {
	readonly #product: Product;
	readonly #clients: SocketioClient[] = [];

	constructor(product: Product) {
		this.#product = product;
	}

	dial(options: SocketioOptions): SocketioClient {
		const client = new SocketioClient(`${this.#product.url}/ws`, options);
		this.#clients.push(client);
		return client;
	}

	async enter(
		id: string,
		name: string,
		transports: Transports,
	): Promise<SocketioClient> {
		const auth = { token: tokenFor(id, { name }) };
		const client = this.dial({ auth, transports });
		await client.next("session:ready");
		return client;
	}

	john = (transports: Transports) =>
		this.enter("user_123", "John Doe", transports);
	sarah = (transports: Transports) =>
		this.enter("user_456", "Sarah Smith", transports);

	/** John's document, which Sarah may edit; both have joined it. */
	async both(prdId: string, transports: Transports) {
		const a = await this.john(transports);
		await a.request("document:join", { prdId, mode: "edit" });
		await a.request("room:invite", {
			room: prdId,
			userId: "user_456",
			role: "edit",
		});
		const b = await this.sarah(transports);
		await b.request("document:join", { prdId, mode: "edit" });
		return { a, b };
	}

	leave(): void {
		for (const { socket } of this.#clients.splice(0)) socket.disconnect();
	}
}
