import { WebSocket } from "ws";
import { tokenFor } from "./product.ts";

/** Joins documents and never reads again what comes of them. */
export class SlowReader {
	readonly #socket: WebSocket;

	constructor(url: string, docIds: readonly string[]) {
		this.#socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, {
			headers: {
				authorization: `Bearer ${tokenFor("slow", permissionsOf(docIds))}`,
			},
		});
		this.#socket.on("error", () => {});
		this.#socket.on("open", () => {
			for (const prdId of docIds)
				this.#socket.send(
					JSON.stringify({
						type: "document:join",
						data: { prdId, mode: "view" },
					}),
				);
			this.#socket.pause();
		});
	}

	close(): void {
		this.#socket.terminate();
	}
}

const permissionsOf = (docIds: readonly string[]) => ({
	permissions: Object.fromEntries(docIds.map((docId) => [docId, "edit"])),
});
