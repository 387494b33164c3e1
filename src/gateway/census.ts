import type { DocId, SessionId, UserId } from "../shared/ids.ts";
import type { Session } from "./session.ts";

/** One session, as an operator sees it. */
export interface SessionEntry {
	readonly sessionId: SessionId;
	readonly userId: UserId;
	readonly documents: readonly DocId[];
	readonly rooms: readonly DocId[];
}

export interface RoomCount {
	readonly room: DocId;
	readonly sessions: number;
}

/** Who is here, optionally of one person or in one room. */
export function listSessions(
	all: Iterable<Session>,
	{
		limit,
		userId,
		docId,
	}: {
		readonly limit: number;
		readonly userId?: UserId;
		readonly docId?: DocId;
	},
): { readonly total: number; readonly sessions: readonly SessionEntry[] } {
	const sessions: SessionEntry[] = [];
	let total = 0;
	for (const session of all) {
		if (session.identity === undefined) continue;
		if (userId !== undefined && session.userId !== userId) continue;
		if (docId !== undefined && !isIn(session, docId)) continue;
		total += 1;
		if (sessions.length < limit) sessions.push(entryOf(session));
	}
	return { total, sessions };
}

/** How many sessions are where, the fullest first. */
export function countRooms(
	all: Iterable<Session>,
	limit: number,
): { readonly total: number; readonly rooms: readonly RoomCount[] } {
	const counts = new Map<DocId, number>();
	for (const { memberships, rooms } of all)
		for (const room of [...memberships.keys(), ...rooms.keys()])
			counts.set(room, (counts.get(room) ?? 0) + 1);
	const rooms = [...counts]
		.map(([room, sessions]) => ({ room, sessions }))
		.sort((a, b) => b.sessions - a.sessions)
		.slice(0, limit);
	return { total: counts.size, rooms };
}

const isIn = ({ memberships, rooms }: Session, docId: DocId): boolean =>
	memberships.has(docId) || rooms.has(docId);

const entryOf = (session: Session): SessionEntry => ({
	sessionId: session.id,
	userId: session.userId as UserId,
	documents: [...session.memberships.keys()],
	rooms: [...session.rooms.keys()],
});
