import type { DocumentOp } from "../ot/document-op.ts";
import type { OpMessage } from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import type { ActorPorts } from "./actor-ports.ts";
import type { AwakeDocument } from "./awake-document.ts";
import { catchUp } from "./catch-up.ts";
import { CommitQueue } from "./commit-queue.ts";
import { DocumentActor } from "./document-actor.ts";
import type { DocumentText, WholeDocument } from "./lazy-text.ts";
import { type Earlier, Members } from "./members.ts";
import { pageOf } from "./op-page.ts";
import { answersWithin } from "./patience.ts";
import { replacement } from "./replacement.ts";
import {
	earlierWriters,
	type JoinedDocument,
	type JoinRequest,
} from "./returning.ts";
import {
	committedRev,
	insertions,
	type ServerEdit,
	submissionsOf,
} from "./server-edit.ts";

/** A document that nobody has open goes to sleep after this long without a request. */
const IDLE_MS = 60_000;
const SWEEP_MS = 10_000;
/** Above this, idle documents go to sleep at once, the longest unused first. */
const MEMORY_BYTES = 536_870_912;
/** One slow document holds back the results of others in the same call no longer; a call itself fails after 5 s. */
const PATIENCE_MS = 1_000;
/** Ops in one answer to `opsSince`. */
const PAGE_OPS = 1_000;

interface Entry {
	readonly actor: DocumentActor;
	readonly members: Members;
	usedAtMs: number;
}

/** The documents that are awake on this node. */
export class DocumentDirectory {
	readonly #ports: ActorPorts;
	readonly #queue: CommitQueue;
	readonly #memoryBytes: number;
	/** Least recently used first. */
	readonly #entries = new Map<DocId, Entry>();
	#cancelSweep: () => void;

	constructor(
		ports: Omit<ActorPorts, "queue">,
		memoryBytes: number = MEMORY_BYTES,
	) {
		this.#queue = new CommitQueue(ports.log);
		this.#memoryBytes = memoryBytes;
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
		const { clock } = this.#ports;
		const byDocument = Map.groupBy(
			submissions.map((submission, index) => ({ submission, index })),
			({ submission }) => submission.docId,
		);
		for (const [docId, items] of byDocument) {
			const { actor, members } = this.#entry(docId);
			for (const { submission } of items) members.meet(submission);
			const answers = actor.submit(
				items.map(({ submission }) => submission),
				(sessionId) => members.endOf(sessionId),
			);
			for (const [i, answer] of answers.entries())
				results[(items[i] as { index: number }).index] = answer;
		}
		return answersWithin(PATIENCE_MS, clock, results);
	}

	/** Registers the session and answers with what it must get; it hears everything above `revision` on the channel. */
	async join(request: JoinRequest): Promise<JoinedDocument> {
		const { docId, sessionId, userId, clientId } = request;
		const entry = this.#entry(docId);
		const { actor, members } = entry;
		const earlier =
			request.earlier === undefined
				? undefined
				: await this.#earlier(entry, userId, request.earlier);
		const since = request.since && { ...request.since, userId };
		// Before it is read: what earlier sessions of the client have still under way is refused from here on.
		const newcomer = { sessionId, userId, clientId, earlier };
		const { member, ended } = members.join(newcomer);
		const enter = ({ state, text }: AwakeDocument): JoinedDocument => {
			if (members.endOf(sessionId) === "deleted")
				throw new CollabError("NOT_FOUND", "There is no such document");
			for (const id of [...ended, sessionId]) state.sessions.leave(id);
			return {
				revision: state.committedRev,
				epoch: state.epoch,
				fence: state.fence,
				replicaId: member.replicaId,
				inherited: member.inherited,
				vectorClock: Object.fromEntries(state.tail.clockAt(state.committedRev)),
				state: catchUp(state, text, since),
			};
		};
		try {
			const writers = earlierWriters(request, member, ended);
			const fence = writers.length > 0 ? await actor.end(writers) : undefined;
			const joined = await actor.read(since, enter);
			return fence === undefined ? joined : { ...joined, fence };
		} catch (error) {
			members.leave(sessionId);
			throw error;
		}
	}

	/** The session that a newcomer goes on for, if it was here and the same person's; after a restart the log knows it. */
	async #earlier(
		{ actor, members }: Entry,
		userId: UserId,
		sessionId: SessionId,
	): Promise<Earlier | undefined> {
		const found =
			members.find(sessionId) ??
			(await actor.read(undefined, (document) => document.writer(sessionId)));
		return found?.userId === userId ? found : undefined;
	}

	leave(docId: DocId, sessionId: SessionId): void {
		const entry = this.#entries.get(docId);
		entry?.members.leave(sessionId);
		entry?.actor.leave(sessionId);
	}

	/** Committed ops with `since < rev`, contiguous; none when that is too far back to be told op by op. */
	async opsSince(docId: DocId, since: number): Promise<readonly OpMessage[]> {
		return this.#entry(docId).actor.read({ rev: since }, ({ state }) => {
			if (since < state.tail.since) return [];
			const upTo = Math.min(state.committedRev, since + PAGE_OPS);
			return pageOf(state.tail.messages(since, upTo));
		});
	}

	/** The text on disk, and where it stands in which history. */
	async read(docId: DocId): Promise<WholeDocument> {
		return this.#entry(docId).actor.read(undefined, ({ state, text }) => ({
			revision: state.committedRev,
			epoch: state.epoch,
			...text.read(),
		}));
	}

	/** Where a document stands on disk, and how many sessions are in it. */
	async describe(docId: DocId) {
		const { actor, members } = this.#entry(docId);
		return actor.read(undefined, ({ state }) => ({
			revision: state.committedRev,
			epoch: state.epoch,
			sessions: members.size,
		}));
	}

	/**
	 * Puts text at the start of a document, as operations by its user in one transaction. Throws what they are refused
	 * with; `UNAVAILABLE` when it is not known whether they were committed.
	 */
	async importText(edit: ServerEdit, text: string): Promise<void> {
		const { insertCodePoints } = this.#ports.limits;
		await this.#write(edit, insertions(text, insertCodePoints));
	}

	/**
	 * Makes a document's content what is given, by the least that has to change; what others write meanwhile is merged
	 * with it. Refused like `importText`.
	 * @returns the revision that it stands at
	 */
	async replaceContent(
		edit: Omit<ServerEdit, "revision">,
		content: DocumentText,
	): Promise<number> {
		const before = await this.read(edit.docId);
		const { revision } = before;
		const ops = replacement(before, content, this.#ports.limits);
		return (await this.#write({ ...edit, revision }, ops)) ?? revision;
	}

	/** @returns the revision of the last op; undefined when there is none */
	async #write(
		edit: ServerEdit,
		ops: readonly DocumentOp[],
	): Promise<number | undefined> {
		const { actor, members } = this.#entry(edit.docId);
		const endOf = (sessionId: SessionId) => members.endOf(sessionId);
		const submissions = submissionsOf(edit, ops);
		const results = await Promise.all(actor.submit(submissions, endOf, true));
		actor.leave(edit.sessionId);
		return results.map(committedRev).at(-1);
	}

	/**
	 * Runs `erase`, which removes the document from the disk, when nothing of it is on its way there; ends its sessions.
	 * Nothing is committed after it.
	 */
	async erase(docId: DocId, erase: () => Promise<void>): Promise<void> {
		const { actor, members } = this.#entry(docId);
		await actor.erase(async () => {
			await erase();
			members.endAll();
		});
	}

	/** Of these documents those that stand higher on disk than told, and where; wakes nobody. */
	async heads(
		places: readonly (readonly [DocId, number])[],
	): Promise<readonly (readonly [DocId, number])[]> {
		const heads = await this.#ports.log.headsById(places.map(([id]) => id));
		return places.flatMap(([docId, rev]) => {
			const head = heads.get(docId) ?? 0;
			return head > rev ? [[docId, head] as const] : [];
		});
	}

	/**
	 * Lets go of the documents that are not this node's any more: they finish what they have under way, go to sleep and
	 * are forgotten. Never rejects.
	 */
	async moveAway(owns: (docId: DocId) => boolean): Promise<void> {
		const leaving = [...this.#entries].filter(([docId]) => !owns(docId));
		await Promise.all(
			leaving.map(([docId, entry]) => this.#part(docId, entry)),
		);
	}

	async #part(docId: DocId, { actor }: Entry): Promise<void> {
		try {
			await actor.retire();
		} catch (err) {
			this.#ports.logger.error({ prdId: docId, err }, "a document stays here");
		}
		// Somebody may have gone on in it meanwhile.
		if (actor.isIdle && actor.weight === 0) this.#entries.delete(docId);
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
			if (!actor.isIdle || !(unused || weight > this.#memoryBytes)) continue;
			weight -= actor.weight;
			await actor.sleep();
			// Asleep it holds nothing: with nobody there the entry can go too, unless it was used meanwhile.
			if (actor.weight === 0 && actor.isIdle && members.size === 0)
				this.#entries.delete(docId);
		}
	}
}
