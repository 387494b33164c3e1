import type { Comment, Reaction, Resolution } from "../comments/comment.ts";
import type { ListedComment } from "../comments/comment-store.ts";
import type { TextAnchor } from "../ot/text-anchor.ts";
import type { CommentId } from "../protocol/schemas/comment.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Actor } from "../shared/person.ts";
import type { Schema } from "./schema.ts";

/** What stands beside a comment's own row. */
export interface Beside {
	readonly mentions: readonly Schema["comment_mentions"][];
	/** In the order in which they came. */
	readonly reactions: readonly Schema["comment_reactions"][];
}

/** The columns that are set when a comment is added. */
export const commentCells = ({ anchor, quote, ...comment }: Comment) => ({
	comment_id: comment.commentId,
	doc_id: comment.docId,
	thread_id: comment.threadId,
	author_id: comment.author.id,
	author: JSON.stringify(comment.author),
	content: comment.content,
	...(anchor === undefined
		? {}
		: { anchor_rev: anchor.rev, anchor: JSON.stringify(anchor) }),
	...(quote === undefined ? {} : { quote }),
	created_at: comment.createdAtMs,
});

type Row = Omit<Schema["comments"], "id">;

export function commentOf(row: Row, beside: Beside): Comment {
	const commentId = row.comment_id as CommentId;
	const own = <T extends { readonly comment_id: string }>(rows: readonly T[]) =>
		rows.filter(({ comment_id }) => comment_id === commentId);
	return {
		commentId,
		docId: row.doc_id as DocId,
		threadId: row.thread_id as CommentId,
		author: JSON.parse(row.author) as Actor,
		content: row.content,
		mentions: own(beside.mentions).map(({ user_id }) => user_id as UserId),
		reactions: reactionsOf(own(beside.reactions)),
		createdAtMs: row.created_at,
		...(row.edited_at === null ? {} : { editedAtMs: row.edited_at }),
		...(row.anchor === null
			? {}
			: { anchor: JSON.parse(row.anchor) as TextAnchor }),
		...(row.quote === null ? {} : { quote: row.quote }),
		...(row.resolved === null
			? {}
			: { resolved: JSON.parse(row.resolved) as Resolution }),
	};
}

const reactionsOf = (
	rows: readonly Schema["comment_reactions"][],
): readonly Reaction[] =>
	[...Map.groupBy(rows, ({ reaction }) => reaction)].map(([reaction, of]) => ({
		reaction,
		userIds: of.map(({ user_id }) => user_id as UserId),
	}));

export const listedOf = (
	row: Row & { readonly id: number; readonly thread: number },
	beside: Beside,
	reader: UserId,
): ListedComment => ({
	comment: commentOf(row, beside),
	place: { thread: row.thread, comment: row.id },
	isUnread: beside.mentions.some(
		({ comment_id, user_id, seen_at }) =>
			comment_id === row.comment_id && user_id === reader && seen_at === null,
	),
});
