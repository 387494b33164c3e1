import type { Kysely } from "kysely";
import type { CommentFilter, ListPlace } from "../comments/comment-store.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Schema } from "./schema.ts";

export interface Wanted {
	readonly reader: UserId;
	readonly filter: CommentFilter;
	readonly after: ListPlace | undefined;
}

/** A document's comments, threads in the order in which they began and in each the oldest first. */
export function selectComments(
	kysely: Kysely<Schema>,
	docId: DocId,
	{ reader, filter, after }: Wanted,
) {
	const { isResolved, authorId, threadId, isUnread } = filter;
	return kysely
		.selectFrom("comments")
		.innerJoin("comments as threads", (join) =>
			join.onRef("threads.comment_id", "=", "comments.thread_id"),
		)
		.selectAll("comments")
		.select("threads.id as thread")
		.where("comments.doc_id", "=", docId)
		.$if(isResolved !== undefined, (query) =>
			query.where("threads.resolved", isResolved ? "is not" : "is", null),
		)
		.$if(authorId !== undefined, (query) =>
			query.where("comments.author_id", "=", authorId as string),
		)
		.$if(threadId !== undefined, (query) =>
			query.where("comments.thread_id", "=", threadId as string),
		)
		.$if(isUnread === true, (query) =>
			query.where(({ exists, selectFrom }) =>
				exists(
					selectFrom("comment_mentions")
						.select("nth")
						.whereRef("comment_mentions.comment_id", "=", "comments.comment_id")
						.where("user_id", "=", reader)
						.where("seen_at", "is", null),
				),
			),
		)
		.$if(after !== undefined, (query) =>
			query.where(({ or, and, eb }) => {
				const { thread, comment } = after as ListPlace;
				return or([
					eb("threads.id", ">", thread),
					and([eb("threads.id", "=", thread), eb("comments.id", ">", comment)]),
				]);
			}),
		)
		.orderBy("threads.id")
		.orderBy("comments.id");
}
