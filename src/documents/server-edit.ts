import { CollabError } from "../protocol/errors.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import {
	type DocId,
	opIdOf,
	type ReplicaId,
	type SessionId,
	type UserId,
} from "../shared/ids.ts";

/** An edit that the server makes for a user. */
export interface ServerEdit {
	readonly docId: DocId;
	readonly userId: UserId;
	/** Of this edit alone. */
	readonly sessionId: SessionId;
	/** Revision that it is made on. */
	readonly revision: number;
}

/**
 * Text put at the start of a document, as operations of at most `maxCodePoints` by the user's replica `<userId>~0`. Lines
 * end at `\n`.
 */
export function insertions(
	{ docId, userId, sessionId, revision }: ServerEdit,
	text: string,
	maxCodePoints: number,
): readonly Submission[] {
	let position = 0;
	return pieces(withPlainLineEnds(text), maxCodePoints).map((piece, index) => {
		const op = position === 0 ? [piece.text] : [position, piece.text];
		position += piece.codePoints;
		return {
			docId,
			userId,
			sessionId,
			replicaId: `${userId}~0` as ReplicaId,
			joinedRev: revision,
			fence: 0,
			revision,
			seq: index + 1,
			settled: 0,
			opId: opIdOf(sessionId, index + 1),
			edit: { form: "native", op, marks: [] },
		};
	});
}

/** Throws why a server-made edit is not known to be in the log. */
export function checkCommitted(result: SubmissionResult): void {
	if (result.outcome === "committed" || result.outcome === "known") return;
	if (result.outcome === "unknown")
		throw new CollabError("UNAVAILABLE", "The text may not have been stored", {
			reason: result.reason,
		});
	const { code, message, data } = result.error;
	throw new CollabError(code, message, data);
}

export const withPlainLineEnds = (text: string): string =>
	text.replace(/\r\n?/g, "\n");

interface Piece {
	readonly text: string;
	readonly codePoints: number;
}

/** Cuts between code points; nothing comes of an empty text. */
function pieces(text: string, maxCodePoints: number): readonly Piece[] {
	const cut: Piece[] = [];
	let start = 0;
	let codePoints = 0;
	for (let at = 0; at < text.length; ) {
		at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
		codePoints += 1;
		if (codePoints < maxCodePoints && at < text.length) continue;
		cut.push({ text: text.slice(start, at), codePoints });
		start = at;
		codePoints = 0;
	}
	return cut;
}
