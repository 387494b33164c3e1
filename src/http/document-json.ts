import type { DocumentEntry } from "../rooms/room-store.ts";

/** A document as REST tells it. Times are ISO 8601. */
export const documentJson = ({
	room,
	revision,
	editedAtMs,
}: DocumentEntry) => ({
	id: room.roomId,
	title: room.title,
	visibility: room.visibility,
	role: room.role,
	revision,
	createdAt: new Date(room.createdAtMs).toISOString(),
	editedAt: new Date(editedAtMs).toISOString(),
});
