import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import type { PresenceState, PresentSession } from "./presence-book.ts";

/** Everything that can change of one session; replaces what was known of it. */
export interface PresenceUpdate extends PresenceState {
	readonly userId: UserId;
	readonly sessionId: SessionId;
}

/** What travels on a document's presence channel. */
export type PresenceMessage =
	| { readonly kind: "joined" | "left"; readonly session: PresentSession }
	| { readonly kind: "updated"; readonly updates: readonly PresenceUpdate[] }
	/** A gateway has begun to listen, and does not know where anybody is. */
	| { readonly kind: "asked" };

export const presenceChannel = (docId: DocId): string => `presence.${docId}`;
