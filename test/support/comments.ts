import { randomUUID } from "node:crypto";
import type { Comment } from "../../src/comments/comment.ts";
import type { CommentId } from "../../src/protocol/schemas/comment.ts";
import type { RoomStore } from "../../src/rooms/room-store.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";

export const ANN = "ann" as UserId;
export const BOB = "bob" as UserId;
const NOW_MS = 1_700_000_000_000;

/** A comment of Ann's that begins a thread. */
export function newComment(
	docId: DocId,
	parts: Partial<Comment> = {},
): Comment {
	const commentId = `comment_${randomUUID()}` as CommentId;
	return {
		commentId,
		docId,
		threadId: commentId,
		author: { id: ANN, name: "Ann 👩‍🚀" },
		content: "Why? 'Quoted' — 😀",
		mentions: [],
		reactions: [],
		createdAtMs: NOW_MS,
		...parts,
	};
}

/** The room around a document of Ann's. */
export const makeDocument = (
	rooms: Pick<RoomStore, "create">,
	roomId: DocId,
	kind: "document" | "room" = "document",
): Promise<boolean> =>
	rooms.create(
		{
			roomId,
			kind,
			title: "T",
			visibility: "private",
			metadata: {},
			createdAtMs: NOW_MS,
		},
		ANN,
	);
