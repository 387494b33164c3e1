import { type Kysely, sql } from "kysely";
import type { ListPlace } from "../rooms/room-store.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Schema } from "./schema.ts";

/** Time of the newest op; an untouched document counts from when it was made. */
const editedAt = sql<number>`coalesce(ops.committed_at, rooms.created_at)`;

const progress = (kysely: Kysely<Schema>) =>
	kysely
		.selectFrom("rooms")
		.leftJoin("documents", "documents.doc_id", "rooms.room_id")
		.leftJoin("ops", (join) =>
			join
				.onRef("ops.doc", "=", "documents.id")
				.onRef("ops.rev", "=", "documents.head"),
		)
		.where("rooms.kind", "=", "document")
		.select([
			sql<number>`coalesce(documents.head, 0)`.as("revision"),
			editedAt.as("editedAtMs"),
		]);

/** Revision and last edit of one document. */
export const selectProgress = (kysely: Kysely<Schema>, docId: DocId) =>
	progress(kysely).where("rooms.room_id", "=", docId);

/** A user's documents with his role, last edited first. */
export function selectDocuments(
	kysely: Kysely<Schema>,
	userId: UserId,
	limit: number,
	after: ListPlace | undefined,
) {
	const mine = progress(kysely)
		.innerJoin("room_members", "room_members.room_id", "rooms.room_id")
		.selectAll("rooms")
		.select("room_members.role")
		.where("room_members.user_id", "=", userId)
		.orderBy(editedAt, "desc")
		.orderBy("rooms.room_id")
		.limit(limit);
	if (after === undefined) return mine;
	const { editedAtMs, roomId } = after;
	return mine.where((is) =>
		is.or([
			is(editedAt, "<", editedAtMs),
			is.and([is(editedAt, "=", editedAtMs), is("rooms.room_id", ">", roomId)]),
		]),
	);
}
