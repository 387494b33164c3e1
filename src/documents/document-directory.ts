import type { OpMessage } from "../protocol/document-message.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type {
	ClientId,
	DocId,
	ReplicaId,
	SessionId,
	UserId,
} from "../shared/ids.ts";
import type { ActorPorts } from "./actor-ports.ts";
import type { AwakeDocument } from "./awake-document.ts";
import { type CatchUp, type ClientPosition, catchUp } from "./catch-up.ts";
import { CommitQueue } from "./commit-queue.ts";
import { DocumentActor } from "./document-actor.ts";
import type { DocumentText } from "./lazy-text.ts";
import { Members } from "./members.ts";

/** A document that nobody has open goes to sleep after this long without a request. */
const IDLE_MS = 60_000;
const SWEEP_MS = 10_000;
/** Above this, idle documents go to sleep at once, the longest unused first. */
const MEMORY_BYTES = 536_870_912;
/** Ops in one answer to `opsSince`. */
const PAGE_OPS = 1_000;

interface Entry {
	readonly actor: DocumentActor;
	readonly members: Members;
	usedAtMs: number;
}

export interface JoinedDocument {
	readonly revision: number;
	readonly epoch: string;
	readonly replicaId: ReplicaId;
	readonly vectorClock: Readonly<Record<string, number>>;
	readonly state: CatchUp;
}

/** The documents that are awake on this node. */
export class DocumentDirectory {
	readonly #ports: ActorPorts;
	readonly #queue: CommitQueue;
	/** Least recently used first. */
	readonly #entries = new Map<DocId, Entry>();
	#cancelSweep: () => void;

	constructor(ports: Omit<ActorPorts, "queue">) {
		this.#queue = new CommitQueue(ports.log);
		this.#ports = { ...ports, queue: this.#queue };
		this.#cancelSweep = () => {};
	}

	/** Begins to put idle documents to sleep. */
	start(): void {
		this.#cancelSweep = this.#ports.clock.after(SWEEP_MS, () => {
			this.start();
			void this.#sweep();
		});
	}

	/** Finishes what is on its way to the disk and puts every document to sleep. */
	async close(): Promise<void> {
		this.#cancelSweep();
		// What is being judged reaches the queue in the first round, and the disk before the second.
		for (let round = 0; round < 2; round++) {
			await this.#queue.idle();
			for (const { actor } of this.#entries.values()) await actor.sleep();
		}
		this.#entries.clear();
	}

	/** Results in the order of the submissions; those of one document keep their order. */
	async submit(
		submissions: readonly Submission[],
	): Promise<readonly SubmissionResult[]> {
		const results: Promise<SubmissionResult>[] = [];
		const byDocument = Map.groupBy(
			submissions.map((submission, index) => ({ submission, index })),
			({ submission }) => submission.docId,
		);
		for (const [docId, items] of byDocument) {
			const { actor, members } = this.#entry(docId);
			for (const { submission } of items) members.meet(submission);
			const answers = actor.submit(
				items.map(({ submission }) => submission),
				(sessionId) => members.hasEnded(sessionId),
			);
			for (const [i, answer] of answers.entries())
				results[(items[i] as { index: number }).index] = answer;
		}
		return Promise.all(results);
	}

	/** Registers the session and answers with what it must get; it hears everything above `revision` on the channel. */
	async join(request: {
		readonly docId: DocId;
		readonly sessionId: SessionId;
		readonly userId: UserId;
		readonly clientId?: ClientId;
		readonly since?: ClientPosition;
	}): Promise<JoinedDocument> {
		const { docId, sessionId, userId, clientId, since } = request;
		const { actor, members } = this.#entry(docId);
		// First of all: what earlier sessions of the client have still under way is refused from here on.
		const { member, ended } = members.join(sessionId, userId, clientId);
		const enter = ({ state, text }: AwakeDocument): JoinedDocument => {
			for (const earlier of [...ended, sessionId]) state.leave(earlier);
			return {
				revision: state.committedRev,
				epoch: state.epoch,
				replicaId: member.replicaId,
				vectorClock: Object.fromEntries(state.tail.clockAt(state.committedRev)),
				state: catchUp(state, text, since),
			};
		};
		try {
			return await actor.read(since, enter, clientId);
		} catch (error) {
			members.leave(sessionId);
			throw error;
		}
	}

	leave(docId: DocId, sessionId: SessionId): void {
		const entry = this.#entries.get(docId);
		entry?.members.leave(sessionId);
		entry?.actor.leave(sessionId);
	}

	/** Committed ops with `since < rev`, contiguous; none when that is too far back to be told op by op. */
	async opsSince(docId: DocId, since: number): Promise<readonly OpMessage[]> {
		return this.#entry(docId).actor.read({ rev: since }, ({ state }) =>
			since < state.tail.since
				? []
				: state.tail.messages(
						since,
						Math.min(state.committedRev, since + PAGE_OPS),
					),
		);
	}

	/** The text on disk, and its revision. */
	async read(
		docId: DocId,
	): Promise<DocumentText & { readonly revision: number }> {
		return this.#entry(docId).actor.read(undefined, ({ state, text }) => ({
			revision: state.committedRev,
			...text.read(),
		}));
	}

	#entry(docId: DocId): Entry {
		const usedAtMs = this.#ports.clock.nowMs();
		const known = this.#entries.get(docId);
		if (known !== undefined) {
			known.usedAtMs = usedAtMs;
			return known;
		}
		const actor = new DocumentActor(docId, this.#ports);
		const entry = { actor, members: new Members(), usedAtMs };
		this.#entries.set(docId, entry);
		return entry;
	}

	async #sweep(): Promise<void> {
		const nowMs = this.#ports.clock.nowMs();
		let weight = 0;
		for (const { actor } of this.#entries.values()) weight += actor.weight;
		const byUse = [...this.#entries].sort(
			([, a], [, b]) => a.usedAtMs - b.usedAtMs,
		);
		for (const [docId, { actor, members, usedAtMs }] of byUse) {
			const unused = nowMs - usedAtMs >= IDLE_MS && members.size === 0;
			if (!actor.isIdle || !(unused || weight > MEMORY_BYTES)) continue;
			weight -= actor.weight;
			await actor.sleep();
			// Asleep it holds nothing: with nobody there the entry can go too, unless it was used meanwhile.
			if (actor.weight === 0 && actor.isIdle && members.size === 0)
				this.#entries.delete(docId);
		}
	}
}
