import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import type { Mode } from "../shared/roles.ts";

export type PresenceStatus = "typing" | "idle" | "away";

/** As its client sent it: line and UTF-16 unit in it, from 0, not checked against the text. */
export interface Position {
	readonly line: number;
	readonly ch: number;
}
export interface Selection {
	readonly start: Position;
	readonly end: Position;
}

/** What changes while a session is in a document; each update replaces all of it. */
export interface PresenceState {
	readonly cursor?: Position;
	readonly selection?: Selection;
	/** Of the text in which the cursor stands. */
	readonly revision?: number;
	readonly status?: PresenceStatus;
	/** ISO 8601. */
	readonly lastActivity: string;
}

/** One person's session in a document, as others see it. */
export interface PresentSession extends PresenceState {
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly userName: string;
	readonly avatar?: string;
	readonly mode: Mode;
	readonly color: string;
}

/** One process that holds connections; a restarted one is another one. */
export type GatewayId = string;

export interface StatusChange {
	readonly docId: DocId;
	readonly sessionId: SessionId;
	readonly status?: PresenceStatus;
	readonly lastActivity: string;
}

/** A session in a document. */
export interface Presence {
	readonly docId: DocId;
	readonly session: PresentSession;
}

/** A gateway that has not been heard for this long is gone, with all its sessions. */
export const GATEWAY_TTL_MS = 30_000;

/** Who is in which document now. Cursors are never stored. */
export interface PresenceBook {
	/**
	 * Enters a session (again); answers with the others, in the order in which they came. A gateway that holds something
	 * reports now and then.
	 */
	enter(
		gateway: GatewayId,
		docId: DocId,
		session: PresentSession,
	): Promise<readonly PresentSession[]>;
	leave(docId: DocId, sessionId: SessionId): Promise<void>;
	/**
	 * A gateway's sign of life. False: what it holds has to enter again, because the book had forgotten it, hears from
	 * it for the first time, or was asked to forget it (`startsAnew`: not all calls have got through).
	 */
	report(
		gateway: GatewayId,
		changes: readonly StatusChange[],
		startsAnew?: boolean,
	): Promise<boolean>;
	/**
	 * Forgets the gateways that are gone, after telling what they held, in any number of parts. Of several who ask at
	 * about the same time one does it, and another when that one dies meanwhile: what was told may be told again.
	 */
	forgetGone(tell: (gone: readonly Presence[]) => void): Promise<void>;
}

/** The session with another status, or with none. */
export function withStatus(
	{ status: _before, ...session }: PresentSession,
	{ status, lastActivity }: Pick<StatusChange, "status" | "lastActivity">,
): PresentSession {
	return {
		...session,
		lastActivity,
		...(status === undefined ? {} : { status }),
	};
}
