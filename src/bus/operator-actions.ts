import type { RoomCount, SessionEntry } from "../gateway/census.ts";
import type { DocId, UserId } from "../shared/ids.ts";

// biome-ignore lint/suspicious/noConfusingVoidType: an action that answers nothing
type Nothing = void;

/** What an operator asks of one node. */
export interface OperatorActions {
	/** Sessions of that gateway, oldest first. */
	"ws-gateway.sessions": {
		in: {
			readonly limit: number;
			readonly userId?: UserId;
			readonly docId?: DocId;
		};
		out: { readonly total: number; readonly sessions: readonly SessionEntry[] };
	};
	/** Rooms and documents that somebody on that gateway is in, the fullest first. */
	"ws-gateway.rooms": {
		in: { readonly limit: number };
		out: { readonly total: number; readonly rooms: readonly RoomCount[] };
	};
	/** The document as its owner has it. */
	"document-ot.describe": {
		in: { readonly docId: DocId };
		out: {
			readonly node: string;
			readonly revision: number;
			readonly epoch: string;
			/** Sessions that have joined. */
			readonly sessions: number;
		};
	};
	/** The node sends its clients elsewhere, finishes its work and ends with exit code 0. */
	"$node.drain": { in: Record<string, never>; out: Nothing };
}
