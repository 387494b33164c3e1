import type { OpMessage } from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import type {
	Submission,
	SubmissionRefusal,
	SubmissionResult,
} from "../protocol/submission.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import type { Logger } from "../shared/logger.ts";
import { Mailbox } from "../shared/mailbox.ts";
import { AwakeDocument, type DocumentStores } from "./awake-document.ts";
import { type ClientPosition, opsFrom } from "./catch-up.ts";
import type { CommitQueue, CommitSource } from "./commit-queue.ts";
import type { CommitGroup, CommitOutcome } from "./op-log.ts";
import { type Pending, refusalOf, toPending } from "./pending.ts";

export interface ActorPorts extends DocumentStores {
	readonly queue: Pick<CommitQueue, "schedule">;
	readonly publish: (docId: DocId, message: OpMessage) => void;
	readonly limits: Limits;
	readonly clock: Clock;
	readonly logger: Logger;
}

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
	/** Submissions of a failed commit, to be played again on what the log then says. */
	#lost: Pending[] = [];
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
			this.#lost.length === 0 &&
			this.#document?.isSettled !== false
		);
	}

	/** Bytes of memory, roughly; 0 when asleep. */
	get weight(): number {
		return this.#document?.weight ?? 0;
	}

	/** Judges submissions in order; each result arrives when its op is on disk, or is known not to be. */
	async submit(
		submissions: readonly Submission[],
	): Promise<readonly Promise<SubmissionResult>[]> {
		const items = submissions.map(toPending);
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
		read: (document: AwakeDocument) => T,
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

	takeGroup(limit: number): CommitGroup | undefined {
		return this.#document?.takeGroup(this.#oneByOne > 0 ? 1 : limit);
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
		const { committedRev: revision } = document.state;
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
		this.#lost.push(...lost);
		this.#document = undefined;
		void this.#recover();
	}

	async #recover(): Promise<void> {
		try {
			await this.#mailbox.run(() => this.#awake());
		} catch (err) {
			const delayMs = RECOVERY_DELAYS_MS[this.#recoveries++];
			if (delayMs !== undefined) {
				this.#ports.clock.after(delayMs, () => void this.#recover());
				return;
			}
			this.#recoveries = 0;
			const lost = this.#takeLost();
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
		if (this.#lost.length > 0) {
			// Under the row lock: a statement of ours that still runs is waited for.
			const found = await log.find(this.docId);
			if (found !== undefined) await log.settleHead(found.docKey);
		}
		const document = await AwakeDocument.load(this.docId, this.#ports, limits);
		this.#document = document;
		await this.#replay(document, this.#takeLost());
		return this.#document ?? document;
	}

	/** A session that had several in flight must join again: their common context is gone. */
	async #replay(
		document: AwakeDocument,
		lost: readonly Pending[],
	): Promise<void> {
		const perSession = new Map<SessionId, number>();
		for (const { submission } of lost) {
			const { sessionId } = submission;
			perSession.set(sessionId, (perSession.get(sessionId) ?? 0) + 1);
		}
		for (const item of lost)
			if (perSession.get(item.submission.sessionId) === 1)
				await this.#admit(item);
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

	#takeLost(): readonly Pending[] {
		const lost = this.#lost;
		this.#lost = [];
		return lost;
	}

	/** Resolves when what this node holds is not older than the disk was at the time of the call. */
	async #catchUpWithDisk(): Promise<void> {
		const document = await this.#mailbox.run(() => this.#awake());
		const { state } = document;
		const [onDisk = 0] = await this.#ports.log.heads([state.docKey]);
		while (this.#document === document && state.committedRev < onDisk) {
			if (state.rev < onDisk) {
				// Another node has written.
				this.#lose(document, "fenced", undefined);
				return;
			}
			await new Promise<void>((wake) => {
				this.#onSettled.push(wake);
			});
		}
	}
}

const LOST_CONTEXT: SubmissionRefusal = {
	code: "RESYNC_REQUIRED",
	message: "The context of this operation is no longer known",
	data: { reason: "bridge" },
};

const NOT_STORABLE: SubmissionRefusal = {
	code: "OPERATION_INVALID",
	message: "The operation cannot be stored",
	data: { reason: "storage" },
};
