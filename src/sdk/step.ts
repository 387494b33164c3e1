import { compose, type DocumentOp } from "../ot/document-op.ts";

/** An op as the server is told it, for ever the same: sent again, it is sent with its old revision and op id. */
export interface Submission {
	readonly opId: string;
	readonly revision: number;
	readonly op: DocumentOp;
}
/** What the owner of the queue does next. */
export interface Step {
	/** To be shown: turns the content before the call into the content after it. */
	readonly apply?: DocumentOp;
	readonly send?: Submission;
	/** Join again, from `since` or for a whole snapshot. Nothing is sent until then. */
	readonly rejoin?: true;
}

export const NOTHING: Step = Object.freeze({});

/** One step that does what the two do; a later `send` or `rejoin` is the one that counts. */
export function inSequence(first: Step, then: Step): Step {
	if (first.apply === undefined || then.apply === undefined)
		return { ...first, ...then };
	return { ...first, ...then, apply: compose(first.apply, then.apply) };
}
