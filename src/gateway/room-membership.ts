import type { PresentSession } from "../presence/presence-book.ts";
import type { DocId } from "../shared/ids.ts";
import type { Mode } from "../shared/roles.ts";
import type { PresenceSeat } from "./presence-seat.ts";
import type { RoomSeat } from "./room-relay.ts";

/** One session's part in a generic room. */
export interface RoomMembership {
	readonly roomId: DocId;
	/** What the person may do now; a change of role moves it. */
	mode: Mode;
	/** As the others see it. */
	readonly present: PresentSession;
	readonly seat: RoomSeat;
	/** Keeps the session in the book of those who are here; what it hears is told by the room itself. */
	readonly presence: PresenceSeat;
}
