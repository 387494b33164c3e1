import type { Generated } from "kysely";
import type { Approval } from "../approvals/approval.ts";
import type { Verdict } from "../protocol/schemas/approval.ts";
import type { Role } from "../shared/roles.ts";

/** Tables as the queries see them; the migrations make them. Times are milliseconds since 1970 UTC. */
export interface Schema {
	readonly documents: {
		readonly id: Generated<number>;
		readonly doc_id: string;
		readonly head: number;
		readonly fence: Generated<number>;
		readonly epoch: string;
		readonly horizon: number;
		readonly created_at: number;
	};
	/** Prefixes of op ids: client ids, and session ids of clients without one. */
	readonly clients: {
		readonly id: Generated<number>;
		readonly client_id: string;
		readonly user_id: string;
	};
	readonly writers: {
		readonly id: Generated<number>;
		readonly doc: number;
		readonly session_id: string;
		readonly replica_id: string;
		readonly user_id: string;
		readonly client: number;
	};
	/** Writers that have been ended: ops of sessions that joined under an older fence are not taken. */
	readonly fences: {
		readonly doc: number;
		readonly client_id: string;
		readonly user_id: string;
		readonly fence: number;
	};
	/** The op log. `op`, `marks` and `astral` are JSON text: a JSON type would alter them. */
	readonly ops: {
		readonly doc: number;
		readonly rev: number;
		readonly client: number;
		readonly seq: number;
		readonly writer: number;
		readonly base: number;
		readonly op: string;
		readonly marks: string | null;
		readonly astral: string | null;
		readonly payload_hash: string;
		readonly committed_at: number;
	};
	readonly snapshots: {
		readonly doc: number;
		readonly rev: number;
		readonly text: string;
		/** JSON text. */
		readonly runs: string;
		/** JSON text: `[replica, count][]`. */
		readonly clock: string;
		readonly checksum: string;
	};
	readonly rooms: {
		readonly room_id: string;
		readonly kind: "document" | "room";
		readonly title: string;
		readonly visibility: "private" | "public";
		readonly created_at: number;
		/** JSON text of an object. */
		readonly metadata: string;
		/** The latest; null before the first. */
		readonly version: string | null;
	};
	readonly versions: {
		readonly doc_id: string;
		readonly number: number;
		readonly version: string;
		readonly revision: number;
		readonly changelog: string;
		readonly author_id: string;
		readonly author_name: string;
		readonly created_at: number;
		readonly commit_hash: string;
		readonly parent: string | null;
		readonly tree: string;
		readonly message: string;
		readonly text: string;
		/** JSON text. */
		readonly runs: string;
		/** JSON text; null until somebody has asked who wrote what. */
		readonly authors: string | null;
	};
	/** Tokens that no longer admit: `name` is a token's `jti`, or a user id. */
	readonly revocations: {
		readonly kind: "token" | "user";
		readonly name: string;
		readonly revoked_at: number;
		/** The row may go then. */
		readonly until: number;
	};
	readonly room_members: {
		readonly room_id: string;
		readonly user_id: string;
		readonly role: Role;
	};
	readonly approvals: {
		readonly approval_id: string;
		readonly doc_id: string;
		readonly version: string;
		readonly content_hash: string;
		/** JSON text: who it was. */
		readonly requester: string;
		/** JSON text: user ids. */
		readonly approvers: string;
		readonly message: string | null;
		/** JSON text. */
		readonly policy: string;
		readonly state: Approval["state"];
		/** How many decisions there are. */
		readonly decided: number;
		readonly requested_at: number;
		readonly due_at: number | null;
		readonly completed_at: number | null;
		/** JSON text. */
		readonly cancellation: string | null;
	};
	readonly approval_decisions: {
		readonly approval_id: string;
		readonly approver_id: string;
		/** From 0. */
		readonly nth: number;
		/** JSON text: who it was. */
		readonly approver: string;
		readonly verdict: Verdict;
		readonly comment: string | null;
		readonly decided_at: number;
	};
	/** What has happened, in order; append-only. */
	readonly facts: {
		readonly id: Generated<number>;
		readonly kind: string;
		readonly doc_id: string;
		readonly actor: string;
		/** JSON text of an object. */
		readonly payload: string;
		readonly at: number;
	};
	readonly comments: {
		readonly id: Generated<number>;
		readonly comment_id: string;
		readonly doc_id: string;
		/** The thread's first comment; its own id for itself. */
		readonly thread_id: string;
		readonly author_id: string;
		/** JSON text: who it was. */
		readonly author: string;
		readonly content: string;
		/** Of the anchor. */
		readonly anchor_rev: number | null;
		/** JSON text; null: it stands nowhere in the text. */
		readonly anchor: string | null;
		readonly quote: string | null;
		/** JSON text: by whom and when; null while it is open. */
		readonly resolved: string | null;
		readonly created_at: number;
		readonly edited_at: number | null;
	};
	readonly comment_mentions: {
		readonly comment_id: string;
		readonly user_id: string;
		/** From 0, as the author named them. */
		readonly nth: number;
		readonly seen_at: number | null;
	};
	readonly comment_reactions: {
		readonly comment_id: string;
		readonly reaction: string;
		readonly user_id: string;
		readonly at: number;
	};
}
