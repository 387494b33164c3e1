import type {
	CommitGroup,
	CommitOutcome,
	DocKey,
	DocumentHead,
	EndedWriter,
	KnownWriter,
	OpLog,
	Writer,
	WriterIdentity,
} from "../../src/documents/op-log.ts";
import type {
	Snapshot,
	SnapshotStore,
} from "../../src/documents/snapshot-store.ts";
import type { CommittedOp } from "../../src/ot/committed-op.ts";
import { CollabError } from "../../src/protocol/errors.ts";
import type {
	ClientId,
	DocId,
	SessionId,
	UserId,
} from "../../src/shared/ids.ts";

interface Row {
	readonly clientKey: number;
	readonly seq: number;
	readonly committed: CommittedOp;
}

interface Document {
	readonly docKey: DocKey;
	readonly epoch: string;
	readonly rows: Row[];
	fence: number;
	/** By prefix and user. */
	readonly fences: Map<string, number>;
}

/** The op log of tests that run thousands of documents: the port's promises, without a disk. */
export class MemoryOpLog implements OpLog {
	readonly #byId = new Map<DocId, Document>();
	readonly #byKey: Document[] = [];
	readonly #clients = new Map<
		ClientId | SessionId,
		{ key: number; userId: UserId }
	>();
	readonly #writers = new Map<string, number>();
	readonly #sessions = new Map<string, WriterIdentity>();

	async open(docId: DocId): Promise<DocumentHead> {
		let document = this.#byId.get(docId);
		if (document === undefined) {
			const docKey = this.#byKey.length + 1;
			document = {
				docKey,
				epoch: `epoch-${docKey}`,
				rows: [],
				fence: 0,
				fences: new Map(),
			};
			this.#byId.set(docId, document);
			this.#byKey.push(document);
		}
		return headOf(document);
	}

	async find(docId: DocId): Promise<DocumentHead | undefined> {
		const document = this.#byId.get(docId);
		return document === undefined ? undefined : headOf(document);
	}

	async openWriter(docKey: DocKey, identity: WriterIdentity): Promise<Writer> {
		const { client, userId, sessionId, replicaId } = identity;
		const known = this.#clients.get(client) ?? {
			key: this.#clients.size + 1,
			userId,
		};
		if (known.userId !== userId) throw foreignClient();
		this.#clients.set(client, known);
		const name = JSON.stringify([docKey, sessionId, replicaId, client]);
		const writerKey = this.#writers.get(name) ?? this.#writers.size + 1;
		this.#writers.set(name, writerKey);
		this.#sessions.set(`${docKey} ${sessionId}`, identity);
		const lastSeq = this.#lastSeq(docKey, known.key);
		return { writerKey, clientKey: known.key, lastSeq };
	}

	#lastSeq(docKey: DocKey, client: number | undefined): number {
		let lastSeq = -1;
		for (const { clientKey, seq } of this.#rows(docKey))
			if (clientKey === client) lastSeq = Math.max(lastSeq, seq);
		return lastSeq;
	}

	async findWriter(
		docKey: DocKey,
		identity: WriterIdentity,
	): Promise<KnownWriter> {
		const { client, userId, sessionId, replicaId } = identity;
		const known = this.#clients.get(client);
		if (known !== undefined && known.userId !== userId) throw foreignClient();
		const name = JSON.stringify([docKey, sessionId, replicaId, client]);
		const writerKey = this.#writers.get(name);
		const lastSeq = this.#lastSeq(docKey, known?.key);
		const fences = this.#byKey[docKey - 1]?.fences;
		return {
			writer:
				known === undefined || writerKey === undefined
					? undefined
					: { writerKey, clientKey: known.key, lastSeq },
			lastSeq,
			fence: fences?.get(`${client} ${userId}`) ?? 0,
		};
	}

	async raiseFence(
		docKey: DocKey,
		at: Pick<DocumentHead, "head" | "fence">,
		ended: readonly EndedWriter[],
	): Promise<boolean> {
		const document = this.#byKey[docKey - 1];
		if (document?.rows.length !== at.head || document.fence !== at.fence)
			return false;
		document.fence += 1;
		for (const { client, userId } of ended)
			document.fences.set(`${client} ${userId}`, document.fence);
		return true;
	}

	async headsById(
		docIds: readonly DocId[],
	): Promise<ReadonlyMap<DocId, number>> {
		const found = docIds.flatMap((docId) => {
			const document = this.#byId.get(docId);
			return document === undefined
				? []
				: [[docId, document.rows.length] as const];
		});
		return new Map(found);
	}

	async findSession(docKey: DocKey, sessionId: SessionId) {
		const found = this.#sessions.get(`${docKey} ${sessionId}`);
		return found && { userId: found.userId, replicaId: found.replicaId };
	}

	async commit(
		groups: readonly CommitGroup[],
	): Promise<readonly CommitOutcome[]> {
		return groups.map((group) => this.append(group));
	}

	/** What `commit` does with one group. */
	append({ docKey, head, fence, rows }: CommitGroup): CommitOutcome {
		const log = this.#rows(docKey);
		if (log.length !== head || this.#byKey[docKey - 1]?.fence !== fence)
			return "fenced";
		const isTaken = rows.some(({ writer: { clientKey }, seq }) =>
			log.some((row) => row.clientKey === clientKey && row.seq === seq),
		);
		if (isTaken) return "refused";
		for (const { writer, seq, committed } of rows)
			log.push({ clientKey: writer.clientKey, seq, committed });
		return "committed";
	}

	async since(
		docKey: DocKey,
		since: number,
		upTo: number,
		limit: number,
	): Promise<readonly CommittedOp[]> {
		return this.#rows(docKey)
			.slice(since, Math.min(upTo, since + limit))
			.map(({ committed }) => committed);
	}

	async settleHead(docKey: DocKey): Promise<number> {
		return this.#rows(docKey).length;
	}

	async heads(docKeys: readonly DocKey[]): Promise<readonly number[]> {
		return docKeys.map((docKey) => this.#rows(docKey).length);
	}

	async findByOpId(
		docKey: DocKey,
		client: ClientId | SessionId,
		seq: number,
	): Promise<CommittedOp | undefined> {
		const key = this.#clients.get(client)?.key;
		return this.#rows(docKey).find(
			(row) => row.clientKey === key && row.seq === seq,
		)?.committed;
	}

	#rows(docKey: DocKey): Row[] {
		return this.#byKey[docKey - 1]?.rows ?? [];
	}
}

const foreignClient = (): CollabError =>
	new CollabError("FORBIDDEN", "The client id is another user's", {
		reason: "client",
	});

const headOf = ({ docKey, epoch, rows, fence }: Document): DocumentHead => ({
	docKey,
	epoch,
	fence,
	horizon: 0,
	head: rows.length,
});

export class MemorySnapshotStore implements SnapshotStore {
	/** The two newest, the newest first. */
	readonly #kept = new Map<DocKey, readonly Snapshot[]>();

	async latest(
		docKey: DocKey,
		below = Number.POSITIVE_INFINITY,
	): Promise<Snapshot | undefined> {
		return this.#kept.get(docKey)?.find(({ rev }) => rev < below);
	}

	async put(docKey: DocKey, snapshot: Snapshot): Promise<void> {
		const others = (this.#kept.get(docKey) ?? []).filter(
			({ rev }) => rev !== snapshot.rev,
		);
		const all = [snapshot, ...others].sort((a, b) => b.rev - a.rev);
		this.#kept.set(docKey, all.slice(0, 2));
	}
}
