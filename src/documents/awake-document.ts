import type { CommittedOp } from "../ot/committed-op.ts";
import { CollabError } from "../protocol/errors.ts";
import type { SubmissionResult } from "../protocol/submission.ts";
import { type SessionId, splitOpId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import { DocumentState, insertedBytes } from "./document-state.ts";
import { KnownOps } from "./known-ops.ts";
import type { LazyText } from "./lazy-text.ts";
import { loadDocument } from "./load.ts";
import type { Earlier } from "./members.ts";
import type { CommitGroup, OpLog } from "./op-log.ts";
import type { Pending, Sequenced } from "./pending.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** A snapshot after the first of so many ops or characters of ops. */
const SNAPSHOT_OPS = 1_000;
const SNAPSHOT_CHARS = 262_144;
/** Committed ops that stay in memory for late bases and catch-up. */
const TAIL_OPS = 1_000;
const TAIL_BYTES = 1_048_576;

export interface DocumentStores {
	readonly log: OpLog;
	readonly snapshots: SnapshotStore;
}

/** A document in memory: believed until a commit fails, then thrown away whole. */
export class AwakeDocument {
	readonly state: DocumentState;
	readonly text: LazyText;
	readonly #stores: DocumentStores;
	readonly #limits: Limits;
	readonly #known: KnownOps;
	/** Sequenced, not committed; in `rev` order. */
	readonly #queue: Sequenced[] = [];
	/** How many of the queue are in the transaction that runs. */
	#taken = 0;
	#snapshotRev: number;
	#charsSinceSnapshot = 0;
	/** Revision at which the size of the text was last measured exactly. */
	#measuredRev = -1;

	constructor(
		stores: DocumentStores,
		limits: Limits,
		loaded: Awaited<ReturnType<typeof loadDocument>>,
	) {
		this.#stores = stores;
		this.#limits = limits;
		this.state = new DocumentState(loaded.document, limits);
		this.text = loaded.text;
		this.#known = new KnownOps(stores.log, this.state.docKey);
		this.#snapshotRev = loaded.snapshotRev;
	}

	static async load(
		docId: DocumentState["docId"],
		stores: DocumentStores,
		limits: Limits,
	): Promise<AwakeDocument> {
		const loaded = await loadDocument(docId, stores.log, stores.snapshots);
		return new AwakeDocument(stores, limits, loaded);
	}

	/** Who wrote here in that session, if anybody did. */
	async writer(sessionId: SessionId): Promise<Earlier | undefined> {
		const { log } = this.#stores;
		const writer = await log.findWriter(this.state.docKey, sessionId);
		return writer && { ...writer, sessionId, inherited: [] };
	}

	/** Everything sequenced is on disk. */
	get isSettled(): boolean {
		return this.#queue.length === 0;
	}

	get weight(): number {
		return this.state.bytes * 2 + TAIL_BYTES;
	}

	get isSnapshotDue(): boolean {
		return (
			this.state.committedRev - this.#snapshotRev >= SNAPSHOT_OPS ||
			this.#charsSinceSnapshot >= SNAPSHOT_CHARS
		);
	}

	/** The first answer to an op id that has come before; undefined when it is new. Not awaited here: it may need a commit. */
	async firstAnswer(
		item: Pending,
	): Promise<{ readonly answer: Promise<SubmissionResult> } | undefined> {
		const found = await this.#known.find(item);
		if (found === undefined) return undefined;
		// Outside the session's order: it belongs to a membership before.
		if (item.submission.mustBeKnown !== true)
			this.state.passOver(item.submission);
		if ("result" in found) return { answer: found.result };
		return { answer: Promise.resolve(await this.#knownAnswer(found)) };
	}

	/** Gives a new item its place at the head. Throws what makes it a refusal. */
	async sequence(item: Pending, nowMs: number): Promise<void> {
		const { submission, payloadHash } = item;
		const needed = this.state.tailNeeded(submission);
		if (needed < this.state.tail.since) await this.reach(needed);
		this.#measureNearLimit(item);
		const writer = this.#known.writerOf(submission);
		const { committed, message } = this.state.sequence(
			submission,
			payloadHash,
			nowMs,
		);
		const row = { committed, writer, seq: splitOpId(submission.opId).seq };
		this.#queue.push({ ...item, committed, message, row });
		this.#known.sequenced(item);
	}

	/**
	 * The next consecutive rows for the disk: about `limit`, because what belongs together is not cut; `alone`: one.
	 */
	takeGroup(limit: number, alone = false): CommitGroup | undefined {
		if (this.isSettled) return undefined;
		const end = alone ? 1 : groupEnd(this.#queue, limit);
		const rows = this.#queue.slice(0, end).map(({ row }) => row);
		this.#taken = rows.length;
		const { docKey, committedRev } = this.state;
		return { docKey, head: committedRev, rows };
	}

	/** The group taken last is on disk. */
	commit(): readonly Sequenced[] {
		const done = this.#queue.splice(0, this.#taken);
		this.#taken = 0;
		for (const item of done) {
			this.state.committedRev = item.committed.rev;
			this.text.push(item.committed.op);
			this.#charsSinceSnapshot += item.message.body.length;
			this.#known.committed(item);
		}
		return done;
	}

	/** What was not committed, and how many of it were tried; the document is not to be used any more. */
	giveUp(): { readonly items: readonly Pending[]; readonly tried: number } {
		return { items: this.#queue, tried: this.#taken };
	}

	/** Makes the tail reach back to `since`. Throws `RESYNC_REQUIRED` when the log does not. */
	async reach(since: number): Promise<void> {
		const { tail, docKey } = this.state;
		const missing = tail.since - since;
		if (missing <= 0) return;
		const older = await this.#stores.log.since(
			docKey,
			since,
			tail.since,
			missing,
		);
		if (older.length !== missing)
			throw new CollabError(
				"RESYNC_REQUIRED",
				"That part of the history is gone",
				{ reason: "horizon" },
			);
		tail.prepend(older);
	}

	/** Stores the text as it is on disk, if it is newer than the last snapshot. */
	async snapshot(): Promise<void> {
		const { state, text } = this;
		const before = this.#snapshotRev;
		const rev = text.rev;
		if (rev === before) return;
		this.#snapshotRev = rev;
		this.#charsSinceSnapshot = 0;
		try {
			const clock = state.tail.clockAt(rev);
			const snapshot = { rev, ...text.read(), clock };
			await this.#stores.snapshots.put(state.docKey, snapshot);
			state.tail.trim(TAIL_OPS, TAIL_BYTES, rev);
		} catch (error) {
			this.#snapshotRev = before;
			throw error;
		}
	}

	async #knownAnswer({ rev }: CommittedOp): Promise<SubmissionResult> {
		await this.reach(rev - 1);
		const [message] = this.state.tail.messages(rev - 1, rev);
		if (message === undefined) throw new Error("a committed op has no message");
		return { outcome: "known", message };
	}

	/** Near the limit of its size the text is measured, once per revision; elsewhere the estimate is enough. */
	#measureNearLimit({ submission: { edit } }: Pending): void {
		const { state } = this;
		const added =
			edit.form === "native"
				? insertedBytes(edit.op)
				: Buffer.byteLength(edit.operation.content ?? "");
		const isNear = state.bytes + added > this.#limits.documentBytes;
		if (!isNear || this.#measuredRev === state.rev) return;
		let bytes = Buffer.byteLength(this.text.read().text);
		for (const { committed } of this.#queue)
			bytes += insertedBytes(committed.op.t);
		state.bytes = bytes;
		this.#measuredRev = state.rev;
	}
}

/** The last cut within the limit that leaves what belongs together whole; failing that, the first one. */
function groupEnd(queue: readonly Sequenced[], limit: number): number {
	const last = Math.min(limit, queue.length);
	for (let end = last; end > 0; end--)
		if (queue[end - 1]?.isContinued !== true) return end;
	let end = last;
	while (queue[end - 1]?.isContinued === true && end < queue.length) end++;
	return end;
}
