import type {
	ClientId,
	DocId,
	ReplicaId,
	SessionId,
	UserId,
} from "../shared/ids.ts";
import type { CatchUp } from "./catch-up.ts";
import type { Member } from "./members.ts";
import type { EndedWriter } from "./op-log.ts";

/** A place in the history, as a client tells it. */
type Since = (
	| { readonly rev: number }
	| { readonly clock: Readonly<Record<string, number>> }
) & { readonly epoch?: string };

export interface JoinRequest {
	readonly docId: DocId;
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly clientId?: ClientId;
	readonly since?: Since;
	/** The session that it goes on for. */
	readonly earlier?: SessionId;
	/** The session itself has been in the document before. */
	readonly isAnew?: boolean;
}

export interface JoinedDocument {
	readonly revision: number;
	readonly epoch: string;
	/** Its submissions carry it. */
	readonly fence: number;
	readonly replicaId: ReplicaId;
	readonly inherited: readonly SessionId[];
	readonly vectorClock: Readonly<Record<string, number>>;
	readonly state: CatchUp;
}

/**
 * Who must not write any more once a join has been answered: whoever comes back makes anew what the answer does not
 * name. Nobody, where somebody comes for the first time.
 */
export function earlierWriters(
	{ sessionId, userId, clientId, since, earlier, isAnew = false }: JoinRequest,
	{ inherited }: Member,
	ended: readonly SessionId[],
): readonly EndedWriter[] {
	const isBack =
		since !== undefined || earlier !== undefined || isAnew || ended.length > 0;
	if (!isBack) return [];
	const prefixes = new Set([
		...(clientId === undefined ? [] : [clientId]),
		...(earlier === undefined ? [] : [earlier]),
		...(isAnew ? [sessionId] : []),
		...inherited,
		...ended,
	]);
	return [...prefixes].map((client) => ({ client, userId }));
}
