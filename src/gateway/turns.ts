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
	const turn = session.turns.get(docId) ?? new Mailbox(WAITING_TURNS);
	session.turns.set(docId, turn);
	try {
		await turn.run(task);
	} finally {
		if (turn.idle) session.turns.delete(docId);
	}
}
