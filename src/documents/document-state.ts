import {
	contextAstral,
	contextLength,
	type PathOp,
	rebase,
} from "../ot/bridge.ts";
import type { CommittedOp } from "../ot/committed-op.ts";
import { type DocumentOp, fits } from "../ot/document-op.ts";
import { netLength } from "../ot/text-op.ts";
import { carry, noteOf } from "../ot/unicode.ts";
import { type OpMessage, opMessage } from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import { fromSimple } from "../protocol/simple-format.ts";
import type { Submission } from "../protocol/submission.ts";
import { type DocId, type ReplicaId, splitOpId } from "../shared/ids.ts";
import type { Limits } from "../shared/limits.ts";
import { DocumentSession } from "./document-session.ts";
import { DocumentSessions } from "./document-sessions.ts";
import type { DocumentSize } from "./document-size.ts";
import type { DocKey } from "./op-log.ts";
import type { OpTail } from "./op-tail.ts";

/** An op may be based at most this far below the head: transforming over it costs about a millisecond. */
const FARTHEST_BASE = 10_000;
/** Astral characters times ops that UTF-16 positions are led back over, at most: some milliseconds. */
const FARTHEST_ASTRAL = 1_000_000;

/** What a document is made of when it is loaded; the text is not part of it. */
export interface LoadedDocument {
	readonly docId: DocId;
	readonly docKey: DocKey;
	readonly epoch: string;
	readonly horizon: number;
	readonly rev: number;
	readonly fence: number;
	/** Code points of the text at `rev`. */
	readonly length: number;
	readonly size: DocumentSize;
	readonly astral: readonly number[];
	readonly clock: Map<ReplicaId, number>;
	readonly tail: OpTail;
}

export interface Sequenced {
	readonly committed: CommittedOp;
	readonly message: OpMessage;
}

/**
 * A document's head as it will be when everything sequenced is on disk. Pure: it gives submissions their place and
 * their form there; who commits, publishes and answers is the actor. On a failed commit it is thrown away whole.
 */
export class DocumentState {
	readonly docId: DocId;
	readonly docKey: DocKey;
	readonly epoch: string;
	readonly horizon: number;
	readonly tail: OpTail;
	readonly clock: Map<ReplicaId, number>;
	/** Newest revision on disk; up to it a client may have seen the document. */
	committedRev: number;
	/** What commits are compared with: rises when clients come back. */
	fence: number;
	/** At `rev`. */
	readonly size: DocumentSize;
	readonly sessions: DocumentSessions;
	#rev: number;
	#length: number;
	#astral: readonly number[];
	readonly #limits: Limits;

	constructor(loaded: LoadedDocument, limits: Limits) {
		this.docId = loaded.docId;
		this.docKey = loaded.docKey;
		this.epoch = loaded.epoch;
		this.horizon = loaded.horizon;
		this.tail = loaded.tail;
		this.clock = loaded.clock;
		this.committedRev = loaded.rev;
		this.fence = loaded.fence;
		this.size = loaded.size;
		this.sessions = new DocumentSessions(loaded.tail);
		this.#rev = loaded.rev;
		this.#length = loaded.length;
		this.#astral = loaded.astral;
		this.#limits = limits;
	}

	/** Newest sequenced revision; what is above `committedRev` is on its way to the disk. */
	get rev(): number {
		return this.#rev;
	}

	/**
	 * Oldest revision after which the tail must be known to judge this submission.
	 * Throws `RESYNC_REQUIRED` when that is out of reach.
	 */
	tailNeeded(submission: Submission): number {
		const { sessions } = this;
		const session =
			sessions.find(submission.sessionId) ?? new DocumentSession(submission);
		const farthest = Math.max(this.horizon, this.#rev - FARTHEST_BASE);
		const needed = session.tailNeeded(submission, farthest);
		const own = submission.seq === 1 ? this.#rev : this.ownNeeded(submission);
		const oldest = Math.max(0, Math.min(needed, own, this.#rev));
		if (oldest < farthest)
			throw new CollabError(
				"RESYNC_REQUIRED",
				"The operation is based on a revision that is too old",
				{ reason: "horizon", revision: this.committedRev },
			);
		return oldest;
	}

	/** Oldest revision after which the tail must be known to take the submission's session in. */
	ownNeeded({ sessionId, joinedRev }: Submission): number {
		return this.sessions.find(sessionId) === undefined ? joinedRev : this.#rev;
	}

	/**
	 * Gives a submission its place at the head. Throws what makes it a refusal; nothing has changed then but the
	 * session's place in its own order.
	 */
	sequence(
		submission: Submission,
		payloadHash: string,
		nowMs: number,
	): Sequenced {
		const session = this.sessions.of(submission);
		try {
			session.take(submission);
			return this.#place(session, submission, payloadHash, nowMs);
		} catch (error) {
			if (error instanceof CollabError) session.refused(submission.seq, error);
			throw error;
		}
	}

	#place(
		session: DocumentSession,
		submission: Submission,
		payloadHash: string,
		nowMs: number,
	): Sequenced {
		const base = session.baseOf(submission, this);
		const { clockCorrected } = base;
		const { bridge } = session;
		const baseRev = session.contextRev(base.baseRev, this);
		const path = bridge.path(baseRev, (since) => this.tail.after(since));
		this.#refuseForeignOwn(submission, baseRev);
		const submitted = this.#read(submission, path);
		this.size.refuseExcess(submitted, this.#limits.documentBytes);
		const op = rebase(submitted, path);
		// The same code points may be other UTF-16 units when astral characters came or went on the way.
		const isChanged =
			path.length > 0 &&
			(!sameOp(op, submitted) || this.#hasAstralOn(submission, path));
		const rev = this.#rev + 1;
		bridge.advance(baseRev, path, submitted, rev);
		session.wrote();
		const astral = this.#advance(op, session.replicaId);
		const committed: CommittedOp = {
			rev,
			op,
			...(astral === undefined ? {} : { astral }),
			opId: submission.opId,
			userId: session.userId,
			replicaId: session.replicaId,
			sessionId: session.sessionId,
			baseRev,
			payloadHash,
			committedAtMs: nowMs,
		};
		const message = opMessage(this.docId, committed, this.clock, {
			...(isChanged ? { changed: true } : {}),
			...(clockCorrected ? { clockCorrected } : {}),
		});
		this.tail.push(committed, message);
		return { committed, message };
	}

	/** Moves the head over `op`; returns the op's astral note. */
	#advance(op: DocumentOp, replicaId: ReplicaId): CommittedOp["astral"] {
		const before = this.#astral;
		this.#astral = carry(before, op.t);
		this.#rev += 1;
		this.#length += netLength(op.t);
		this.size.add(op);
		this.clock.set(replicaId, (this.clock.get(replicaId) ?? 0) + 1);
		return noteOf(op, before, this.#astral);
	}

	/** An op of the same client under an earlier session is in the author's context, but not in this session's. */
	#refuseForeignOwn({ opId, sessionId }: Submission, baseRev: number): void {
		const { client } = splitOpId(opId);
		if ((client as string) === sessionId) return;
		const own = (op: CommittedOp) =>
			op.sessionId !== sessionId && op.opId.startsWith(`${client}:`);
		if (this.tail.after(baseRev).some(own))
			throw new CollabError(
				"RESYNC_REQUIRED",
				"An operation sent before this one has been committed meanwhile",
				{ reason: "bridge" },
			);
	}

	#read({ edit }: Submission, path: readonly PathOp[]): DocumentOp {
		const op =
			edit.form === "native"
				? { t: edit.op, m: edit.marks }
				: fromSimple(
						edit.operation,
						edit.unit,
						edit.unit === "utf16" ? this.#astralBefore(path) : [],
					);
		fits(op, contextLength(this.#length, path));
		return op;
	}

	/** Astral positions where the path begins; every step of the way back costs as much as the list is long. */
	#astralBefore(path: readonly PathOp[]): readonly number[] {
		if (path.length * this.#astral.length > FARTHEST_ASTRAL)
			throw new CollabError(
				"RESYNC_REQUIRED",
				"The operation is based on a revision that is too old",
				{ reason: "horizon", revision: this.committedRev },
			);
		return contextAstral(this.#astral, path);
	}

	#hasAstralOn({ edit }: Submission, path: readonly PathOp[]): boolean {
		if (edit.form === "native" || edit.unit !== "utf16") return false;
		return (
			this.#astral.length > 0 || path.some(({ astral }) => astral !== undefined)
		);
	}
}

const sameOp = (a: DocumentOp, b: DocumentOp): boolean =>
	JSON.stringify([a.t, a.m]) === JSON.stringify([b.t, b.m]);
