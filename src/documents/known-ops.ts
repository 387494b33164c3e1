import type { CommittedOp } from "../ot/committed-op.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Submission } from "../protocol/submission.ts";
import {
	type ClientId,
	type ReplicaId,
	type SessionId,
	splitOpId,
} from "../shared/ids.ts";
import type { DocKey, OpLog, Writer } from "./op-log.ts";
import { type Pending, UnknownFate } from "./pending.ts";

/** Clients that are remembered; the log tells of a forgotten one again. */
const REMEMBERED_CLIENTS = 2_000;

interface Client {
	/** Who wrote last under this client's prefix, and its keys. */
	readonly sessionId: SessionId;
	readonly replicaId: ReplicaId;
	readonly writer: Writer;
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
	 * Throws `ALREADY_EXISTS` when it named another payload, `FORBIDDEN` when the client is another user's,
	 * `UnknownFate` when the log does not answer.
	 */
	async find(item: Pending): Promise<Pending | CommittedOp | undefined> {
		const { opId } = item.submission;
		const { client: prefix, seq } = splitOpId(opId);
		const client = await this.#open(prefix, item.submission);
		if (seq > client.lastSeq) return undefined;
		const found = client.pending.get(seq) ?? (await this.#inLog(prefix, seq));
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
		const known = this.#clients.get(client);
		if (known?.sessionId !== sessionId)
			throw new Error("the writer is not open");
		return known.writer;
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
		if (known?.sessionId === sessionId && known.replicaId === replicaId)
			return known;
		const identity = { sessionId, userId, replicaId, client: prefix };
		const writer = await this.#log.openWriter(this.#docKey, identity);
		const client: Client = {
			sessionId,
			replicaId,
			writer,
			lastSeq: Math.max(writer.lastSeq, known?.lastSeq ?? -1),
			pending: known?.pending ?? new Map(),
		};
		this.#clients.delete(prefix);
		this.#clients.set(prefix, client);
		if (this.#clients.size > REMEMBERED_CLIENTS) this.#forgetOne(prefix);
		return client;
	}

	/** The longest known client that has nothing on its way to the disk. */
	#forgetOne(newest: ClientId): void {
		for (const [prefix, { pending }] of this.#clients)
			if (pending.size === 0 && prefix !== newest) {
				this.#clients.delete(prefix);
				return;
			}
	}

	async #inLog(
		prefix: ClientId,
		seq: number,
	): Promise<CommittedOp | undefined> {
		try {
			return await this.#log.findByOpId(this.#docKey, prefix, seq);
		} catch (cause) {
			throw new UnknownFate("the log does not answer", { cause });
		}
	}
}
