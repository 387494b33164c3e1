import type { EditRequest } from "../protocol/edit-request.ts";
import type { Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Submission, SubmissionResult } from "../protocol/submission.ts";
import { type ReplicaId, type UserId, userOfReplica } from "../shared/ids.ts";
import type { Backend } from "./backend.ts";
import { asError } from "./submissions.ts";

type EditOf = Request<"operation:edit">;

/** Where a reset has put a client. */
export interface ResetPoint {
	readonly revision: number;
	readonly vectorClock: Readonly<Record<string, number>>;
}

/** Whether an edit was made before its author had heard of the reset. */
function isMadeBefore(
	{ revision, clock }: Pick<EditRequest, "revision" | "clock">,
	reset: ResetPoint,
	userId: UserId,
): boolean {
	if (revision !== undefined) return revision < reset.revision;
	// The reset told the whole clock: whoever has taken it counts at least as much of everybody else.
	return Object.entries(reset.vectorClock).some(
		([replica, count]) =>
			userOfReplica(replica as ReplicaId) !== userId &&
			(clock?.[replica] ?? 0) < count,
	);
}

/** What makes edits stale. */
export interface StaleSince {
	readonly userId: UserId;
	readonly resetTo: ResetPoint | undefined;
}

/** What becomes of a stale edit. */
export interface StaleSink {
	known(
		request: EditOf,
		result: SubmissionResult & { readonly outcome: "known" },
	): void;
	refused(request: EditOf, error: CollabError): void;
	lost(): void;
}

/**
 * Edits made on a text that a reset has replaced. They are not committed any more; but one that is sent again may have
 * been committed long before, and then gets its first answer.
 */
export class StaleEdits {
	readonly #backend: Pick<Backend, "submit">;
	readonly #sink: StaleSink;
	readonly #userId: UserId;
	/** The client was there before and has been given the text. */
	#resetTo: ResetPoint | undefined;
	/** A reset is under way. */
	#takesAll = false;
	#open = 0;
	#idle: PromiseWithResolvers<void> | undefined;

	constructor(
		backend: Pick<Backend, "submit">,
		sink: StaleSink,
		{ userId, resetTo }: StaleSince,
	) {
		this.#backend = backend;
		this.#sink = sink;
		this.#userId = userId;
		this.#resetTo = resetTo;
	}

	/** Whether an edit belongs here; when one does not, its author has heard of the reset. */
	takes(asked: Pick<EditRequest, "revision" | "clock">): boolean {
		if (this.#takesAll) return true;
		if (this.#resetTo === undefined) return false;
		if (!isMadeBefore(asked, this.#resetTo, this.#userId))
			this.#resetTo = undefined;
		return this.#resetTo !== undefined;
	}

	/** The text is about to be replaced: from here on every edit belongs here. */
	takeAll(): void {
		this.#takesAll = true;
	}

	/** Edits without an answer. */
	get size(): number {
		return this.#open;
	}

	/** @param submission undefined: without an op id of the client's it has certainly never come before */
	async ask(
		request: EditOf,
		submission: Submission | undefined,
	): Promise<void> {
		if (submission === undefined)
			return this.#sink.refused(request, resyncRequired());
		this.#open += 1;
		const result = await this.#submit({ ...submission, mustBeKnown: true });
		this.#open -= 1;
		if (result.outcome === "known") this.#sink.known(request, result);
		else if (result.outcome === "refused")
			this.#sink.refused(request, asError(result.error));
		else this.#sink.lost();
		if (this.#open > 0) return;
		this.#idle?.resolve();
		this.#idle = undefined;
	}

	/** Resolves when all have their answer. */
	idle(): Promise<void> {
		if (this.#open === 0) return Promise.resolve();
		this.#idle ??= Promise.withResolvers();
		return this.#idle.promise;
	}

	async #submit(submission: Submission): Promise<SubmissionResult> {
		try {
			return await this.#backend.submit(submission);
		} catch (error) {
			return { outcome: "unknown", reason: String(error) };
		}
	}
}

const resyncRequired = (): CollabError =>
	new CollabError(
		"RESYNC_REQUIRED",
		"The text has been replaced: make the edit again",
		{ reason: "reset" },
	);
