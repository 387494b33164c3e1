import type { Request } from "../protocol/envelope.ts";
import type { Mode } from "../shared/roles.ts";
import type { Channel } from "./channel.ts";
import type { ChannelMember } from "./channel-member.ts";
import type { Participation } from "./participation.ts";
import type { PresenceSeat } from "./presence-seat.ts";

/** A session's part in one document, as the session and the router see it. */
export interface Membership extends ChannelMember {
	readonly about: Participation;
	readonly channel: Channel;
	readonly seat: PresenceSeat;
	/** What the person may do now; a change of role moves it. Null: nothing, but for the answers that are still owed. */
	mode: Mode | null;
	readonly hasEnded: boolean;
	/** Sends an edit to the owner; throws what it is refused with at once. */
	edit(request: Request<"operation:edit">): void;
	/** An edit was refused before it came here. */
	refusedAtTheDoor(): void;
	/** Looks after edits without an answer. */
	tick(nowMs: number): void;
	/** Resolves when every edit has its answer. */
	idle(): Promise<void>;
	/** Nothing reaches the session from here on. */
	end(): void;
}
