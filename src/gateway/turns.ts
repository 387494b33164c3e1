import type { DocId } from "../shared/ids.ts";
import { Mailbox } from "../shared/mailbox.ts";
import type { Session } from "./session.ts";

/** Joins, leaves and resets of one document that one session may have waiting. */
const WAITING_TURNS = 16;

/** Runs what a session does about one document after what it did before. */
export async function inTurn(
	session: Session,
	docId: DocId,
	task: () => Promise<void>,
): Promise<void> {
	session.turns ??= new Map();
	const { turns } = session;
	const turn = turns.get(docId) ?? new Mailbox(WAITING_TURNS);
	turns.set(docId, turn);
	try {
		await turn.run(task);
	} finally {
		if (turn.idle) turns.delete(docId);
		if (turns.size === 0) session.turns = undefined;
	}
}
