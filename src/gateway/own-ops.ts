import type { OpHead } from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import { type OpId, type SessionId, splitOpId } from "../shared/ids.ts";
import type { Participation } from "./participation.ts";

/** Throws `FORBIDDEN` for an op id that is not the session's, nor its client's, nor of a session that it goes on for. */
export function checkOwnId(
	sessionId: SessionId,
	about: Participation,
	opId: OpId | undefined,
): void {
	if (opId === undefined || isOwnId(sessionId, about, opId)) return;
	throw new CollabError("FORBIDDEN", "The op id is not this client's", {
		reason: "opId",
	});
}

/** Whether the session, or one that it goes on for, has made the op. */
export function isOwnOp(
	sessionId: SessionId,
	about: Participation,
	head: OpHead,
): boolean {
	if (head.sessionId === sessionId) return true;
	const { userId, clientId, inherited } = about;
	if (head.userId !== userId) return false;
	if (clientId === undefined && inherited.length === 0) return false;
	return isOwnId(sessionId, about, head.opId);
}

function isOwnId(
	sessionId: SessionId,
	{ clientId, inherited }: Participation,
	opId: OpId,
): boolean {
	const client: string = splitOpId(opId).client;
	return (
		client === sessionId ||
		client === clientId ||
		inherited.some((earlier) => earlier === client)
	);
}
