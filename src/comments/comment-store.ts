import type { TextAnchor } from "../ot/text-anchor.ts";
import type { CommentId } from "../protocol/schemas/comment.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Comment, Resolution } from "./comment.ts";

/** Place in the list of a document's comments, which stand by thread and then by age: `after` it is asked for. */
export interface ListPlace {
	readonly thread: number;
	readonly comment: number;
}

/** What must hold of each listed comment; what is absent need not. */
export interface CommentFilter {
	/** Of its thread. */
	readonly isResolved?: boolean;
	readonly authorId?: UserId;
	readonly threadId?: CommentId;
	/** The reader is mentioned in it and has not seen it. */
	readonly isUnread?: boolean;
}

export interface ListedComment {
	readonly comment: Comment;
	readonly place: ListPlace;
	/** By the reader. */
	readonly isUnread: boolean;
}

/** Who does something to a comment, and when. */
export interface Deed {
	readonly userId: UserId;
	readonly atMs: number;
}

export interface AnchorMove {
	readonly commentId: CommentId;
	/** The anchor that was moved: of two who move it the first one does. */
	readonly from: TextAnchor;
	readonly to: TextAnchor;
}

/** Comments of all documents. Each change leaves its fact, in the same transaction. */
export interface CommentStore {
	/** @returns false when the document, or the thread that it belongs to, is not there any more */
	add(comment: Comment): Promise<boolean>;
	find(commentId: CommentId): Promise<Comment | undefined>;
	/** At most `limit`, those after `after`. */
	list(
		docId: DocId,
		reader: UserId,
		filter: CommentFilter,
		limit: number,
		after?: ListPlace,
	): Promise<readonly ListedComment[]>;
	/** Who is mentioned now and was not before has not seen it. @returns false when it is not there any more */
	edit(
		comment: Pick<Comment, "commentId" | "docId" | "content" | "mentions">,
		deed: Deed,
	): Promise<boolean>;
	/** With a first comment its thread goes. @returns false when it is not there any more */
	delete(
		comment: Pick<Comment, "commentId" | "docId">,
		deed: Deed,
	): Promise<boolean>;
	/** @returns false when the thread is not open */
	resolve(
		thread: Pick<Comment, "threadId" | "docId">,
		resolution: Resolution,
	): Promise<boolean>;
	/** @returns false when the thread is not resolved */
	reopen(
		thread: Pick<Comment, "threadId" | "docId">,
		deed: Deed,
	): Promise<boolean>;
	/** Sets or takes back a person's reaction; again is the same. @returns false when nothing has changed */
	react(
		comment: Pick<Comment, "commentId" | "docId">,
		reaction: { readonly reaction: string; readonly isSet: boolean },
		deed: Deed,
	): Promise<boolean>;
	/** A mentioned person has seen it; nothing happens for others. */
	seen(commentId: CommentId, deed: Deed): Promise<void>;
	/** Anchors in later revisions; leaves no fact. */
	moveAnchors(moves: readonly AnchorMove[]): Promise<void>;
}
