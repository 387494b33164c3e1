import { CollabError } from "../protocol/errors.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
import { Mailbox } from "../shared/mailbox.ts";
import type { ActorPorts } from "./actor-ports.ts";
import { Announcer } from "./announcer.ts";
import type { AwakeDocument } from "./awake-document.ts";
import { type ClientPosition, opsFrom } from "./catch-up.ts";
import type { CommitSource } from "./commit-queue.ts";
import { DocumentCopy } from "./document-copy.ts";
import { Gathering } from "./gathering.ts";
import { LOST_CONTEXT, type Standing } from "./lost-submissions.ts";
import type { End } from "./members.ts";
import type { CommitGroup, CommitOutcome, EndedWriter } from "./op-log.ts";
import {
	ENDED,
	isAhead,
	type Pending,
	toPending,
	UnknownFate,
} from "./pending.ts";

/** Tasks that may wait for one document. */
const MAILBOX_LIMIT = 10_000;

/** The one writer of one document on this node. Memory is ahead of the disk; nothing is told before the disk has it. */
export class DocumentActor implements CommitSource {
	readonly docId: DocId;
	readonly #ports: ActorPorts;
	readonly #announcer: Announcer;
	readonly #mailbox = new Mailbox(MAILBOX_LIMIT);
	readonly #copy: DocumentCopy;
	/** Whose group is on its way to the disk. */
	#flushed: AwakeDocument | undefined;
	/** Writers to be ended, those of one turn together. */
	readonly #ending: Gathering<EndedWriter, number>;
	/** Rows to be committed one by one, to find the one that the database refuses. */
	#oneByOne = 0;

	constructor(docId: DocId, ports: ActorPorts) {
		this.docId = docId;
		this.#ports = ports;
		this.#announcer = new Announcer(docId, ports);
		const inTurn = <T>(task: () => Promise<T>) => this.#mailbox.run(task);
		this.#copy = new DocumentCopy(docId, ports, this.#announcer, {
			inTurn,
			replay: (item, isAlone) =>
				this.#admit(item, { isInDoubt: true, isAlone }),
		});
		this.#ending = new Gathering(inTurn, (writers) => this.#end(writers));
	}

	/** Nothing waits for the disk, for an answer or for its turn. */
	get isIdle(): boolean {
		return (
			this.#mailbox.idle &&
			this.#copy.lost.size === 0 &&
			this.#copy.document?.isSettled !== false
		);
	}

	/** Bytes of memory, roughly; 0 when asleep. */
	get weight(): number {
		return this.#copy.document?.weight ?? 0;
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
				else await this.#admit(item, this.#copy.lost.standingOf(item));
			}
		});
		judged.catch((error) => {
			for (const item of items)
				this.#refuse(item, error, this.#copy.lost.standingOf(item));
		});
		return items.map(({ result }) => result);
	}

	leave(sessionId: SessionId): void {
		this.#copy.document?.state.sessions.leave(sessionId);
	}

	/**
	 * Ends writers for good, on every node: what they have on its way to the disk is committed before, or never.
	 * @returns the fence that later sessions of theirs join under
	 */
	end(writers: readonly EndedWriter[]): Promise<number> {
		return this.#ending.add(writers);
	}

	/**
	 * Runs `read` on the document as it is on disk, when this node is known to have seen the newest committed revision.
	 * What a client at `since` can be told op by op is in the tail then, if it is there at all.
	 */
	async read<T>(
		since: ClientPosition | undefined,
		read: (document: AwakeDocument) => T | Promise<T>,
	): Promise<T> {
		const copy = this.#copy;
		await copy.agreesWithDisk(await this.#mailbox.run(() => copy.awake()));
		return this.#mailbox.run(async () => {
			const document = await copy.awake();
			const from = opsFrom(document.state, since);
			if (from !== undefined) await document.reach(from);
			return read(document);
		});
	}

	/** Stores a snapshot if there is something new, and forgets everything. Call it when idle. */
	async sleep(): Promise<void> {
		await this.#mailbox.run(async () => {
			const { document } = this.#copy;
			if (document?.isSettled !== true) return;
			await document.snapshot();
			if (!document.isSettled) return;
			this.#copy.forget();
			this.#announcer.close();
		});
	}

	/** Finishes what has come so far, then sleeps. */
	async retire(): Promise<void> {
		await this.#mailbox.run(() => this.#copy.atRest());
		await this.sleep();
	}

	/**
	 * Runs `erase` when nothing of the document is on its way to the disk. What comes later finds what `erase` has left.
	 */
	async erase(erase: () => Promise<void>): Promise<void> {
		await this.#mailbox.run(async () => {
			await this.#copy.atRest();
			this.#copy.forget();
			this.#announcer.silence();
			await erase();
		});
	}

	takeGroup(limit: number): CommitGroup | undefined {
		this.#flushed = this.#copy.document;
		return this.#flushed?.takeGroup(limit, this.#oneByOne > 0);
	}

	settleGroup(outcome: CommitOutcome | "unknown", cause?: unknown): void {
		const document = this.#flushed;
		this.#flushed = undefined;
		// A document that has been thrown away meanwhile has nothing to hear: the log tells of its group.
		if (document !== undefined && document === this.#copy.document)
			if (outcome === "committed") this.#committed(document);
			else {
				const lost = this.#copy.lose(outcome, cause);
				this.#oneByOne = outcome === "refused" ? lost : 0;
			}
		this.#copy.settled();
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
		const copy = this.#copy;
		const document = copy.document ?? (await copy.awake());
		const first = await document.firstAnswer(item);
		if (first !== undefined) {
			if ("isNewer" in first) return copy.reload(document);
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
			if (!(await copy.agreesWithDisk(document))) return false;
			throw contextGone();
		}
		await document.prepare(item);
		return copy.document === document && this.#sequence(document, item);
	}

	async #sequence(document: AwakeDocument, item: Pending): Promise<boolean> {
		try {
			document.sequence(item, this.#ports.clock.nowMs());
		} catch (error) {
			if (isAhead(error) && !(await this.#copy.agreesWithDisk(document)))
				return false;
			throw error;
		}
		return this.#register(document, item);
	}

	/** A new writer gets its keys when its op is known to be good; without them the op cannot stay where it is. */
	async #register(document: AwakeDocument, item: Pending): Promise<boolean> {
		try {
			await document.register(item);
		} catch (error) {
			if (this.#copy.document === document) this.#copy.lose("fenced", error);
			throw error;
		}
		this.#ports.queue.schedule(this);
		return this.#copy.document === document;
	}

	#refuse(item: Pending, error: unknown, standing: Standing): void {
		if (!(error instanceof CollabError || error instanceof UnknownFate))
			this.#ports.logger.error(
				{ prdId: this.docId, opId: item.submission.opId, err: error },
				"a submission could not be judged",
			);
		item.answer(this.#copy.lost.answerTo(item, error, standing));
	}

	#committed(document: AwakeDocument): void {
		const done = document.commit();
		this.#oneByOne = Math.max(0, this.#oneByOne - done.length);
		this.#copy.committed();
		for (const { committed, message, answer } of done) {
			this.#announcer.committed(message);
			answer({ outcome: "committed", rev: committed.rev });
		}
		if (!document.isSettled) this.#ports.queue.schedule(this);
		if (document.isSnapshotDue) void this.#shorten(document);
	}

	async #shorten(document: AwakeDocument): Promise<void> {
		await document.snapshot();
		// In the mailbox: whoever reads older ops into the tail must not find its end moved. A full one leaves it for later.
		await this.#mailbox.run(() => document.trim()).catch(() => {});
	}

	/** In the mailbox. Where another node has written, that is read first: whoever has come back must be told of it. */
	async #end(writers: readonly EndedWriter[]): Promise<number> {
		for (;;) {
			await this.#copy.awake();
			await this.#copy.atRest();
			const { document } = this.#copy;
			if (document === undefined) continue;
			if (await document.end(writers)) return document.state.fence;
			this.#copy.forget();
		}
	}
}

const contextGone = (): CollabError =>
	new CollabError(
		"RESYNC_REQUIRED",
		"The text has been replaced: make the edit again",
		{ reason: "reset" },
	);
