import type { CommittedOp } from "../ot/committed-op.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Submission } from "../protocol/submission.ts";
import {
	type ClientId,
	type ReplicaId,
	type SessionId,
	splitOpId,
} from "../shared/ids.ts";
import type {
	DocKey,
	EndedWriter,
	OpLog,
	Writer,
	WriterIdentity,
} from "./op-log.ts";
import { type Pending, sessionEnded, UnknownFate } from "./pending.ts";

/** Clients that are remembered; the log tells of a forgotten one again. */
const REMEMBERED_CLIENTS = 2_000;

interface Client {
	/** Who wrote last under this client's prefix, and its keys; undefined: nothing that it sent has been taken so far. */
	readonly sessionId: SessionId;
	readonly replicaId: ReplicaId;
	writer: Writer | undefined;
	/** What sessions send that joined under an older one is not taken. */
	readonly fence: number;
	/** Greatest seq that is in the log or on its way there: what is above it is new. */
	lastSeq: number;
	/** On their way to the disk. */
	readonly pending: Map<number, Pending>;
}

type WriterLog = Pick<OpLog, "findWriter" | "openWriter" | "findByOpId">;

/** The op ids of one document: which of them have come before, and who writes under them. */
export class KnownOps {
	readonly #log: WriterLog;
	readonly #docKey: DocKey;
	readonly #clients = new Map<ClientId, Client>();

	constructor(log: WriterLog, docKey: DocKey) {
		this.#log = log;
		this.#docKey = docKey;
	}

	/**
	 * What is known of the item's op id: its first submission while that waits for the disk, or its op in the log.
	 * Throws `ALREADY_EXISTS` when it named another payload, `FORBIDDEN` when the client is another user's,
	 * `RESYNC_REQUIRED` when the client has come back since, `UnknownFate` when the log does not answer.
	 */
	async find(item: Pending): Promise<Pending | CommittedOp | undefined> {
		const { opId, fence } = item.submission;
		const { client: prefix, seq } = splitOpId(opId);
		const client = await this.#open(prefix, item.submission);
		const found =
			seq > client.lastSeq
				? undefined
				: (client.pending.get(seq) ?? (await this.#inLog(prefix, seq)));
		if (found === undefined) {
			if (fence < client.fence) throw sessionEnded();
			return undefined;
		}
		if (found.payloadHash !== item.payloadHash)
			throw new CollabError(
				"ALREADY_EXISTS",
				"This operation id names another operation",
				{ reason: "op_id_reused" },
			);
		return found;
	}

	/** The writer of an item that `find` has been asked about; undefined: to be registered. */
	writerOf(submission: Submission): Writer | undefined {
		return this.#clientOf(submission).writer;
	}

	/** Registers the writer of an item that has its place. Throws what keeps it from writing. */
	async register(submission: Submission): Promise<Writer> {
		const client = this.#clientOf(submission);
		const identity = identityOf(submission);
		client.writer ??= await this.#log.openWriter(this.#docKey, identity);
		return client.writer;
	}

	/** What is known of clients that have come back: the log tells it anew. Nothing of theirs is on its way to the disk. */
	forget(ended: readonly EndedWriter[]): void {
		for (const { client } of ended) this.#clients.delete(client as ClientId);
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

	#clientOf({ sessionId, opId }: Submission): Client {
		const known = this.#clients.get(splitOpId(opId).client);
		if (known?.sessionId !== sessionId)
			throw new Error("the writer has not been looked up");
		return known;
	}

	async #open(prefix: ClientId, submission: Submission): Promise<Client> {
		const { sessionId, replicaId } = submission;
		const known = this.#clients.get(prefix);
		if (known?.sessionId === sessionId && known.replicaId === replicaId)
			return known;
		const found = await this.#log.findWriter(
			this.#docKey,
			identityOf(submission),
		);
		const client: Client = {
			sessionId,
			replicaId,
			writer: found.writer,
			fence: found.fence,
			lastSeq: Math.max(found.lastSeq, known?.lastSeq ?? -1),
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

const identityOf = ({
	sessionId,
	userId,
	replicaId,
	opId,
}: Submission): WriterIdentity => ({
	sessionId,
	userId,
	replicaId,
	client: splitOpId(opId).client,
});
