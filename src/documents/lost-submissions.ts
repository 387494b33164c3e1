import type {
	SubmissionRefusal,
	SubmissionResult,
} from "../protocol/submission.ts";
import { type OpId, type SessionId, splitOpId } from "../shared/ids.ts";
import { isOurs, type Pending, refusalOf, UnknownFate } from "./pending.ts";

/** What has happened to a submission before it is judged. */
export interface Standing {
	/** It may be on disk: refused only by what the log says. */
	readonly isInDoubt: boolean;
	/** No other of its session was lost with it; otherwise it is answered from the log alone. */
	readonly isAlone: boolean;
}

/** The first op after a join may have been committed before it: then the log alone knows. */
function mayBeOld({ submission: { opId, sessionId, seq } }: Pending): boolean {
	return seq === 1 && (splitOpId(opId).client as string) !== sessionId;
}

/** Submissions of failed commits: in doubt until the log has told what became of them. */
export class LostSubmissions {
	#items: Pending[] = [];
	/** Of the history that they were made for. */
	#epoch: string | undefined;
	/** Op ids that may be on disk although nobody has been told so. */
	readonly #inDoubt = new Set<OpId>();

	/** Submissions that wait to be played again. */
	get size(): number {
		return this.#items.length;
	}

	/** Nothing of which the log would have to tell the fate. */
	get isNothingInDoubt(): boolean {
		return this.#inDoubt.size === 0;
	}

	/** Of one that comes in. */
	standingOf({ submission }: Pending): Standing {
		return { isInDoubt: this.#inDoubt.has(submission.opId), isAlone: true };
	}

	/** A document of another epoch under the same id is another document. */
	isOf(epoch: string): boolean {
		return this.#epoch === epoch;
	}

	add(items: readonly Pending[], epoch: string): void {
		this.#items.push(...items);
		this.#epoch = epoch;
		for (const { submission } of items) this.#inDoubt.add(submission.opId);
	}

	/** To one that could not be judged, or was judged as wrong. */
	answerTo(
		item: Pending,
		error: unknown,
		standing: Standing,
	): SubmissionResult {
		const isUnknown =
			error instanceof UnknownFate ||
			((standing.isInDoubt || mayBeOld(item)) && isOurs(error));
		if (!isUnknown) return { outcome: "refused", error: refusalOf(error) };
		this.#inDoubt.add(item.submission.opId);
		return { outcome: "unknown", reason: "storage" };
	}

	/** The log has been read back: what it does not have will not come. Each item with what can be done with it. */
	take(): readonly { readonly item: Pending; readonly isAlone: boolean }[] {
		const items = this.#items;
		this.#items = [];
		this.#inDoubt.clear();
		const perSession = new Map<SessionId, number>();
		for (const { submission } of items) {
			const { sessionId } = submission;
			perSession.set(sessionId, (perSession.get(sessionId) ?? 0) + 1);
		}
		return items.map((item) => ({
			item,
			isAlone: perSession.get(item.submission.sessionId) === 1,
		}));
	}

	/** Nobody waits any longer; what was in doubt stays so. */
	giveUp(): readonly Pending[] {
		const items = this.#items;
		this.#items = [];
		return items;
	}
}

/** For a session that had several in flight: their common context is gone. */
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
