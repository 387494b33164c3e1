import { CollabError } from "../protocol/errors.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import { Mailbox } from "../shared/mailbox.ts";
import type { ActorPorts } from "./actor-ports.ts";
import { AwakeDocument } from "./awake-document.ts";
import { type ClientPosition, opsFrom } from "./catch-up.ts";
import type { CommitSource } from "./commit-queue.ts";
import {
	documentGone,
	LOST_CONTEXT,
	Lost,
	NOT_STORABLE,
	sessionsWithOne,
} from "./lost.ts";
import type { CommitGroup, CommitOutcome } from "./op-log.ts";
import { type Pending, refusalOf, toPending } from "./pending.ts";

/** Tasks that may wait for one document. */
const MAILBOX_LIMIT = 10_000;
/** A failed commit is read back so often, then its submissions are answered `unknown`. */
const RECOVERY_DELAYS_MS = [100, 200, 400, 800, 1_600, 3_200, 3_200];

/** The one writer of one document on this node. Memory is ahead of the disk; nothing is told before the disk has it. */
export class DocumentActor implements CommitSource {
	readonly docId: DocId;
	readonly #ports: ActorPorts;
	readonly #mailbox = new Mailbox(MAILBOX_LIMIT);
	#document: AwakeDocument | undefined;
	readonly #lost = new Lost();
	#recoveries = 0;
	/** Rows to be committed one by one, to find the one that the database refuses. */
	#oneByOne = 0;
	#onSettled: (() => void)[] = [];

	constructor(docId: DocId, ports: ActorPorts) {
		this.docId = docId;
		this.#ports = ports;
	}

	/** Nothing waits for the disk, for an answer or for its turn. */
	get isIdle(): boolean {
		return (
			this.#mailbox.idle &&
			this.#lost.size === 0 &&
			this.#document?.isSettled !== false
		);
	}

	/** Bytes of memory, roughly; 0 when asleep. */
	get weight(): number {
		return this.#document?.weight ?? 0;
	}

	/**
	 * Judges submissions in order; each result arrives when its op is on disk, or is known not to be. `together`: those
	 * that are not refused are committed in one transaction.
	 */
	async submit(
		submissions: readonly Submission[],
		together = false,
	): Promise<readonly Promise<SubmissionResult>[]> {
		const last = submissions.length - 1;
		const items = submissions.map((submission, index) =>
			toPending(submission, together && index < last),
		);
		await this.#mailbox.run(async () => {
			for (const item of items) await this.#admit(item);
		});
		return items.map(({ result }) => result);
	}

	leave(sessionId: SessionId): void {
		this.#document?.state.leave(sessionId);
	}

	/**
	 * Runs `read` on the document as it is on disk, when this node is known to have seen the newest committed revision,
	 * with what a client at `since` can be told op by op in the tail.
	 */
	async read<T>(
		since: ClientPosition | undefined,
		read: (document: AwakeDocument) => T | Promise<T>,
	): Promise<T> {
		await this.#catchUpWithDisk();
		return this.#mailbox.run(async () => {
			const document = await this.#awake();
			const from = opsFrom(document.state, since);
			if (from !== undefined) await document.reach(from);
			return read(document);
		});
	}

	/** Stores a snapshot if there is something new, and forgets everything. Call it when idle. */
	async sleep(): Promise<void> {
		await this.#mailbox.run(async () => {
			const document = this.#document;
			if (document?.isSettled !== true) return;
			await this.#snapshot(document);
			if (document.isSettled) this.#document = undefined;
		});
	}

	/**
	 * Runs `erase` when nothing of the document is on its way to the disk. What comes later finds what `erase` has left.
	 */
	async erase(erase: () => Promise<void>): Promise<void> {
		await this.#mailbox.run(async () => {
			while (this.#document?.isSettled === false) await this.#settled();
			this.#document = undefined;
			await erase();
		});
	}

	takeGroup(limit: number): CommitGroup | undefined {
		return this.#document?.takeGroup(limit, this.#oneByOne > 0);
	}

	settleGroup(outcome: CommitOutcome | "unknown", cause?: unknown): void {
		const document = this.#document;
		if (document !== undefined && outcome === "committed")
			this.#committed(document);
		else if (document !== undefined && outcome !== "committed")
			this.#lose(document, outcome, cause);
		const waiting = this.#onSettled;
		this.#onSettled = [];
		for (const wake of waiting) wake();
	}

	async #admit(item: Pending): Promise<void> {
		try {
			const document = this.#document ?? (await this.#awake());
			const first = await document.firstAnswer(item);
			if (first !== undefined) {
				void first.answer.then(item.answer);
				return;
			}
			if (item.submission.mustBeKnown) throw contextGone();
			await document.sequence(item, this.#ports.clock.nowMs());
			this.#ports.queue.schedule(this);
		} catch (error) {
			this.#refuse(item, error);
		}
	}

	#refuse(item: Pending, error: unknown): void {
		if (!(error instanceof CollabError))
			this.#ports.logger.error(
				{ prdId: this.docId, opId: item.submission.opId, err: error },
				"a submission could not be judged",
			);
		item.answer({ outcome: "refused", error: refusalOf(error) });
	}

	#committed(document: AwakeDocument): void {
		const done = document.commit();
		this.#oneByOne = Math.max(0, this.#oneByOne - done.length);
		this.#recoveries = 0;
		for (const { committed, message, answer } of done) {
			this.#ports.publish(this.docId, message);
			answer({ outcome: "committed", rev: committed.rev });
		}
		if (!document.isSettled) this.#ports.queue.schedule(this);
		if (document.isSnapshotDue) void this.#snapshot(document);
	}

	/** A snapshot only shortens replay: without it everything goes on. */
	async #snapshot(document: AwakeDocument): Promise<void> {
		try {
			await document.snapshot();
		} catch (err) {
			this.#ports.logger.error(
				{ prdId: this.docId, revision: document.text.rev, err },
				"a snapshot could not be stored",
			);
		}
	}

	/** A commit failed, or nobody knows: what is in memory is no longer believed. */
	#lose(
		document: AwakeDocument,
		outcome: "fenced" | "refused" | "unknown",
		err: unknown,
	): void {
		const { committedRev: revision, epoch } = document.state;
		this.#ports.logger.warn(
			{ prdId: this.docId, revision, outcome, err },
			"a commit did not go through; reading the document back",
		);
		const { items, tried } = document.giveUp();
		const isCulpritKnown = outcome === "refused" && tried === 1;
		if (isCulpritKnown)
			items[0]?.answer({ outcome: "refused", error: NOT_STORABLE });
		const lost = isCulpritKnown ? items.slice(1) : items;
		this.#oneByOne = outcome === "refused" ? lost.length : 0;
		this.#lost.add(lost, epoch);
		this.#document = undefined;
		void this.#recover();
	}

	async #recover(): Promise<void> {
		try {
			await this.#mailbox.run(() => this.#awake());
		} catch (err) {
			if (err instanceof CollabError && err.code === "NOT_FOUND") {
				// Another node has deleted it.
				for (const item of this.#lost.take()) this.#refuse(item, err);
				return;
			}
			const delayMs = RECOVERY_DELAYS_MS[this.#recoveries++];
			if (delayMs !== undefined) {
				this.#ports.clock.after(delayMs, () => void this.#recover());
				return;
			}
			this.#recoveries = 0;
			const lost = this.#lost.take();
			this.#ports.logger.error(
				{ prdId: this.docId, submissions: lost.length, err },
				"the document could not be read back",
			);
			for (const { answer } of lost)
				answer({ outcome: "unknown", reason: "storage" });
		}
	}

	/** The document in memory; loaded when it is not, and what a failed commit left behind played again first. */
	async #awake(): Promise<AwakeDocument> {
		if (this.#document !== undefined) return this.#document;
		const { log, limits } = this.#ports;
		if (this.#lost.size > 0) {
			// Under the row lock: a statement of ours that still runs is waited for.
			const found = await log.find(this.docId);
			if (found !== undefined) await log.settleHead(found.docKey);
		}
		const document = await AwakeDocument.load(this.docId, this.#ports, limits);
		this.#document = document;
		const isSame = this.#lost.isOf(document.state.epoch);
		const lost = this.#lost.take();
		if (isSame) await this.#replay(document, lost);
		else for (const item of lost) this.#refuse(item, documentGone());
		return this.#document ?? document;
	}

	async #replay(
		document: AwakeDocument,
		lost: readonly Pending[],
	): Promise<void> {
		const alone = sessionsWithOne(lost);
		for (const item of lost)
			if (alone.has(item.submission.sessionId)) await this.#admit(item);
			else await this.#answerFromLog(document, item);
	}

	async #answerFromLog(document: AwakeDocument, item: Pending): Promise<void> {
		try {
			const first = await document.firstAnswer(item);
			if (first !== undefined) void first.answer.then(item.answer);
			else {
				document.state.passOver(item.submission);
				item.answer({ outcome: "refused", error: LOST_CONTEXT });
			}
		} catch (error) {
			this.#refuse(item, error);
		}
	}

	/** Resolves when what this node holds is not older than the disk was at the time of the call. */
	async #catchUpWithDisk(): Promise<void> {
		const document = await this.#mailbox.run(() => this.#awake());
		const { state } = document;
		const before = state.committedRev;
		const [onDisk = 0] = await this.#ports.log.heads([state.docKey]);
		// What was committed is gone: another node has deleted the document.
		if (onDisk < before && this.#document === document)
			return this.#lose(document, "fenced", undefined);
		while (this.#document === document && state.committedRev < onDisk) {
			if (state.rev < onDisk) {
				// Another node has written.
				this.#lose(document, "fenced", undefined);
				return;
			}
			await this.#settled();
		}
	}

	/** Resolves when the group that is on its way has its outcome. */
	#settled(): Promise<void> {
		return new Promise((wake) => {
			this.#onSettled.push(wake);
		});
	}
}

const contextGone = (): CollabError =>
	new CollabError(
		"RESYNC_REQUIRED",
		"The text has been replaced: make the edit again",
		{ reason: "reset" },
	);
