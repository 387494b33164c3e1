import type { AttributeRun } from "../ot/marks.ts";
import type { PresentSession } from "../presence/presence-book.ts";
import type { OpMessage } from "../protocol/document-message.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type { Entrance } from "../rooms/rooms.ts";
import type {
	ClientId,
	DocId,
	ReplicaId,
	SessionId,
	UserId,
} from "../shared/ids.ts";
import type { Role } from "../shared/roles.ts";

export interface EnterRequest {
	readonly docId: DocId;
	readonly userId: UserId;
	/** Make the document (the user becomes its owner) when there is none. */
	readonly create: boolean;
	/** Role from the token's `permissions`: decides instead of the members' list when present. */
	readonly tokenRole?: Role;
}

export interface JoinRequest {
	readonly docId: DocId;
	readonly sessionId: SessionId;
	readonly userId: UserId;
	/** The session's client id; earlier sessions of the same client in this document end. */
	readonly clientId?: ClientId;
	/** What the client has: catch-up by ops when recent enough and of the same epoch. */
	readonly since?: { readonly rev: number; readonly epoch?: string };
}

export interface JoinAnswer {
	readonly revision: number;
	readonly epoch: string;
	readonly replicaId: ReplicaId;
	/** The whole clock at `revision`. */
	readonly vectorClock: Readonly<Record<string, number>>;
	readonly state:
		| {
				readonly kind: "snapshot";
				readonly text: string;
				readonly runs: readonly AttributeRun[];
		  }
		/** Complete and contiguous from `since.rev + 1` to `revision`. */
		| { readonly kind: "ops"; readonly ops: readonly OpMessage[] };
}

/** What the gateway needs of the other services. Every call may reject with a `CollabError`. */
export interface Backend {
	/** Throws `NOT_FOUND` (no document, `create` false) or `FORBIDDEN` (no role). */
	enterRoom(request: EnterRequest): Promise<Entrance>;
	/** Throws `FORBIDDEN` unless `byUserId` owns the room. */
	invite(request: {
		readonly docId: DocId;
		readonly byUserId: UserId;
		readonly userId: UserId;
		readonly role: Role;
	}): Promise<void>;
	/** Registers the session with the document's owner and answers with what it must get. Reads committed state only. */
	joinDocument(request: JoinRequest): Promise<JoinAnswer>;
	leaveDocument(request: {
		readonly docId: DocId;
		readonly sessionId: SessionId;
	}): Promise<void>;
	/** Submissions of one event-loop turn travel together; each has its own result. Never rejects: `unknown` instead. */
	submit(submission: Submission): Promise<SubmissionResult>;
	/** Committed ops with `since < rev`, contiguous, from the log; bounded: ask again from the last one. */
	opsSince(docId: DocId, since: number): Promise<readonly OpMessage[]>;
	/** Tells who is there; answers with the others. */
	present(
		docId: DocId,
		session: PresentSession,
	): Promise<readonly PresentSession[]>;
	absent(docId: DocId, sessionId: SessionId): Promise<void>;
}
