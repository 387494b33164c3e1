import { codePointLength, offsetAfter } from "../ot/code-points.ts";
import type { DocumentOp } from "../ot/document-op.ts";
import { NO_MARKS } from "../ot/marks.ts";
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

/** Ops that follow each other, each made on the text after the one before, by the user's replica `<userId>~0`. */
export const submissionsOf = (
	{ docId, userId, sessionId, revision }: ServerEdit,
	ops: readonly DocumentOp[],
): readonly Submission[] =>
	ops.map(({ t, m }, index) => ({
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
		edit: { form: "native", op: t, marks: m },
	}));

/** Text put at the start of a document, as ops of at most `maxCodePoints`. Lines end at `\n`. */
export function insertions(
	text: string,
	maxCodePoints: number,
): readonly DocumentOp[] {
	let position = 0;
	return pieces(withPlainLineEnds(text), maxCodePoints).map((piece) => {
		const t = position === 0 ? [piece] : [position, piece];
		position += codePointLength(piece);
		return { t, m: NO_MARKS };
	});
}

/** The revision that a server-made edit stands at. Throws why it is not known to be in the log. */
export function committedRev(result: SubmissionResult): number {
	if (result.outcome === "committed") return result.rev;
	if (result.outcome === "known") return result.message.head.rev;
	if (result.outcome === "unknown")
		throw new CollabError("UNAVAILABLE", "The text may not have been stored", {
			reason: result.reason,
		});
	const { code, message, data } = result.error;
	// Nobody has anything to join again here: it can be asked for once more as it is.
	if (code === "RESYNC_REQUIRED")
		throw new CollabError("UNAVAILABLE", "The document has been overtaken", {
			reason: "overtaken",
		});
	throw new CollabError(code, message, data);
}

export const withPlainLineEnds = (text: string): string =>
	text.replace(/\r\n?/g, "\n");

/** Cuts between code points; nothing comes of an empty text. */
export function pieces(text: string, maxCodePoints: number): readonly string[] {
	const cut: string[] = [];
	for (let start = 0; start < text.length; ) {
		const end = offsetAfter(text, start, maxCodePoints);
		cut.push(text.slice(start, end));
		start = end;
	}
	return cut;
}
