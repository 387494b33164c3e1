import type { CommittedOp } from "../ot/committed-op.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { VersionContent } from "./version.ts";

/** What versions need of documents. Every call may reject with a `CollabError`. */
export interface VersionDocuments {
	/** The content on disk, and its revision. Throws `NOT_FOUND`. */
	read(docId: DocId): Promise<VersionContent & { readonly revision: number }>;
	/** Makes the content what is given, as an edit of the user's on top of the head. @returns the revision it stands at */
	replace(
		content: VersionContent & {
			readonly docId: DocId;
			readonly userId: UserId;
		},
	): Promise<number>;
	/** Committed ops with `since < rev <= upTo`, in order, as far as the log has them. */
	opsBetween(
		docId: DocId,
		since: number,
		upTo: number,
	): AsyncIterable<Pick<CommittedOp, "rev" | "op" | "userId">>;
}
