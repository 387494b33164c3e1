import { Bridge } from "../ot/bridge.ts";
import type { CommittedOp } from "../ot/committed-op.ts";
import {
	clockBack,
	namesSameContext,
	SeenClock,
	toWireClock,
} from "../ot/vector-clock.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Submission } from "../protocol/submission.ts";
import {
	type OpId,
	type ReplicaId,
	type SessionId,
	splitOpId,
	type UserId,
} from "../shared/ids.ts";

/** Refusals that a session may ask for again: as many as it may have in flight. */
const REMEMBERED_REFUSALS = 64;

/** The part of a document that tells what an author can have seen. */
export interface History {
	/** Newest revision on disk: no client has seen more. */
	readonly committedRev: number;
	/** Clock at the sequenced head. */
	readonly clock: ReadonlyMap<ReplicaId, number>;
	readonly tail: {
		readonly since: number;
		after(since: number): readonly CommittedOp[];
	};
}

type WireClock = Readonly<Record<string, number>>;

/** What the owner knows of one session that writes in one document. */
export class DocumentSession {
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly replicaId: ReplicaId;
	/** Head of the document when the session joined it. */
	readonly joinedRev: number;
	/** Own ops accepted since the join. */
	#ownOps = 0;
	/** Revision of the newest own op that was there when the document was loaded anew; 0 when there is none. */
	#resumedRev = 0;
	/** What it has seen of the others by clock; made with its first clock. */
	#seen: SeenClock | undefined;
	/** The session's context; it starts at the base of the first op. */
	readonly bridge = new Bridge();
	/** Seq of the newest submission that was judged. */
	#seq: number;
	readonly #refusals = new Map<number, CollabError>();

	constructor(
		who: {
			readonly sessionId: SessionId;
			readonly userId: UserId;
			readonly replicaId: ReplicaId;
			readonly joinedRev: number;
		},
		seq = 0,
	) {
		this.sessionId = who.sessionId;
		this.userId = who.userId;
		this.replicaId = who.replicaId;
		this.joinedRev = who.joinedRev;
		this.#seq = seq;
	}

	/** Oldest revision after which ops must be known to judge this submission of the session. */
	tailNeeded({ revision, clock, opId }: Submission, farthest: number): number {
		let oldest = revision ?? Number.POSITIVE_INFINITY;
		if (clock === undefined) return oldest;
		oldest = Math.min(oldest, this.#seen?.rev ?? this.joinedRev);
		const resentFrom = clockSum(clock) - 1;
		// A clock with gaps sums to less than it means: what lies out of reach is no old op.
		return this.#mayBeOld(opId) && resentFrom >= farthest
			? Math.min(oldest, resentFrom)
			: oldest;
	}

	/**
	 * Takes the submission's place in the session's order. Throws the first answer of a repeated refused one, and
	 * `RESYNC_REQUIRED` when one before it is missing, or was refused and the author had not heard so.
	 */
	take({ seq, settled }: Submission): void {
		const refusal = this.#refusals.get(seq);
		if (refusal !== undefined) throw refusal;
		const inOrder = seq === this.#seq + 1;
		// A hole is harmless when everything before it has been answered (refused before it came here).
		const afterHole = seq > this.#seq && settled === seq - 1;
		if (!inOrder && !afterHole)
			throw new CollabError(
				"RESYNC_REQUIRED",
				"An earlier operation of this session is missing",
				{ reason: "sequence" },
			);
		if (this.#presupposesRefused(seq, settled))
			throw new CollabError(
				"RESYNC_REQUIRED",
				"An earlier operation of this session was refused",
				{ reason: "refused" },
			);
		this.#seq = seq;
	}

	/** Whether one before it was refused, and the author had not heard so when he sent it. */
	#presupposesRefused(seq: number, settled: number): boolean {
		for (const refused of this.#refusals.keys())
			if (settled < refused && refused < seq) return true;
		return false;
	}

	refused(seq: number, error: CollabError): void {
		this.#refusals.set(seq, error);
		const [oldest] = this.#refusals.keys();
		if (this.#refusals.size > REMEMBERED_REFUSALS && oldest !== undefined)
			this.#refusals.delete(oldest);
	}

	/** Counts an own op. */
	wrote(): void {
		this.#ownOps += 1;
	}

	/** Counts an own op that was in the log when the document was loaded anew. */
	hadWritten(rev: number): void {
		this.wrote();
		this.#resumedRev = rev;
	}

	/**
	 * The base as revision: own ops are in the context although nobody counts them as seen. Throws `RESYNC_REQUIRED`
	 * when foreign ops stand before an own one that was made without them: that context went with the document.
	 */
	contextRev(baseRev: number, { tail }: History): number {
		if (baseRev >= this.#resumedRev) return baseRev;
		const unseen = (op: CommittedOp) =>
			op.rev < this.#resumedRev && op.sessionId !== this.sessionId;
		if (!tail.after(baseRev).some(unseen)) return this.#resumedRev;
		throw new CollabError(
			"RESYNC_REQUIRED",
			"The context of this operation is no longer known",
			{ reason: "bridge" },
		);
	}

	/**
	 * The revision up to which the author had seen the others' ops.
	 * Throws `REVISION_AHEAD`, or `OPERATION_INVALID` for a clock that matches no state.
	 */
	baseOf(
		{ revision, clock, opId }: Submission,
		history: History,
	): { readonly baseRev: number; readonly clockCorrected?: true } {
		if (revision !== undefined && revision > history.committedRev)
			throw new CollabError(
				"REVISION_AHEAD",
				"The operation is based on a revision that does not exist yet",
				{ revision: history.committedRev },
			);
		if (clock === undefined)
			return { baseRev: revision ?? history.committedRev };
		const mayBeOld = this.#mayBeOld(opId);
		const seen = this.#seenBy(clock, mayBeOld, history);
		const foreign = history.tail
			.after(seen.rev)
			.filter(
				(op) =>
					op.rev <= history.committedRev && op.sessionId !== this.sessionId,
			);
		if (foreign.some((op) => op.replicaId === this.replicaId))
			throw sharedReplica();
		try {
			if (mayBeOld) refuseGaps(clock, seen);
			const baseRev = seen.resolve(clock, this.#ownOps + 1, foreign);
			if (
				revision !== undefined &&
				!namesSameContext(revision, baseRev, foreign)
			)
				throw new CollabError(
					"OPERATION_INVALID",
					"Clock and revision name different states",
					{ reason: "clock" },
				);
			seen.advance(baseRev, foreign);
			return { baseRev: revision ?? baseRev };
		} catch (error) {
			if (mayBeOld && this.joinedRev > 0) throw contextLost(error);
			// Before the first foreign op the context is unambiguous, whatever the clock says.
			const isUnambiguous = foreign.length === 0 && seen.rev === this.joinedRev;
			if (!isUnambiguous || isTooLarge(error)) throw error;
			return { baseRev: revision ?? seen.rev, clockCorrected: true };
		}
	}

	/** The first op after a join may be an old one, sent again as it was; what this session itself has named is new. */
	#mayBeOld(opId: OpId): boolean {
		return (
			this.#ownOps === 0 &&
			(splitOpId(opId).client as string) !== this.sessionId
		);
	}

	#seenBy(clock: WireClock, mayBeOld: boolean, history: History): SeenClock {
		const resentFrom = clockSum(clock) - 1;
		const mayBeResent =
			mayBeOld &&
			this.#seen === undefined &&
			resentFrom >= history.tail.since &&
			resentFrom < this.joinedRev;
		if (mayBeResent) {
			const seen = this.#seenAt(resentFrom, history);
			if (fitsExactly(seen, clock)) this.#seen = seen;
		}
		this.#seen ??= this.#seenAt(this.joinedRev, history);
		return this.#seen;
	}

	#seenAt(rev: number, { clock, tail }: History): SeenClock {
		return new SeenClock(
			this.userId,
			rev,
			clockBack(clock, tail.after(rev)),
			this.replicaId,
		);
	}
}

/** A clock that fits nowhere may be an old one: its author is to join again, not to think it wrong. */
const contextLost = (error: unknown): unknown =>
	error instanceof CollabError && error.code === "OPERATION_INVALID"
		? new CollabError("RESYNC_REQUIRED", error.message, error.data)
		: error;

/** Two owners, who did not know of each other's members, have given two sessions one replica. */
const sharedReplica = (): CollabError =>
	new CollabError(
		"RESYNC_REQUIRED",
		"Another session counts under the same replica",
		{ reason: "replica" },
	);

const isTooLarge = (error: unknown): boolean =>
	error instanceof CollabError && error.code === "VALIDATION_FAILED";

/** An old clock lacks who came later: only in a new one is what is absent what it was at the join. */
function refuseGaps(clock: WireClock, seen: SeenClock): void {
	const expected = seen.expected(1);
	for (const replicaId of seen.expected(0).keys())
		if (!Object.hasOwn(clock, replicaId))
			throw new CollabError(
				"RESYNC_REQUIRED",
				"The clock of an operation that may be an old one is whole",
				{ reason: "clock", expected: toWireClock(expected) },
			);
}

/** A clock that fits nowhere is judged against the join, where its error is told. */
function fitsExactly(seen: SeenClock, clock: WireClock): boolean {
	try {
		return seen.resolve(clock, 1, []) === seen.rev;
	} catch {
		return false;
	}
}

function clockSum(clock: WireClock): number {
	let sum = 0;
	for (const count of Object.values(clock)) sum += count;
	return sum;
}
