import type { AttributeRun } from "../ot/marks.ts";
import type {
	PresentSession,
	StatusChange,
} from "../presence/presence-book.ts";
import type { Asked } from "../protocol/asked.ts";
import type { OpMessage } from "../protocol/document-message.ts";
import type { ReplyData, ServedEventName } from "../protocol/events.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import type {
	InviteRequest,
	KickRequest,
	NewRoom,
	VisitRequest,
} from "../rooms/requests.ts";
import type { Revocation, TokenMark } from "../rooms/revocation-store.ts";
import type { RoomWithRole } from "../rooms/room-store.ts";
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
	/** Signed in by name alone: becomes an editor of what it opens, on a server that has such visitors. */
	readonly isDemo?: boolean;
}

export interface JoinRequest {
	readonly docId: DocId;
	readonly sessionId: SessionId;
	readonly userId: UserId;
	/** The session's client id; earlier sessions of the same client in this document end. */
	readonly clientId?: ClientId;
	/** What the client has: catch-up by ops when recent enough and of the same epoch. */
	readonly since?: Since;
	/** The same user's session before this one: it ends, and its replica and op ids pass on. */
	readonly earlier?: SessionId;
	/** The session has been in the document before: what it sent then is not committed any more. */
	readonly isAnew?: boolean;
}

/** A place in a document's history, by revision or by the client's vector clock. */
export type Since = (
	| { readonly rev: number }
	| { readonly clock: Readonly<Record<string, number>> }
) & { readonly epoch?: string };

export interface JoinAnswer {
	readonly revision: number;
	readonly epoch: string;
	readonly replicaId: ReplicaId;
	/** Goes with every submission; absent: 0. */
	readonly fence?: number;
	/** Sessions of the same user whose op ids are this session's now. */
	readonly inherited?: readonly SessionId[];
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

/** A document and a revision of it. */
export type DocumentPlace = readonly [docId: DocId, rev: number];

/** What the gateway needs of the other services. Every call may reject with a `CollabError`. */
export interface Backend {
	/** Throws `NOT_FOUND` (no document, `create` false) or `FORBIDDEN` (no role). */
	enterRoom(request: EnterRequest): Promise<Entrance>;
	/** The room or document, and the visitor's role there. Throws `NOT_FOUND` or `FORBIDDEN`. */
	visitRoom(request: VisitRequest): Promise<RoomWithRole>;
	/** Throws `ALREADY_EXISTS`, or `FORBIDDEN` by the token. */
	createRoom(request: NewRoom): Promise<void>;
	/** Rooms and documents that the user is a member of, newest first. */
	listRooms(userId: UserId): Promise<readonly RoomWithRole[]>;
	/** Gives a role; all sessions of the invited hear of it. Throws `FORBIDDEN` unless the visitor owns the room. */
	invite(request: InviteRequest): Promise<void>;
	/** Takes the role away; all sessions of the person hear of it. Throws like `invite`. */
	kick(request: KickRequest): Promise<void>;
	/** The role that the members' list gives each of them there, in the order asked; null: none, or no such room. */
	listRoles(
		visits: readonly Pick<VisitRequest, "docId" | "userId">[],
	): Promise<readonly (Role | null)[]>;
	/** Revocations in force that may mean one of these tokens. */
	listRevocations(marks: readonly TokenMark[]): Promise<readonly Revocation[]>;
	/** Registers the session with the document's owner and answers with what it must get. Reads committed state only. */
	joinDocument(request: JoinRequest): Promise<JoinAnswer>;
	leaveDocument(request: {
		readonly docId: DocId;
		readonly sessionId: SessionId;
	}): Promise<void>;
	/** Submissions of one event-loop turn travel together; each has its own result. Never rejects: `unknown` instead. */
	submit(submission: Submission): Promise<SubmissionResult>;
	/**
	 * Committed ops with `since < rev`, contiguous, from the log; bounded: ask again from the last one. None when there
	 * are none, or when that is too far back to be told op by op.
	 */
	opsSince(docId: DocId, since: number): Promise<readonly OpMessage[]>;
	/** Those of the documents that stand higher on disk than told, and where. */
	heads(places: readonly DocumentPlace[]): Promise<readonly DocumentPlace[]>;
	/** Tells who is there; answers with the others. */
	present(
		docId: DocId,
		session: PresentSession,
	): Promise<readonly PresentSession[]>;
	absent(docId: DocId, sessionId: SessionId): Promise<void>;
	/** What the event's service answers; it also decides whether the person may ask. */
	ask<N extends ServedEventName>(asked: Asked<N>): Promise<ReplyData<N>>;
	/**
	 * This gateway lives, and these statuses have changed. False: it is not known, or has asked to be forgotten
	 * (`startsAnew`), and tells `present` again.
	 */
	reportPresence(
		changes: readonly StatusChange[],
		startsAnew: boolean,
	): Promise<boolean>;
}
