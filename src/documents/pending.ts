import type { CommittedOp } from "../ot/committed-op.ts";
import type { OpMessage } from "../protocol/document-message.ts";
import { CollabError } from "../protocol/errors.ts";
import type {
	Submission,
	SubmissionRefusal,
	SubmissionResult,
} from "../protocol/submission.ts";
import type { End } from "./members.ts";
import { payloadHash } from "./payload-hash.ts";

/** A submission on its way to the disk. */
export interface Pending {
	readonly submission: Submission;
	readonly payloadHash: string;
	/** The next one goes into the same transaction. */
	readonly isContinued: boolean;
	readonly answer: (result: SubmissionResult) => void;
	readonly result: Promise<SubmissionResult>;
}

/** One that has its place at the head. */
export interface Sequenced extends Pending {
	readonly committed: CommittedOp;
	readonly message: OpMessage;
}

export function toPending(
	submission: Submission,
	isContinued = false,
): Pending {
	const { promise, resolve } = Promise.withResolvers<SubmissionResult>();
	return {
		submission,
		payloadHash: payloadHash(submission.edit),
		isContinued,
		answer: resolve,
		result: promise,
	};
}

const refused = (error: SubmissionRefusal): SubmissionResult => ({
	outcome: "refused",
	error,
});

/** The client has come back in another session, or has joined anew. */
export const sessionEnded = (): CollabError =>
	new CollabError("RESYNC_REQUIRED", "This session has ended", {
		reason: "ended",
	});

/** To a submission of a session that has ended. */
export const ENDED: Readonly<Record<End, SubmissionResult>> = {
	left: refused(refusalOf(sessionEnded())),
	deleted: refused({
		code: "NOT_FOUND",
		message: "There is no such document",
	}),
};

/** The op id has come before, and what became of it cannot be read now. */
export class UnknownFate extends Error {}

/** The failure is ours or the storage's: it says nothing about the submission. */
export const isOurs = (error: unknown): boolean =>
	!(error instanceof CollabError) || error.status >= 500;

/** It names, or does not fit, what this node has not heard of; another may have written. */
export const isAhead = (error: unknown): boolean =>
	error instanceof CollabError &&
	(error.code === "REVISION_AHEAD" || error.code === "OPERATION_INVALID");

/** What a refused submission is told; the reason of a failure of ours stays in the log. */
export function refusalOf(error: unknown): SubmissionRefusal {
	if (!(error instanceof CollabError))
		return { code: "INTERNAL", message: "Internal error" };
	const { code, message, data, retryAfterMs } = error;
	return {
		code,
		message,
		...(data === undefined ? {} : { data }),
		...(retryAfterMs === undefined ? {} : { retryAfterMs }),
	};
}
