import { colorOf } from "../presence/color.ts";
import type { PresentSession } from "../presence/presence-book.ts";
import type { ClientData } from "../protocol/events.ts";
import type { Unit } from "../protocol/submission.ts";
import type { ClientId, DocId, SessionId } from "../shared/ids.ts";
import { type Mode, modeOf, type Role } from "../shared/roles.ts";
import type { Identity } from "./authenticate.ts";
import type { JoinAnswer, JoinRequest } from "./backend.ts";
import type { Participation } from "./participation.ts";
import type { RoleWatch } from "./role-watch.ts";
import type { Session } from "./session.ts";

/** What somebody asks for who wants into a document. */
export interface JoinAsk {
	readonly docId: DocId;
	/** Absent: the most that the role allows, up to `edit`. */
	readonly mode?: Mode;
	readonly create: boolean;
	readonly clientId?: ClientId;
	readonly unit?: Unit;
	readonly format?: "simple" | "native";
	readonly since?: JoinRequest["since"];
	/** The same person's session before this one. */
	readonly earlier?: SessionId;
}

/** A join under way: who asks for what. */
export interface JoinAttempt {
	readonly session: Session;
	readonly ask: JoinAsk;
	/** As it was when the join began: the session may end meanwhile. */
	readonly identity: Identity;
	readonly watch: RoleWatch;
	/** The session is in the document already, and joins it again. */
	readonly isAnew: boolean;
}

export function askOf(data: ClientData<"document:join">): JoinAsk {
	const { prdId: docId, mode, create = true, clientId, unit, format } = data;
	const { lastKnownRevision: rev, lastEpoch: epoch } = data;
	const since =
		rev === undefined
			? undefined
			: { rev, ...(epoch === undefined ? {} : { epoch }) };
	return {
		docId,
		mode,
		create,
		...(clientId === undefined ? {} : { clientId }),
		...(unit === undefined ? {} : { unit }),
		...(format === undefined ? {} : { format }),
		...(since === undefined ? {} : { since }),
	};
}

export function participationOf(
	{ session, ask, identity }: JoinAttempt,
	role: Role,
	{ replicaId, revision, fence = 0, inherited = [] }: JoinAnswer,
	nowMs: number,
): Participation {
	const { docId, clientId, format = "simple" } = ask;
	const mode = ask.mode ?? modeOf(role);
	return {
		docId,
		userId: identity.userId,
		mode,
		unit: format === "native" ? "codepoint" : (ask.unit ?? "utf16"),
		format,
		clientId,
		inherited,
		replicaId,
		joinedRev: revision,
		fence,
		present: presentSession(session.id, identity, mode, nowMs),
	};
}

/** A session as the others in a document or a room see it. */
export function presentSession(
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
	ask: { docId, clientId, since, earlier },
	identity: { userId },
	isAnew,
}: JoinAttempt): JoinRequest {
	return {
		docId,
		sessionId: session.id,
		userId,
		...(clientId === undefined ? {} : { clientId }),
		...(since === undefined ? {} : { since }),
		...(earlier === undefined ? {} : { earlier }),
		...(isAnew ? { isAnew } : {}),
	};
}
