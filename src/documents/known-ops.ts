import type { CommittedOp } from "../ot/committed-op.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Submission } from "../protocol/submission.ts";
import { type ClientId, type SessionId, splitOpId } from "../shared/ids.ts";
import type { DocKey, OpLog, Writer } from "./op-log.ts";
import type { Pending } from "./pending.ts";

interface Client {
	/** Keys of the sessions that write under this client's prefix. */
	readonly writers: Map<SessionId, Writer>;
	/** Greatest seq that is in the log or on its way there: what is above it is new. */
	lastSeq: number;
	/** On their way to the disk. */
	readonly pending: Map<number, Pending>;
}

/** The op ids of one document: which of them have come before, and who writes under them. */
export class KnownOps {
	readonly #log: Pick<OpLog, "openWriter" | "findByOpId">;
	readonly #docKey: DocKey;
	readonly #clients = new Map<ClientId, Client>();

	constructor(log: Pick<OpLog, "openWriter" | "findByOpId">, docKey: DocKey) {
		this.#log = log;
		this.#docKey = docKey;
	}

	/**
	 * What is known of the item's op id: its first submission while that waits for the disk, or its op in the log.
	 * Throws `ALREADY_EXISTS` when it named another payload, `FORBIDDEN` when the client is another user's.
	 */
	async find(item: Pending): Promise<Pending | CommittedOp | undefined> {
		const { opId } = item.submission;
		const { client: prefix, seq } = splitOpId(opId);
		const client = await this.#open(prefix, item.submission);
		if (seq > client.lastSeq) return undefined;
		const found =
			client.pending.get(seq) ??
			(await this.#log.findByOpId(this.#docKey, prefix, seq));
		if (found !== undefined && found.payloadHash !== item.payloadHash)
			throw new CollabError(
				"ALREADY_EXISTS",
				"This operation id names another operation",
				{ reason: "op_id_reused" },
			);
		return found;
	}

	/** The writer of an item that `find` has been asked about. */
	writerOf({ sessionId, opId }: Submission): Writer {
		const { client } = splitOpId(opId);
		const writer = this.#clients.get(client)?.writers.get(sessionId);
		if (writer === undefined) throw new Error("the writer is not open");
		return writer;
	}

	sequenced(item: Pending): void {
		const { client: prefix, seq } = splitOpId(item.submission.opId);
		const client = this.#clients.get(prefix);
		if (client === undefined) throw new Error("the client is not known");
		client.lastSeq = Math.max(client.lastSeq, seq);
		client.pending.set(seq, item);
	}

	committed({ submission }: Pending): void {
		const { client: prefix, seq } = splitOpId(submission.opId);
		this.#clients.get(prefix)?.pending.delete(seq);
	}

	async #open(
		prefix: ClientId,
		{ sessionId, userId, replicaId }: Submission,
	): Promise<Client> {
		const known = this.#clients.get(prefix);
		if (known?.writers.has(sessionId)) return known;
		const identity = { sessionId, userId, replicaId, client: prefix };
		const writer = await this.#log.openWriter(this.#docKey, identity);
		const client = known ?? {
			writers: new Map(),
			lastSeq: writer.lastSeq,
			pending: new Map(),
		};
		client.writers.set(sessionId, writer);
		this.#clients.set(prefix, client);
		return client;
	}
}
