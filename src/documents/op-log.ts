import type { CommittedOp } from "../ot/committed-op.ts";
import type {
	ClientId,
	DocId,
	ReplicaId,
	SessionId,
	UserId,
} from "../shared/ids.ts";

/** Short integer key of a document's rows; valid for the life of the document. */
export type DocKey = number;

/** What `documents` holds of one document. */
export interface DocumentHead {
	readonly docKey: DocKey;
	/** Newest committed revision; 0 is the empty text. */
	readonly head: number;
	/** Rises when earlier writers are ended; a commit under an older one fails. */
	readonly fence: number;
	readonly epoch: string;
	/** Oldest revision that an op may be based on: ops with `rev <= horizon` may be gone. */
	readonly horizon: number;
}

/** Who writes: one session in one document under one op id prefix. */
export interface WriterIdentity {
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly replicaId: ReplicaId;
	/** Prefix of its op ids: its client id, or its session id. */
	readonly client: ClientId | SessionId;
}

/** A registered writer; its keys make the rows of its ops short. */
export interface Writer {
	readonly writerKey: number;
	readonly clientKey: number;
	/** Greatest committed seq of this client in this document; -1 when it has none. */
	readonly lastSeq: number;
}

/** What is known of a writer before its next op is judged. */
export interface KnownWriter {
	/** Undefined: it has not been registered. */
	readonly writer: Writer | undefined;
	/** As in `Writer`. */
	readonly lastSeq: number;
	/** Its ops are taken only of a session that joined under this fence or a later one. */
	readonly fence: number;
}

/** Who has come back: what was sent under this prefix before is not committed any more. */
export type EndedWriter = Pick<WriterIdentity, "client" | "userId">;

/** A committed op on its way to the disk. */
export interface LogRow {
	readonly committed: CommittedOp;
	readonly writer: Writer;
	/** The number in its op id. */
	readonly seq: number;
}

/** Consecutive ops of one document, to be appended at `head` or not at all. */
export interface CommitGroup {
	readonly docKey: DocKey;
	/** The head that the group was made on: `rows[0].committed.rev === head + 1`. */
	readonly head: number;
	/** The fence that its writers were judged under. */
	readonly fence: number;
	readonly rows: readonly LogRow[];
}

/**
 * `committed`: the whole group is on disk. `fenced`: another node has moved the head or the fence, nothing of the
 * group was written. `refused`: the database would not take the rows of this group (nothing of it was written).
 */
export type CommitOutcome = "committed" | "fenced" | "refused";

/** Append-only log of committed ops: the truth about a document. */
export interface OpLog {
	/** Finds the document, or creates it with head 0. Throws `NOT_FOUND` when there is no room of that id. */
	open(docId: DocId): Promise<DocumentHead>;
	/** The document as it is, or undefined. */
	find(docId: DocId): Promise<DocumentHead | undefined>;
	/**
	 * Registers who is going to write (idempotent), in its own transaction.
	 * Throws `FORBIDDEN` when the client id belongs to another user.
	 */
	openWriter(docKey: DocKey, identity: WriterIdentity): Promise<Writer>;
	/** What is known of a writer; registers nothing. Throws `FORBIDDEN` like `openWriter`. */
	findWriter(docKey: DocKey, identity: WriterIdentity): Promise<KnownWriter>;
	/** Who wrote in this document in that session last; undefined when nobody registered in it. */
	findSession(
		docKey: DocKey,
		sessionId: SessionId,
	): Promise<Pick<WriterIdentity, "userId" | "replicaId"> | undefined>;
	/**
	 * Appends groups of several documents in one transaction, each behind a compare-and-set of its document's head
	 * and fence.
	 * @returns one outcome per group, in their order. Resolves after the data is on stable storage.
	 *   Rejects when the outcome is unknown (connection lost): the caller reads back.
	 */
	commit(groups: readonly CommitGroup[]): Promise<readonly CommitOutcome[]>;
	/**
	 * Raises the document's fence by one and ends those writers: no op of a session that joined under an older fence is
	 * committed for them after this has resolved.
	 * @returns false when another node has moved the head or the fence from where the caller has them; nothing is done then
	 */
	raiseFence(
		docKey: DocKey,
		at: Pick<DocumentHead, "head" | "fence">,
		ended: readonly EndedWriter[],
	): Promise<boolean>;
	/** Ops with `since < rev <= upTo` in order, at most `limit`. */
	since(
		docKey: DocKey,
		since: number,
		upTo: number,
		limit: number,
	): Promise<readonly CommittedOp[]>;
	/**
	 * Reads the head under the row lock, so that a statement of another writer that still runs is waited for.
	 */
	settleHead(docKey: DocKey): Promise<number>;
	/** Current heads, in the order of the keys; 0 for a key that does not exist. */
	heads(docKeys: readonly DocKey[]): Promise<readonly number[]>;
	/** Current heads of those that exist, in one query. */
	headsById(docIds: readonly DocId[]): Promise<ReadonlyMap<DocId, number>>;
	/** The op that was committed under this op id, if any. */
	findByOpId(
		docKey: DocKey,
		client: ClientId | SessionId,
		seq: number,
	): Promise<CommittedOp | undefined>;
}
