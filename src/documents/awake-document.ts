import type { CommittedOp } from "../ot/committed-op.ts";
import type { DocumentOp } from "../ot/document-op.ts";
import { opMessage } from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import type {
	SubmissionResult,
	SubmittedEdit,
} from "../protocol/submission.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import { DocumentState } from "./document-state.ts";
import { KnownOps } from "./known-ops.ts";
import type { LazyText } from "./lazy-text.ts";
import { type Loaded, loadDocument } from "./load.ts";
import type { Earlier } from "./members.ts";
import type { CommitGroup, EndedWriter, OpLog } from "./op-log.ts";
import { type Pending, type Sequenced, UnknownFate } from "./pending.ts";
import type { SnapshotStore } from "./snapshot-store.ts";
import { StoredSnapshot } from "./stored-snapshot.ts";
import { UncommittedOps } from "./uncommitted-ops.ts";

/** Committed ops that stay in memory for late bases and catch-up. */
const TAIL_OPS = 1_000;
const TAIL_BYTES = 1_048_576;
/** Memory of a document without text and ops. */
const EMPTY_BYTES = 8_192;
/** Older ones are fetched when they are asked for, so many at once, until the tail holds so much. */
const REACH_OPS = 500;
const REACH_BYTES = 8_388_608;
/** An op this far behind the head is told without its clock: the way back to it would be too long. */
const FARTHEST_CLOCK = 10_000;

export interface DocumentStores {
	readonly log: OpLog;
	readonly snapshots: SnapshotStore;
	readonly limits: Limits;
	readonly logger: Logger;
}

/** A document in memory: believed until a commit fails, then thrown away whole. */
export class AwakeDocument {
	readonly state: DocumentState;
	readonly text: LazyText;
	readonly #stores: DocumentStores;
	readonly #known: KnownOps;
	readonly #uncommitted = new UncommittedOps();
	readonly #snapshot: StoredSnapshot;
	/** Revisions, on disk and sequenced, at which the size of the text was last measured. */
	#measuredAt = "";

	constructor(stores: DocumentStores, loaded: Loaded) {
		this.#stores = stores;
		this.state = new DocumentState(loaded.document, stores.limits);
		this.text = loaded.text;
		this.#known = new KnownOps(stores.log, this.state.docKey);
		const { snapshots, logger } = stores;
		this.#snapshot = new StoredSnapshot(snapshots, logger, loaded.snapshotRev);
	}

	static async load(
		docId: DocId,
		stores: DocumentStores,
	): Promise<AwakeDocument> {
		return new AwakeDocument(stores, await loadDocument(docId, stores));
	}

	/** Who wrote here in that session, if anybody did. */
	async writer(sessionId: SessionId): Promise<Earlier | undefined> {
		const { log } = this.#stores;
		const writer = await log.findSession(this.state.docKey, sessionId);
		return writer && { ...writer, sessionId, inherited: [] };
	}

	/** Everything sequenced is on disk. */
	get isSettled(): boolean {
		return this.#uncommitted.isEmpty;
	}

	/** Bytes of memory, roughly. */
	get weight(): number {
		const { size, tail } = this.state;
		return EMPTY_BYTES + 2 * size.bytes + tail.bytes;
	}

	get isSnapshotDue(): boolean {
		return this.#snapshot.isDue(this.state.committedRev);
	}

	/**
	 * The first answer to an op id that has come before; undefined when it is new. Not awaited here: it may need a
	 * commit. `isNewer`: another node has committed it beyond what this document knows.
	 */
	async firstAnswer(
		item: Pending,
	): Promise<
		| { readonly answer: Promise<SubmissionResult> }
		| { readonly isNewer: true }
		| undefined
	> {
		const found = await this.#known.find(item);
		if (found === undefined) return undefined;
		if ("result" in found) {
			await this.passOver(item);
			return { answer: found.result };
		}
		if (found.rev > this.state.committedRev) return { isNewer: true };
		await this.passOver(item);
		return { answer: Promise.resolve(await this.#knownAnswer(found)) };
	}

	/**
	 * An item that is answered without being sequenced takes its place in its session's order all the same. One that must
	 * be known is outside that order: it belongs to a membership before.
	 */
	async passOver(
		{ submission }: Pending,
		refusal?: CollabError,
	): Promise<void> {
		if (submission.mustBeKnown) return;
		const { state } = this;
		// Where what it has written cannot be counted, the next submission of the session is told to join again.
		if (await this.#reachIfThere(state.ownNeeded(submission)))
			state.sessions.passOver(submission, refusal);
	}

	/** Fetches what is needed to give a new item its place. */
	async prepare({ submission }: Pending): Promise<void> {
		if (await this.reach(this.state.tailNeeded(submission))) return;
		throw new CollabError(
			"RESYNC_REQUIRED",
			"That part of the history is out of reach",
			{ reason: "horizon", revision: this.state.committedRev },
		);
	}

	/** Gives a new item its place at the head, in the turn in which it was prepared. Throws what makes it a refusal. */
	sequence(item: Pending, nowMs: number): void {
		const { submission, payloadHash } = item;
		this.#measureNearLimit(item);
		const writer = this.#known.writerOf(submission);
		const { committed, message } = this.state.sequence(
			submission,
			payloadHash,
			nowMs,
		);
		this.#uncommitted.push({ ...item, committed, message }, writer);
		this.#known.sequenced(item);
	}

	/** Undefined when the writer of a sequenced item has its keys; otherwise the item is not taken to the disk before. */
	register({ submission }: Pending): Promise<void> | undefined {
		if (this.#known.writerOf(submission) !== undefined) return undefined;
		return this.#known
			.register(submission)
			.then((writer) => this.#uncommitted.register(writer));
	}

	/** Ends writers for good; false when another node has written. Call it when everything is on disk. */
	async end(writers: readonly EndedWriter[]): Promise<boolean> {
		const { docKey, committedRev: head, fence } = this.state;
		const { log } = this.#stores;
		if (!(await log.raiseFence(docKey, { head, fence }, writers))) return false;
		this.state.fence = fence + 1;
		this.#known.forget(writers);
		return true;
	}

	/** The next rows for the disk; see `UncommittedOps.take`. */
	takeGroup(limit: number, alone = false): CommitGroup | undefined {
		const rows = this.#uncommitted.take(limit, alone);
		if (rows.length === 0) return undefined;
		const { docKey, committedRev: head, fence } = this.state;
		return { docKey, head, fence, rows };
	}

	/** The group taken last is on disk. */
	commit(): readonly Sequenced[] {
		const done = this.#uncommitted.commit();
		for (const item of done) {
			this.state.committedRev = item.committed.rev;
			this.text.push(item.committed.op);
			this.#snapshot.grew(item.message.body.length);
			this.#known.committed(item);
		}
		return done;
	}

	/** What was not committed, but for a row that the database did not take; the document is not to be used any more. */
	giveUp(
		outcome: "fenced" | "refused" | "unknown",
	): ReturnType<UncommittedOps["giveUp"]> {
		return this.#uncommitted.giveUp(outcome);
	}

	/**
	 * Makes the tail reach back to `since`; false when the log does not, or when that is too much for the memory. Never
	 * beside another call or `trim`: both move the tail's end.
	 */
	async reach(since: number): Promise<boolean> {
		const { tail, docKey } = this.state;
		while (tail.since > since) {
			if (tail.bytes > REACH_BYTES) return false;
			const from = Math.max(since, tail.since - REACH_OPS);
			const count = tail.since - from;
			const older = await this.#stores.log.since(
				docKey,
				from,
				tail.since,
				count,
			);
			if (older.length !== count) return false;
			tail.prepend(older);
		}
		return true;
	}

	/** False also when the log does not answer. */
	async #reachIfThere(since: number): Promise<boolean> {
		try {
			return await this.reach(since);
		} catch {
			return false;
		}
	}

	/** Forgets the ops that are old and in a snapshot. */
	trim(): void {
		this.state.tail.trim(TAIL_OPS, TAIL_BYTES, this.#snapshot.rev);
	}

	/** Stores the text as it is on disk, if it is newer than the last snapshot; see `StoredSnapshot.store`. */
	snapshot(): Promise<void> {
		return this.#snapshot.store(this.state, this.text);
	}

	async #knownAnswer(committed: CommittedOp): Promise<SubmissionResult> {
		const { docId, tail, committedRev } = this.state;
		const { rev } = committed;
		let isReached = false;
		try {
			isReached =
				rev > committedRev - FARTHEST_CLOCK && (await this.reach(rev - 1));
		} catch (cause) {
			throw new UnknownFate("the log does not answer", { cause });
		}
		const [message] = isReached
			? tail.messages(rev - 1, rev)
			: [opMessage(docId, committed, new Map())];
		if (message === undefined) throw new Error("a committed op has no message");
		return { outcome: "known", message };
	}

	/** Near a limit of its size the document is measured, once per revision; elsewhere the estimate is enough. */
	#measureNearLimit({ submission: { edit } }: Pending): void {
		const { size, rev } = this.state;
		const op = extentOf(edit);
		const at = `${this.text.rev} ${rev}`;
		const { documentBytes } = this.#stores.limits;
		if (this.#measuredAt === at || !size.isNear(op, documentBytes)) return;
		const above = this.#uncommitted.all.map(({ committed }) => committed.op);
		size.replace(this.text.read(), above);
		this.#measuredAt = at;
	}
}

/** The size of an edit, wherever it will stand. */
function extentOf(edit: SubmittedEdit): DocumentOp {
	if (edit.form === "native") return { t: edit.op, m: edit.marks };
	const { content, attributes, length = content?.length ?? 0 } = edit.operation;
	return {
		t: content === undefined ? [] : [content],
		m: attributes === undefined ? [] : [{ n: length, a: attributes }],
	};
}
