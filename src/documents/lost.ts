import { CollabError } from "../protocol/errors.ts";
import type { SubmissionRefusal } from "../protocol/submission.ts";
import type { SessionId } from "../shared/ids.ts";
import type { Pending } from "./pending.ts";

/** Submissions of a failed commit, to be judged again on what the log then says. */
export class Lost {
	#items: Pending[] = [];
	/** Of the history that they were made for. */
	#epoch: string | undefined;

	get size(): number {
		return this.#items.length;
	}

	add(items: readonly Pending[], epoch: string): void {
		this.#items.push(...items);
		this.#epoch = epoch;
	}

	take(): readonly Pending[] {
		const items = this.#items;
		this.#items = [];
		return items;
	}

	/** A document of another epoch under the same id is another document. */
	isOf(epoch: string): boolean {
		return this.size === 0 || this.#epoch === epoch;
	}
}

/** The sessions with just one of these; the others must join again: their common context is gone. */
export function sessionsWithOne(
	items: readonly Pending[],
): ReadonlySet<SessionId> {
	const once = new Set<SessionId>();
	const seen = new Set<SessionId>();
	for (const { submission } of items) {
		const { sessionId } = submission;
		if (seen.has(sessionId)) once.delete(sessionId);
		else once.add(sessionId);
		seen.add(sessionId);
	}
	return once;
}

export const documentGone = (): CollabError =>
	new CollabError("NOT_FOUND", "There is no such document");

export const LOST_CONTEXT: SubmissionRefusal = {
	code: "RESYNC_REQUIRED",
	message: "The context of this operation is no longer known",
	data: { reason: "bridge" },
};

export const NOT_STORABLE: SubmissionRefusal = {
	code: "OPERATION_INVALID",
	message: "The operation cannot be stored",
	data: { reason: "storage" },
};
