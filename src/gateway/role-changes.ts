import type { DocId } from "../shared/ids.ts";
import { modeOf, type Role } from "../shared/roles.ts";
import type { DocumentExit } from "./document-exit.ts";
import type { RoomExit } from "./room-exit.ts";
import type { Session } from "./session.ts";

/** What happens to a session when its person's role in a room changes. */
export class RoleChanges {
	readonly #documents: DocumentExit;
	readonly #rooms: RoomExit;

	constructor(documents: DocumentExit, rooms: RoomExit) {
		this.#documents = documents;
		this.#rooms = rooms;
	}

	/** Tells the session, joined or not; takes effect at once, also on a join that is under way. Null: none is left. */
	apply(
		session: Session,
		docId: DocId,
		role: Role | null,
		reason: string,
	): void {
		const mode = role === null ? null : modeOf(role);
		session.roleWatches.tell(docId, role);
		session.sendEvent("permission:changed", { prdId: docId, mode, reason });
		const membership = session.memberships.get(docId);
		if (membership !== undefined)
			this.#documents.applyRole(session, membership, role);
		this.#rooms.applyRole(session, docId, role);
	}
}
