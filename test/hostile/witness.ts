import { tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";

/** Server events that come by themselves and mean nothing here. */
const QUIET = new Set(["system:health"]);

/** A gateway that has to introduce itself again tells again who is there, and who only reads gets idle; nobody's doing. */
const isOwnPresence = (
	type: string,
	{ session, userId }: Frame["data"],
): boolean => {
	const who = type === "presence:joined" ? session : { userId };
	return (
		["presence:joined", "presence:updated"].includes(type) &&
		(who as { readonly userId: string }).userId.startsWith("witness_")
	);
};

/**
 * Two people who edit a document while somebody else misbehaves. Whatever reaches them beside their own edits, or
 * breaks their stream, is a failure of the product.
 */
export class Witness {
	readonly #writer: RawClient;
	readonly #reader: RawClient;
	readonly #docId: string;
	#revision = 0;

	private constructor(writer: RawClient, reader: RawClient, docId: string) {
		this.#writer = writer;
		this.#reader = reader;
		this.#docId = docId;
	}

	/** @param ws the product's address */
	static async open(ws: string, docId: string): Promise<Witness> {
		const [writer, reader] = await Promise.all(
			["writer", "reader"].map(async (name) => {
				const userId = `witness_${name}`;
				return connect(ws, {
					token: tokenFor(userId, { permissions: { [docId]: "edit" } }),
				});
			}),
		);
		if (writer === undefined || reader === undefined) throw new Error("never");
		await writer.request("document:join", { prdId: docId, mode: "edit" });
		await reader.request("document:join", { prdId: docId, mode: "edit" });
		await writer.next("presence:joined");
		writer.frames.splice(0);
		return new Witness(writer, reader, docId);
	}

	/** One more edit reaches the other; returns everything that neither expected. */
	async look(): Promise<readonly unknown[]> {
		const { ack, applied } = await this.#edit();
		const oddities: unknown[] = [];
		this.#revision += 1;
		if (ack.type !== "ack" || ack.data.revision !== this.#revision)
			oddities.push(ack);
		if (applied.data.revision !== this.#revision) oddities.push(applied);
		await Promise.all([this.#writer.settled(), this.#reader.settled()]);
		return [...oddities, ...this.#unexpected()];
	}

	async close(): Promise<void> {
		await Promise.all([this.#writer.close(), this.#reader.close()]);
	}

	async #edit() {
		const applied = this.#reader.next("operation:applied");
		const ack = await this.#writer.request("operation:edit", {
			prdId: this.#docId,
			operation: {
				type: "insert",
				position: 0,
				content: "w",
				revision: this.#revision,
			},
		});
		return { ack, applied: await applied };
	}

	#unexpected(): readonly unknown[] {
		return [this.#writer, this.#reader].flatMap((client, i) =>
			client.frames.splice(0).filter(({ type, data }) => {
				const own = i === 0 ? "ack" : "operation:applied";
				return (
					!isOwnPresence(type, data) &&
					!["session:ready", "document:joined", "ack", own].includes(type) &&
					!QUIET.has(type)
				);
			}),
		);
	}
}
