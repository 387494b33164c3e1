import type { CommittedOp } from "../ot/committed-op.ts";
import { opMessage } from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import type { SubmissionResult } from "../protocol/submission.ts";
import { type SessionId, splitOpId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import {
	DocumentState,
	deletedAtLeast,
	insertedBytes,
} from "./document-state.ts";
import { KnownOps } from "./known-ops.ts";
import type { LazyText } from "./lazy-text.ts";
import { loadDocument } from "./load.ts";
import type { Earlier } from "./members.ts";
import type { CommitGroup, OpLog } from "./op-log.ts";
import { type Pending, type Sequenced, UnknownFate } from "./pending.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** A snapshot after the first of so many ops or characters of ops. */
const SNAPSHOT_OPS = 1_000;
const SNAPSHOT_CHARS = 262_144;
/** Committed ops that stay in memory for late bases and catch-up. */
const TAIL_OPS = 1_000;
const TAIL_BYTES = 1_048_576;
/** An op this far behind the head is told without its clock: the way back to it would be too long. */
const FARTHEST_CLOCK = 10_000;

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
	/** Revisions, on disk and sequenced, at which the size of the text was last measured. */
	#measuredAt = "";

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
		try {
			await this.reach(this.state.ownNeeded(submission));
			this.state.passOver(submission, refusal);
		} catch {
			// What it has written cannot be counted: the next submission of the session tells it to join again.
		}
	}

	/** Fetches what is needed to give a new item its place. */
	async prepare({ submission }: Pending): Promise<void> {
		await this.reach(this.state.tailNeeded(submission));
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

	/** What was not committed, but for a row that the database did not take; the document is not to be used any more. */
	giveUp(outcome: "fenced" | "refused" | "unknown"): {
		readonly lost: readonly Pending[];
		readonly culprit?: Pending;
	} {
		const [first, ...others] = this.#queue;
		return outcome === "refused" && this.#taken === 1 && first !== undefined
			? { lost: others, culprit: first }
			: { lost: this.#queue };
	}

	/**
	 * Makes the tail reach back to `since`. Throws `RESYNC_REQUIRED` when the log does not. Never beside another call or
	 * `trim`: both move the tail's end.
	 */
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

	/** Forgets the ops that are old and in a snapshot. */
	trim(): void {
		this.state.tail.trim(TAIL_OPS, TAIL_BYTES, this.#snapshotRev);
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
		} catch (error) {
			this.#snapshotRev = before;
			throw error;
		}
	}

	async #knownAnswer(committed: CommittedOp): Promise<SubmissionResult> {
		const { docId, tail, committedRev } = this.state;
		const { rev } = committed;
		if (rev <= committedRev - FARTHEST_CLOCK) {
			const message = opMessage(docId, committed, new Map());
			return { outcome: "known", message };
		}
		try {
			await this.reach(rev - 1);
		} catch (cause) {
			throw new UnknownFate("the log does not answer", { cause });
		}
		const [message] = tail.messages(rev - 1, rev);
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
		const at = `${this.text.rev} ${state.rev}`;
		if (!isNear || this.#measuredAt === at) return;
		let bytes = Buffer.byteLength(this.text.read().text);
		for (const { committed } of this.#queue)
			bytes += insertedBytes(committed.op.t) - deletedAtLeast(committed.op.t);
		state.bytes = bytes;
		this.#measuredAt = at;
	}
}

/** A snapshot only shortens replay: when it cannot be stored, everything goes on. */
export async function storeSnapshot(
	document: AwakeDocument,
	logger: Logger,
): Promise<void> {
	try {
		await document.snapshot();
	} catch (err) {
		logger.error(
			{ prdId: document.state.docId, revision: document.text.rev, err },
			"a snapshot could not be stored",
		);
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
