import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { tokenOf } from "./message-attacker.ts";

/** Edits that one session may have without an answer, and some to spare. */
const IN_FLIGHT = 50;
/** Of his own doing, or nobody's. */
const OWN = /^(?:ack|system:health|document:joined|room:joined)$/;

/** Who owns the documents that are attacked, and works in them meanwhile. */
export class Neighbour {
	readonly sessionId: string;
	readonly #client: RawClient;
	#documents = 0;

	private constructor(client: RawClient, ready: Frame) {
		this.#client = client;
		this.sessionId = String(ready.data.sessionId);
	}

	/** @param ws the product's address */
	static async open(ws: string): Promise<Neighbour> {
		const client = await connect(ws, { token: tokenOf("neighbour") });
		return new Neighbour(client, await client.next("session:ready"));
	}

	close(): Promise<void> {
		return this.#client.close();
	}

	/** A good request. */
	async request(type: string, data: unknown): Promise<Frame["data"]> {
		const answer = await this.#client.request(type, data);
		if (answer.type !== "ack") throw new Error(JSON.stringify(answer));
		return answer.data;
	}

	/** A new document with a text, at revision 1; he is in it. */
	async document(text: string): Promise<string> {
		this.#documents += 1;
		const docId = `attacked-${this.#documents}`;
		await this.request("document:join", { prdId: docId, mode: "edit" });
		await this.insert(docId, text, 0);
		return docId;
	}

	/** Inserts at the beginning; resolves with the revision. */
	async insert(
		docId: string,
		content: string,
		baseRev: number,
	): Promise<number> {
		const { revision } = await this.request("operation:edit", {
			prdId: docId,
			operation: { type: "insert", position: 0, content, revision: baseRev },
		});
		return Number(revision);
	}

	/** Edits that do nothing. */
	async write(docId: string, count: number): Promise<void> {
		const operation = { type: "retain", position: 0, revision: 1 };
		const edit = { prdId: docId, operation };
		for (let sent = 0; sent < count; sent += IN_FLIGHT) {
			const size = Math.min(IN_FLIGHT, count - sent);
			await Promise.all(
				Array.from({ length: size }, () =>
					this.request("operation:edit", edit),
				),
			);
			this.forget();
		}
	}

	/** The next event of that name. */
	next(type: string): Promise<Frame> {
		return this.#client.next(type);
	}

	/** What others have made him hear since he forgot. */
	heard(): readonly Frame[] {
		return this.#client.frames.filter(({ type }) => !OWN.test(type));
	}

	forget(): void {
		this.#client.frames.splice(0);
	}
}
