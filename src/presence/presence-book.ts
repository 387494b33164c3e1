import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import type { Mode } from "../shared/roles.ts";

/** One person's session in a document, as others see it. */
export interface PresentSession {
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly userName: string;
	readonly avatar?: string;
	readonly mode: Mode;
	readonly color: string;
	/** ISO 8601. */
	readonly lastActivity: string;
}

/** Who is in which document now. */
export interface PresenceBook {
	/** Enters a session (again); answers with the others, in the order in which they came. */
	enter(
		docId: DocId,
		session: PresentSession,
	): Promise<readonly PresentSession[]>;
	leave(docId: DocId, sessionId: SessionId): Promise<void>;
}
