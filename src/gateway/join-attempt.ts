import { colorOf } from "../presence/color.ts";
import type { PresentSession } from "../presence/presence-book.ts";
import type { Request } from "../protocol/envelope.ts";
import type { SessionId } from "../shared/ids.ts";
import type { Mode } from "../shared/roles.ts";
import type { Identity } from "./authenticate.ts";
import type { JoinAnswer, JoinRequest } from "./backend.ts";
import type { Participation } from "./participation.ts";
import type { Session } from "./session.ts";

/** A join under way: who asks for what. */
export interface JoinAttempt {
	readonly session: Session;
	readonly request: Request<"document:join">;
	/** As it was when the join began: the session may end meanwhile. */
	readonly identity: Identity;
}

export function participationOf(
	{ session, request: { data }, identity }: JoinAttempt,
	{ replicaId, revision }: JoinAnswer,
	nowMs: number,
): Participation {
	const { prdId, mode, clientId, format = "simple" } = data;
	return {
		docId: prdId,
		userId: identity.userId,
		mode,
		unit: format === "native" ? "codepoint" : (data.unit ?? "utf16"),
		format,
		clientId,
		replicaId,
		joinedRev: revision,
		present: presentSession(session.id, identity, mode, nowMs),
	};
}

function presentSession(
	sessionId: SessionId,
	{ userId, name, avatar }: Identity,
	mode: Mode,
	nowMs: number,
): PresentSession {
	return {
		sessionId,
		userId,
		userName: name,
		...(avatar === undefined ? {} : { avatar }),
		mode,
		color: colorOf(userId),
		lastActivity: new Date(nowMs).toISOString(),
	};
}

/** What the owner is asked: from where on, if the client says what it has. */
export function joinRequestOf({
	session,
	request: { data },
	identity,
}: JoinAttempt): JoinRequest {
	const { prdId, clientId, lastKnownRevision: rev, lastEpoch: epoch } = data;
	const since =
		rev === undefined
			? undefined
			: { rev, ...(epoch === undefined ? {} : { epoch }) };
	return {
		docId: prdId,
		sessionId: session.id,
		userId: identity.userId,
		...(clientId === undefined ? {} : { clientId }),
		...(since === undefined ? {} : { since }),
	};
}
