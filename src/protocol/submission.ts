import type { Attributes, Mark } from "../ot/marks.ts";
import type { TextOp } from "../ot/text-op.ts";
import type {
	DocId,
	OpId,
	ReplicaId,
	SessionId,
	UserId,
} from "../shared/ids.ts";
import type { OpMessage } from "./document-message.ts";
import type { ErrorCode, ErrorData } from "./errors.ts";

/** What text positions count: UTF-16 code units (`String.length`), or Unicode code points. */
export type Unit = "utf16" | "codepoint";

/** The seeds' operation: one insert, delete, retain or format at one position. */
export interface SimpleOperation {
	readonly type: "insert" | "delete" | "retain" | "format";
	readonly position: number;
	readonly length?: number;
	readonly content?: string;
	readonly attributes?: Attributes;
}

/** An edit as the door has validated it by form; lengths are checked by the owner. */
export type SubmittedEdit =
	| {
			readonly form: "native";
			readonly op: TextOp;
			readonly marks: readonly Mark[];
	  }
	| {
			readonly form: "simple";
			readonly unit: Unit;
			readonly operation: SimpleOperation;
	  };

/** An op on its way in, from a gateway to the document's owner. */
export interface Submission {
	readonly docId: DocId;
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly replicaId: ReplicaId;
	/** Head of the document when this session joined it. */
	readonly joinedRev: number;
	/** As the owner told it at the join: once its client comes back, what joined under an older one is not taken. */
	readonly fence: number;
	/** 1, 2, 3, ...: the order in which the session sent its edits of this document. */
	readonly seq: number;
	/** How many of its earlier edits have been answered; `seq - 1` when none is outstanding. */
	readonly settled: number;
	readonly opId: OpId;
	readonly edit: SubmittedEdit;
	/** At least one of the two; both must name the same revision. */
	readonly revision?: number;
	readonly clock?: Readonly<Record<string, number>>;
	/** Its context is gone: it is answered when it has been committed before, and refused otherwise. */
	readonly mustBeKnown?: true;
}

export interface SubmissionRefusal {
	readonly code: ErrorCode;
	readonly message: string;
	readonly data?: ErrorData;
	readonly retryAfterMs?: number;
}

/**
 * `committed`: on disk at `rev`; its message is (or was) on the document's channel. `known`: it had been committed
 * before; the message is attached because the channel may have carried it before this session joined.
 * `refused`: known not to be committed. `unknown`: ask again with the same op id.
 */
export type SubmissionResult =
	| { readonly outcome: "committed"; readonly rev: number }
	| { readonly outcome: "known"; readonly message: OpMessage }
	| { readonly outcome: "refused"; readonly error: SubmissionRefusal }
	| { readonly outcome: "unknown"; readonly reason: string };
