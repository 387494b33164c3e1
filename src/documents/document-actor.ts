import { CollabError } from "../protocol/errors.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type { ClientId, DocId, SessionId } from "../shared/ids.ts";
import { Mailbox } from "../shared/mailbox.ts";
import type { ActorPorts } from "./actor-ports.ts";
import { Announcer } from "./announcer.ts";
import { AwakeDocument, storeSnapshot } from "./awake-document.ts";
import { type ClientPosition, opsFrom } from "./catch-up.ts";
import type { CommitSource } from "./commit-queue.ts";
import {
	LOST_CONTEXT,
	LostSubmissions,
	NOT_STORABLE,
	type Standing,
} from "./lost-submissions.ts";
import type { End } from "./members.ts";
import type { CommitGroup, CommitOutcome } from "./op-log.ts";
import {
	ENDED,
	isAhead,
	type Pending,
	toPending,
	UnknownFate,
} from "./pending.ts";
import { Signal } from "./signal.ts";

/** Tasks that may wait for one document. */
const MAILBOX_LIMIT = 10_000;
/** A failed commit is read back so often, then its submissions are answered `unknown`. */
const RECOVERY_DELAYS_MS = [100, 200, 400, 800, 1_600, 3_200, 3_200];

/** The one writer of one document on this node. Memory is ahead of the disk; nothing is told before the disk has it. */
export class DocumentActor implements CommitSource {
	readonly docId: DocId;
	readonly #ports: ActorPorts;
	readonly #announcer: Announcer;
	readonly #mailbox = new Mailbox(MAILBOX_LIMIT);
	#document: AwakeDocument | undefined;
	/** Whose group is on its way to the disk. */
	#flushed: AwakeDocument | undefined;
	/** Submissions of a failed commit, to be played again on what the log then says. */
	readonly #lost = new LostSubmissions();
	#recoveries = 0;
	/** Rows to be committed one by one, to find the one that the database refuses. */
	#oneByOne = 0;
	readonly #settled = new Signal();

	constructor(docId: DocId, ports: ActorPorts) {
		this.docId = docId;
		this.#ports = ports;
		this.#announcer = new Announcer(docId, ports);
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
	 * Judges submissions in order; each result arrives when its op is on disk, or is known not to be.
	 * @param endOf how a session has ended, if it has; asked when a submission's turn has come
	 * @param together those that are not refused are committed in one transaction
	 */
	submit(
		submissions: readonly Submission[],
		endOf: (sessionId: SessionId) => End | undefined,
		together = false,
	): readonly Promise<SubmissionResult>[] {
		const last = submissions.length - 1;
		const items = submissions.map((submission, index) =>
			toPending(submission, together && index < last),
		);
		const judged = this.#mailbox.run(async () => {
			for (const item of items) {
				const end = endOf(item.submission.sessionId);
				if (end !== undefined) item.answer(ENDED[end]);
				else await this.#admit(item, this.#lost.standingOf(item));
			}
		});
		judged.catch((error) => {
			for (const item of items)
				this.#refuse(item, error, this.#lost.standingOf(item));
		});
		return items.map(({ result }) => result);
	}

	leave(sessionId: SessionId): void {
		this.#document?.state.leave(sessionId);
	}

	/**
	 * Runs `read` on the document as it is on disk, when this node is known to have seen the newest committed revision,
	 * with what a client at `since` can be told op by op in the tail. What this client has on its way to the disk is
	 * waited for: it is told of it now or never.
	 */
	async read<T>(
		since: ClientPosition | undefined,
		read: (document: AwakeDocument) => T | Promise<T>,
		clientId?: ClientId,
	): Promise<T> {
		await this.#agreesWithDisk(await this.#mailbox.run(() => this.#awake()));
		for (;;) {
			const answer = await this.#mailbox.run(async () => {
				const document = await this.#awake();
				if (document.state.isWriting(clientId))
					return { settled: this.#settled.next() };
				const from = opsFrom(document.state, since);
				if (from !== undefined) await document.reach(from);
				return { value: await read(document) };
			});
			if ("value" in answer) return answer.value;
			await answer.settled;
		}
	}

	/** Stores a snapshot if there is something new, and forgets everything. Call it when idle. */
	async sleep(): Promise<void> {
		await this.#mailbox.run(async () => {
			const document = this.#document;
			if (document?.isSettled !== true) return;
			await storeSnapshot(document, this.#ports.logger);
			if (document.isSettled) this.#document = undefined;
		});
	}

	/**
	 * Runs `erase` when nothing of the document is on its way to the disk. What comes later finds what `erase` has left.
	 */
	async erase(erase: () => Promise<void>): Promise<void> {
		await this.#mailbox.run(async () => {
			while (this.#document?.isSettled === false) await this.#settled.next();
			this.#document = undefined;
			await erase();
		});
	}

	takeGroup(limit: number): CommitGroup | undefined {
		this.#flushed = this.#document;
		return this.#document?.takeGroup(limit, this.#oneByOne > 0);
	}

	settleGroup(outcome: CommitOutcome | "unknown", cause?: unknown): void {
		const document = this.#flushed;
		this.#flushed = undefined;
		// A document that has been thrown away meanwhile has nothing to hear: the log tells of its group.
		if (document !== undefined && document === this.#document)
			if (outcome === "committed") this.#committed(document);
			else this.#lose(document, outcome, cause);
		this.#settled.give();
	}

	async #admit(item: Pending, standing: Standing): Promise<void> {
		try {
			while (!(await this.#judge(item, standing)));
		} catch (error) {
			this.#refuse(item, error, standing);
		}
	}

	/** @returns false when the document was thrown away meanwhile: the item is for the next one */
	async #judge(item: Pending, { isAlone }: Standing): Promise<boolean> {
		const document = this.#document ?? (await this.#awake());
		const first = await document.firstAnswer(item);
		if (first !== undefined) {
			if ("isNewer" in first) return this.#reload(document);
			void first.answer.then(item.answer);
			return true;
		}
		if (!isAlone) {
			const { code, message, data } = LOST_CONTEXT;
			await document.passOver(item, new CollabError(code, message, data));
			item.answer({ outcome: "refused", error: LOST_CONTEXT });
			return true;
		}
		if (item.submission.mustBeKnown) {
			if (!(await this.#agreesWithDisk(document))) return false;
			throw contextGone();
		}
		await document.prepare(item);
		return this.#document === document && this.#sequence(document, item);
	}

	async #sequence(document: AwakeDocument, item: Pending): Promise<boolean> {
		try {
			document.sequence(item, this.#ports.clock.nowMs());
		} catch (error) {
			if (isAhead(error) && !(await this.#agreesWithDisk(document)))
				return false;
			throw error;
		}
		this.#ports.queue.schedule(this);
		return true;
	}

	#refuse(item: Pending, error: unknown, standing: Standing): void {
		if (!(error instanceof CollabError || error instanceof UnknownFate))
			this.#ports.logger.error(
				{ prdId: this.docId, opId: item.submission.opId, err: error },
				"a submission could not be judged",
			);
		item.answer(this.#lost.answerTo(item, error, standing));
	}

	#committed(document: AwakeDocument): void {
		const done = document.commit();
		this.#oneByOne = Math.max(0, this.#oneByOne - done.length);
		this.#recoveries = 0;
		for (const { committed, message, answer } of done) {
			this.#announcer.committed(message);
			answer({ outcome: "committed", rev: committed.rev });
		}
		if (!document.isSettled) this.#ports.queue.schedule(this);
		if (document.isSnapshotDue) void this.#shorten(document);
	}

	async #shorten(document: AwakeDocument): Promise<void> {
		await storeSnapshot(document, this.#ports.logger);
		// In the mailbox: whoever reads older ops into the tail must not find its end moved. A full one leaves it for later.
		await this.#mailbox.run(() => document.trim()).catch(() => {});
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
		const { lost, culprit } = document.giveUp(outcome);
		culprit?.answer({ outcome: "refused", error: NOT_STORABLE });
		this.#oneByOne = outcome === "refused" ? lost.length : 0;
		this.#lost.add(lost, epoch);
		this.#announcer.lostAt(revision);
		this.#document = undefined;
		this.#settled.give();
		void this.#recover();
	}

	#reload(document: AwakeDocument): false {
		if (this.#document === document) this.#lose(document, "fenced", undefined);
		return false;
	}

	async #recover(): Promise<void> {
		try {
			await this.#mailbox.run(() => this.#awake());
		} catch (err) {
			if (err instanceof CollabError && err.code === "NOT_FOUND") {
				// The document has been deleted.
				for (const { item } of this.#lost.take()) item.answer(ENDED.deleted);
				return;
			}
			const delayMs = RECOVERY_DELAYS_MS[this.#recoveries++];
			if (delayMs !== undefined) {
				this.#ports.clock.after(delayMs, () => void this.#recover());
				return;
			}
			this.#recoveries = 0;
			const lost = this.#lost.giveUp();
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
		while (this.#document === undefined) {
			const { log, limits } = this.#ports;
			if (!this.#lost.isNothingInDoubt) {
				// Under the row lock: a statement of ours that still runs is waited for.
				const found = await log.find(this.docId);
				if (found !== undefined) await log.settleHead(found.docKey);
			}
			this.#document = await AwakeDocument.load(
				this.docId,
				this.#ports,
				limits,
			);
			this.#announcer.readBack(this.#document.state.committedRev);
			await this.#replay(this.#document.state.epoch);
		}
		return this.#document;
	}

	/** A session that had several in flight must join again: their common context is gone. */
	async #replay(epoch: string): Promise<void> {
		const isSame = this.#lost.isOf(epoch);
		for (const { item, isAlone } of this.#lost.take())
			if (isSame) await this.#admit(item, { isInDoubt: true, isAlone });
			else item.answer(ENDED.deleted);
	}

	/**
	 * False when another node has written or deleted the document: it has then been thrown away. Otherwise it is not
	 * older than the disk was at the time of the call; own commits that are on disk and not reported yet are waited for.
	 */
	async #agreesWithDisk(document: AwakeDocument): Promise<boolean> {
		const { state } = document;
		const before = state.committedRev;
		const [onDisk = 0] = await this.#ports.log.heads([state.docKey]);
		// What was committed is gone: another node has deleted the document.
		if (onDisk < before) return this.#reload(document);
		while (this.#document === document && state.committedRev < onDisk) {
			if (state.rev < onDisk) return this.#reload(document);
			await this.#settled.next();
		}
		return this.#document === document;
	}
}

const contextGone = (): CollabError =>
	new CollabError(
		"RESYNC_REQUIRED",
		"The text has been replaced: make the edit again",
		{ reason: "reset" },
	);
