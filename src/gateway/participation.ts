import type { PresentSession } from "../presence/presence-book.ts";
import type { Unit } from "../protocol/submission.ts";
import type {
	ClientId,
	DocId,
	ReplicaId,
	SessionId,
	UserId,
} from "../shared/ids.ts";
import type { Mode } from "../shared/roles.ts";

/** How a session takes part in a document. */
export interface Participation {
	readonly docId: DocId;
	readonly userId: UserId;
	readonly mode: Mode;
	readonly unit: Unit;
	readonly format: "simple" | "native";
	readonly clientId: ClientId | undefined;
	/** The same person's earlier sessions: their op ids are its own. */
	readonly inherited: readonly SessionId[];
	readonly replicaId: ReplicaId;
	readonly joinedRev: number;
	/** As the owner told it; see `Submission`. */
	readonly fence: number;
	/** As the others see it. */
	readonly present: PresentSession;
}
