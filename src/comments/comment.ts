import type { TextAnchor } from "../ot/text-anchor.ts";
import type { CommentId } from "../protocol/schemas/comment.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Actor } from "../shared/person.ts";

/** What somebody has said about a document, or in answer to that. */
export interface Comment {
	readonly commentId: CommentId;
	readonly docId: DocId;
	/** The thread's first comment; its own id for itself. */
	readonly threadId: CommentId;
	readonly author: Actor;
	readonly content: string;
	readonly mentions: readonly UserId[];
	readonly reactions: readonly Reaction[];
	readonly createdAtMs: number;
	readonly editedAtMs?: number;
	/** Of the first comment alone, while the thread is resolved. */
	readonly resolved?: Resolution;
	/** Absent: it is about the whole document, or an answer. */
	readonly anchor?: TextAnchor;
	/** What was selected; absent: nothing. */
	readonly quote?: string;
}

export interface Reaction {
	readonly reaction: string;
	/** In the order in which they came. */
	readonly userIds: readonly UserId[];
}

export interface Resolution {
	readonly by: Actor;
	readonly atMs: number;
}

export const isReply = ({
	commentId,
	threadId,
}: Pick<Comment, "commentId" | "threadId">): boolean => commentId !== threadId;
