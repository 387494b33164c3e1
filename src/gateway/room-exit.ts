import type { DocId } from "../shared/ids.ts";
import { modeOf, type Role } from "../shared/roles.ts";
import type { PresenceRelay } from "./presence-relay.ts";
import type { RoomMembership } from "./room-membership.ts";
import type { RoomRelay } from "./room-relay.ts";
import type { Session } from "./session.ts";

export interface RoomExitDeps {
	readonly rooms: RoomRelay;
	readonly presence: PresenceRelay;
}

/** How sessions leave generic rooms. */
export class RoomExit {
	readonly #deps: RoomExitDeps;

	constructor(deps: RoomExitDeps) {
		this.#deps = deps;
	}

	/** Leaves a room and tells the others. */
	part(session: Session, membership: RoomMembership): void {
		const { roomId, present } = membership;
		this.detach(session, membership);
		this.#deps.presence.part(roomId, present);
	}

	/** Ends a membership on this gateway only: another of the same session follows. */
	detach(session: Session, membership: RoomMembership): void {
		const { roomId, seat, presence } = membership;
		if (session.rooms.get(roomId) === membership) session.rooms.delete(roomId);
		this.#deps.rooms.leave(roomId, seat);
		this.#deps.presence.leave(roomId, presence);
	}

	/** The person's role in the room has changed, and takes effect at once; null: none is left. */
	applyRole(session: Session, roomId: DocId, role: Role | null): void {
		const membership = session.rooms.get(roomId);
		if (membership === undefined) return;
		if (role === null) this.part(session, membership);
		else membership.mode = modeOf(role);
	}
}
