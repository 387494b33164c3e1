import type { DocumentEntry, ListPlace } from "../rooms/room-store.ts";
import { isDocId } from "../shared/ids.ts";
import type { Answer } from "./answer.ts";
import { documentJson } from "./document-json.ts";
import { badField, type RestRequest } from "./rest-request.ts";

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;

/** The caller's documents, last edited first; `nextCursor` leads on while there may be more. */
export async function listDocuments(request: RestRequest): Promise<Answer> {
	const limit = limitOf(request.query("limit"));
	const cursor = request.query("cursor");
	const entries = await request.documents.list({
		userId: request.caller.userId,
		limit,
		...(cursor === undefined ? {} : { after: placeOf(cursor) }),
	});
	const last = entries.at(-1);
	const documents = entries.flatMap((entry) => visible(entry, request));
	return {
		status: 200,
		body: {
			documents,
			...(last === undefined || entries.length < limit
				? {}
				: { nextCursor: cursorOf(last) }),
		},
	};
}

/** A token that names documents shows those alone. */
function visible(entry: DocumentEntry, { caller }: RestRequest) {
	const { permissions } = caller;
	if (permissions === undefined) return [documentJson(entry)];
	const role = permissions.roleOn(entry.room.roomId);
	if (role === undefined) return [];
	return [documentJson({ ...entry, room: { ...entry.room, role } })];
}

function limitOf(text: string | undefined): number {
	if (text === undefined) return DEFAULT_LIMIT;
	const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
	if (limit < 1) throw badField("limit");
	return Math.min(limit, MAX_LIMIT);
}

const cursorOf = ({ editedAtMs, room }: DocumentEntry): string =>
	Buffer.from(`${editedAtMs} ${room.roomId}`).toString("base64url");

function placeOf(cursor: string): ListPlace {
	const text = Buffer.from(cursor, "base64url").toString();
	const [, editedAt, roomId] = /^(\d{1,15}) (\S+)$/.exec(text) ?? [];
	if (roomId === undefined || !isDocId(roomId)) throw badField("cursor");
	return { editedAtMs: Number(editedAt), roomId };
}
