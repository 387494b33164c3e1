import { CollabError } from "../protocol/errors.ts";
import type { Submission } from "../protocol/submission.ts";
import type { SessionId } from "../shared/ids.ts";
import { DocumentSession } from "./document-session.ts";
import type { OpTail } from "./op-tail.ts";

/** The sessions that write in one document, each from its first submission here until it leaves. */
export class DocumentSessions {
	readonly #tail: Pick<OpTail, "after">;
	readonly #sessions = new Map<SessionId, DocumentSession>();

	constructor(tail: Pick<OpTail, "after">) {
		this.#tail = tail;
	}

	find(sessionId: SessionId): DocumentSession | undefined {
		return this.#sessions.get(sessionId);
	}

	/** Forgets what a session wrote in; its ops stay. */
	leave(sessionId: SessionId): void {
		this.#sessions.delete(sessionId);
	}

	/**
	 * The submission's session; the tail must reach back to its join. Throws `RESYNC_REQUIRED` when what it has
	 * outstanding cannot be known here.
	 */
	of(
		submission: Submission,
		mayHaveWritten = submission.seq > 1,
	): DocumentSession {
		const { sessionId, seq, settled, joinedRev } = submission;
		const known = this.#sessions.get(sessionId);
		if (known !== undefined) return known;
		const session = new DocumentSession(submission, seq - 1);
		// The owner has moved since the join: the log tells what the session has written.
		if (mayHaveWritten)
			for (const op of this.#tail.after(joinedRev))
				if (op.sessionId === sessionId) session.hadWritten(op.rev);
		this.#sessions.set(sessionId, session);
		if (seq > 1 && settled < seq - 1) {
			const moved = documentMoved();
			// From here on it is refused everything until it joins again.
			session.refused(seq, moved);
			throw moved;
		}
		return session;
	}

	/** A submission that is answered without being judged takes its place in its session's order all the same. */
	passOver(submission: Submission, refusal?: CollabError): void {
		try {
			// What it has written may be in the log although this is its first submission here.
			const session = this.of(submission, true);
			session.take(submission);
			if (refusal !== undefined) session.refused(submission.seq, refusal);
		} catch {
			// A repeated one has its place already.
		}
	}
}

const documentMoved = (): CollabError =>
	new CollabError("RESYNC_REQUIRED", "The document has moved; join it again", {
		reason: "moved",
	});
