import type { CommittedOp } from "../ot/committed-op.ts";
import type { AstralNote } from "../ot/unicode.ts";
import type {
	DocId,
	OpId,
	ReplicaId,
	SessionId,
	UserId,
} from "../shared/ids.ts";

/** What every gateway with a member hears of one committed op, in `rev` order but for losses. */
export interface OpMessage {
	readonly head: OpHead;
	/** JSON text of the native `operation:applied` data: serialized once, passed on as it is. */
	readonly body: string;
}

export interface OpHead {
	readonly kind: "op";
	readonly rev: number;
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly replicaId: ReplicaId;
	readonly opId: OpId;
	/** Clock after the op: whole up to 32 entries, otherwise what changed. */
	readonly clock: Readonly<Record<string, number>>;
	/** The committed op differs from the one submitted. Live messages only. */
	readonly changed?: true;
	/** The submitted clock was off and has been put right. Live messages only. */
	readonly clockCorrected?: true;
	readonly astral?: AstralNote;
}

/** The owner repeats its head, so that a lost last op is noticed. */
export interface HeadMessage {
	readonly head: { readonly kind: "head"; readonly rev: number };
}

/** Everything that travels on a document's channel. */
export type DocumentHeadMessage =
	| OpHead
	| HeadMessage["head"]
	/** An event for the sessions in the document but for one; its data is the body. */
	| {
			readonly kind: "event";
			/** A `ServerEventName`, by whose schema the body was made. */
			readonly name: string;
			readonly except?: SessionId;
			/** JSON text of its data for sessions that count code points, where that differs. */
			readonly inCodePoints?: string;
	  }
	/** The document is gone, and everybody's part in it with it. */
	| { readonly kind: "deleted" };

export const documentChannel = (docId: DocId): string => `doc.${docId}`;

/** A clock on the wire is whole up to this many entries. */
export const WHOLE_CLOCK_ENTRIES = 32;

/** Builds the message of a committed op; `clock` is the whole clock after it. */
export function opMessage(
	docId: DocId,
	committed: CommittedOp,
	clock: ReadonlyMap<ReplicaId, number>,
	flags: { readonly changed?: true; readonly clockCorrected?: true } = {},
): OpMessage {
	const { rev, op, opId, userId, replicaId, sessionId, astral } = committed;
	const wireClock =
		clock.size <= WHOLE_CLOCK_ENTRIES
			? Object.fromEntries(clock)
			: { [replicaId]: clock.get(replicaId) ?? 0 };
	const body = JSON.stringify({
		prdId: docId,
		op: op.t,
		...(op.m.length === 0 ? {} : { marks: op.m }),
		userId,
		sessionId,
		opId,
		revision: rev,
		clock: wireClock,
	});
	return {
		head: {
			kind: "op",
			rev,
			sessionId,
			userId,
			replicaId,
			opId,
			clock: wireClock,
			...flags,
			...(astral === undefined ? {} : { astral }),
		},
		body,
	};
}
