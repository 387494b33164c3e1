import type { Standing } from "../ot/text-anchor.ts";
import type { ServerData } from "../protocol/events.ts";
import { type Comment, isReply, type Resolution } from "./comment.ts";

/** Where a comment stands in the text of `revision`. */
export interface Located {
	readonly revision: number;
	readonly standing: Standing;
}

export const isoTime = (atMs: number): string => new Date(atMs).toISOString();

/** A comment as people are told of it. */
export const commentJson = (
	comment: Comment,
	located: Located | undefined,
): ServerData<"comment:added"> => ({
	commentId: comment.commentId,
	prdId: comment.docId,
	...(isReply(comment) ? { parentId: comment.threadId } : {}),
	author: comment.author,
	content: comment.content,
	...standingJson(comment, located),
	mentions: comment.mentions,
	reactions: comment.reactions,
	createdAt: isoTime(comment.createdAtMs),
	...(comment.editedAtMs === undefined
		? {}
		: { editedAt: isoTime(comment.editedAtMs) }),
	...(comment.resolved === undefined
		? {}
		: { resolved: resolutionJson(comment.resolved) }),
});

const resolutionJson = ({ by, atMs }: Resolution) => ({
	by,
	at: isoTime(atMs),
});

function standingJson({ quote }: Comment, located: Located | undefined) {
	if (located === undefined) return { orphaned: false };
	const { revision, standing } = located;
	const { anchor, position, selection } = standing;
	const { start, end } = anchor.range ?? {
		start: anchor.position,
		end: anchor.position,
	};
	return {
		position,
		...(selection === undefined ? {} : { selection }),
		range: { position: start, length: end - start },
		revision,
		orphaned: anchor.orphaned,
		...(quote === undefined ? {} : { quote }),
	};
}
