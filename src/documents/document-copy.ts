import type { DocId } from "../shared/ids.ts";
import type { ActorPorts } from "./actor-ports.ts";
import type { Announcer } from "./announcer.ts";
import { AwakeDocument } from "./awake-document.ts";
import { LostSubmissions, NOT_STORABLE } from "./lost-submissions.ts";
import { ENDED, type Pending } from "./pending.ts";
import { ReadBack } from "./read-back.ts";
import { Signal } from "./signal.ts";

/** What the copy asks of its actor. */
interface Owner {
	/** Runs a task in the mailbox. */
	readonly inTurn: <T>(task: () => Promise<T>) => Promise<T>;
	/** Judges a submission that a failed commit has left behind. */
	readonly replay: (item: Pending, isAlone: boolean) => Promise<void>;
}

/**
 * The document in this node's memory: believed until a commit fails or another node is found to have written, then
 * thrown away whole and read back from the log.
 */
export class DocumentCopy {
	/** Submissions of failed commits, to be played again on what the log then says. */
	readonly lost = new LostSubmissions();
	readonly #docId: DocId;
	readonly #ports: ActorPorts;
	readonly #announcer: Announcer;
	readonly #owner: Owner;
	readonly #readBack: ReadBack;
	readonly #settled = new Signal();
	#document: AwakeDocument | undefined;

	constructor(
		docId: DocId,
		ports: ActorPorts,
		announcer: Announcer,
		owner: Owner,
	) {
		this.#docId = docId;
		this.#ports = ports;
		this.#announcer = announcer;
		this.#owner = owner;
		this.#readBack = new ReadBack(docId, ports, this.lost, () =>
			owner.inTurn(() => this.awake()),
		);
	}

	/** Undefined: asleep, or thrown away and not yet read back. */
	get document(): AwakeDocument | undefined {
		return this.#document;
	}

	/** A commit has gone through. */
	committed(): void {
		this.#readBack.succeeded();
	}

	/** Something has become of a commit. */
	settled(): void {
		this.#settled.give();
	}

	/** In the mailbox: loaded when it is not there, and what a failed commit left behind played again first. */
	async awake(): Promise<AwakeDocument> {
		while (this.#document === undefined) {
			const { log } = this.#ports;
			if (!this.lost.isNothingInDoubt) {
				// Under the row lock: a statement of ours that still runs is waited for.
				const found = await log.find(this.#docId);
				if (found !== undefined) await log.settleHead(found.docKey);
			}
			this.#document = await AwakeDocument.load(this.#docId, this.#ports);
			this.#announcer.readBack(this.#document.state.committedRev);
			await this.#replay(this.#document.state.epoch);
		}
		return this.#document;
	}

	/** In the mailbox: resolves when all that has its place is on disk, or lost. */
	async atRest(): Promise<void> {
		while (this.#document?.isSettled === false) await this.#settled.next();
	}

	forget(): void {
		this.#document = undefined;
	}

	/**
	 * A commit failed, or nobody knows: what is in memory is no longer believed.
	 * @returns how many submissions are to be played again
	 */
	lose(outcome: "fenced" | "refused" | "unknown", err: unknown): number {
		const document = this.#document;
		if (document === undefined) return 0;
		const { committedRev: revision, epoch } = document.state;
		this.#ports.logger.warn(
			{ prdId: this.#docId, revision, outcome, err },
			"a commit did not go through; reading the document back",
		);
		const { lost, culprit } = document.giveUp(outcome);
		culprit?.answer({ outcome: "refused", error: NOT_STORABLE });
		this.lost.add(lost, epoch);
		this.#announcer.lostAt(revision);
		this.#document = undefined;
		this.#settled.give();
		if (outcome === "unknown") this.#readBack.afterFailure(err);
		else void this.#readBack.begin();
		return lost.length;
	}

	/** Another node has written. False: it is not there any more. */
	reload(document: AwakeDocument): false {
		if (this.#document === document) this.lose("fenced", undefined);
		return false;
	}

	/**
	 * False when another node has written or deleted the document: it has then been thrown away. Otherwise it is not
	 * older than the disk was at the time of the call; own commits that are on disk and not reported yet are waited for.
	 */
	async agreesWithDisk(document: AwakeDocument): Promise<boolean> {
		const { state } = document;
		const before = state.committedRev;
		const [onDisk = 0] = await this.#ports.log.heads([state.docKey]);
		// What was committed is gone: another node has deleted the document.
		if (onDisk < before) return this.reload(document);
		while (this.#document === document && state.committedRev < onDisk) {
			if (state.rev < onDisk) return this.reload(document);
			await this.#settled.next();
		}
		return this.#document === document;
	}

	/** A session that had several in flight must join again: their common context is gone. */
	async #replay(epoch: string): Promise<void> {
		const isSame = this.lost.isOf(epoch);
		for (const { item, isAlone } of this.lost.take())
			if (isSame) await this.#owner.replay(item, isAlone);
			else item.answer(ENDED.deleted);
	}
}
