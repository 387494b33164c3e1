import type { DocId } from "../../src/shared/ids.ts";
import { checkFrame } from "./check-frame.ts";
import { GatewayLab } from "./gateway-lab.ts";
import { SocketioClient, type SocketioOptions } from "./socketio-client.ts";

/** What the library itself tells beside the product's events, and the answers to envelopes. */
const NO_EVENTS = new Set(["disconnect", "connect_error", "message"]);

/** Clients of the Socket.IO door of a lab. */
export class SocketioLab {
	readonly lab: GatewayLab;
	readonly clients: SocketioClient[] = [];

	private constructor(lab: GatewayLab) {
		this.lab = lab;
	}

	static async open(
		...options: Parameters<typeof GatewayLab.open>
	): Promise<SocketioLab> {
		return new SocketioLab(await GatewayLab.open(...options));
	}

	dial(options: SocketioOptions): SocketioClient {
		const url = `http://127.0.0.1:${this.lab.port}/ws`;
		const client = new SocketioClient(url, options);
		this.clients.push(client);
		return client;
	}

	/** Somebody who has come in and been greeted. */
	async enter(
		userId: string,
		options: SocketioOptions = {},
		claims: Readonly<Record<string, unknown>> = {},
	): Promise<SocketioClient> {
		const token = this.lab.token(userId, claims);
		const client = this.dial({
			auth: { token },
			transports: ["websocket"],
			...options,
		});
		await client.next("session:ready");
		return client;
	}

	/** Somebody who has joined the document (made by the first). */
	async editor(
		userId: string,
		prdId: string,
		options: SocketioOptions = {},
		join: Readonly<Record<string, unknown>> = {},
	): Promise<SocketioClient> {
		const client = await this.enter(userId, options);
		if (this.lab.backend.documents.has(prdId as DocId))
			this.lab.member(prdId, userId, "edit");
		const data = { prdId, mode: "edit", ...join };
		const reply = await client.request("document:join", data);
		if (!reply.ok) throw new Error(JSON.stringify(reply));
		return client;
	}

	async close(): Promise<void> {
		for (const { socket } of this.clients) socket.disconnect();
		await this.lab.close();
		for (const { frames } of this.clients)
			for (const frame of frames)
				if (!NO_EVENTS.has(frame.type)) checkFrame(frame);
	}
}
