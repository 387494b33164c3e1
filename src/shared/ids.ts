declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A document's id, also the id of the room around it (`prdId` on the wire). */
export type DocId = Branded<"DocId">;
export type UserId = Branded<"UserId">;
/** One authenticated connection, from greeting to close. */
export type SessionId = Branded<"SessionId">;
/** One SDK instance (one tab) across its reconnects. */
export type ClientId = Branded<"ClientId">;
/** A session's key in the vector clock: the user id, or `user~2` for a second tab. */
export type ReplicaId = Branded<"ReplicaId">;
/** `<clientId>:<seq>`: names a submission for ever. */
export type OpId = Branded<"OpId">;

const DOC_ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;
const CLIENT_ID = /^[A-Za-z0-9_-]{8,64}$/;
/** Session ids begin so and client ids do not: nobody can take another session's op ids as his client's. */
const SESSION_PREFIX = "s_";
const OP_ID = /^([A-Za-z0-9_-]{8,64}):(0|[1-9][0-9]{0,14})$/;

export const isDocId = (text: string): text is DocId => DOC_ID.test(text);
export const isClientId = (text: string): text is ClientId =>
	CLIENT_ID.test(text);
/** A session id around random characters of the form of an id. */
export const sessionIdOf = (random: string): SessionId =>
	`${SESSION_PREFIX}${random}` as SessionId;
export const looksLikeSessionId = (id: string): boolean =>
	id.startsWith(SESSION_PREFIX);
export const isOpId = (text: string): text is OpId => OP_ID.test(text);

export const opIdOf = (client: ClientId | SessionId, seq: number): OpId =>
	`${client}:${seq}` as OpId;

/** The two halves of an op id; the prefix is a client id or a session id. */
export function splitOpId(opId: OpId): {
	readonly client: ClientId;
	readonly seq: number;
} {
	const colon = opId.lastIndexOf(":");
	return {
		client: opId.slice(0, colon) as ClientId,
		seq: Number(opId.slice(colon + 1)),
	};
}

/** The user behind a replica id (user ids have no `~`). */
export const userOfReplica = (replica: ReplicaId): UserId => {
	const tilde = replica.indexOf("~");
	return (tilde < 0 ? replica : replica.slice(0, tilde)) as string as UserId;
};
