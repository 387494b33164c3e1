import type { Generated } from "kysely";
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
}
