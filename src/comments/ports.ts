import type {
	PutAnchor,
	QuotedAnchor,
	Spot,
	Standing,
} from "../ot/text-anchor.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Admission } from "../shared/ports/admission.ts";
import type { CommentStore } from "./comment-store.ts";

/** The text that comments are about. */
export interface CommentedText {
	/** Anchors a spot of the text at `revision`; absent: the head. */
	anchor(docId: DocId, spot: Spot, revision?: number): Promise<PutAnchor>;
	/** Where the anchors stand in the head, in their order. */
	locate(
		docId: DocId,
		anchors: readonly QuotedAnchor[],
	): Promise<{
		readonly revision: number;
		readonly standings: readonly Standing[];
	}>;
}

export interface CommentPorts {
	readonly store: CommentStore;
	readonly text: CommentedText;
	readonly admit: Admission;
	/** Those of them with a role in the document, in their order. */
	readonly withAccess: (
		docId: DocId,
		userIds: readonly UserId[],
	) => Promise<readonly UserId[]>;
	readonly clock: Pick<Clock, "nowMs">;
	/** Unguessable, `[A-Za-z0-9_-]`. */
	readonly newId: () => string;
}
