import type { OpId, ReplicaId, SessionId, UserId } from "../shared/ids.ts";
import type { DocumentOp } from "./document-op.ts";
import type { AstralNote } from "./unicode.ts";

/** An op with a place in history: it turns the text at `rev - 1` into the text at `rev`. */
export interface CommittedOp {
	readonly rev: number;
	readonly op: DocumentOp;
	/** Where characters above U+FFFF stood that the op skips or deletes; absent when there were none. */
	readonly astral?: AstralNote;
	readonly opId: OpId;
	readonly userId: UserId;
	readonly replicaId: ReplicaId;
	readonly sessionId: SessionId;
	/** The revision that its author had seen (own later ops aside). */
	readonly baseRev: number;
	/** Names the payload as it was submitted: a reused op id with another payload is refused. */
	readonly payloadHash: string;
	readonly committedAtMs: number;
}
