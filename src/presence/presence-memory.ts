import type { DocId, SessionId } from "../shared/ids.ts";
import type { PresenceBook, PresentSession } from "./presence-book.ts";

/** Presence of one process; gone with it. */
export class PresenceMemory implements PresenceBook {
	readonly #documents = new Map<DocId, Map<SessionId, PresentSession>>();

	async enter(
		docId: DocId,
		session: PresentSession,
	): Promise<readonly PresentSession[]> {
		const there = this.#documents.get(docId) ?? new Map();
		const others = [...there.values()].filter(
			({ sessionId }) => sessionId !== session.sessionId,
		);
		there.set(session.sessionId, session);
		this.#documents.set(docId, there);
		return others;
	}

	async leave(docId: DocId, sessionId: SessionId): Promise<void> {
		const there = this.#documents.get(docId);
		there?.delete(sessionId);
		if (there?.size === 0) this.#documents.delete(docId);
	}
}
