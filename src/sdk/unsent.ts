import {
	compose,
	type DocumentContent,
	type DocumentOp,
	isNoop,
	transform,
} from "../ot/document-op.ts";
import type { Submission } from "./step.ts";
import { textDiff } from "./text-diff.ts";

export interface Committed {
	readonly rev: number;
	readonly opId: string;
	readonly op: DocumentOp;
	/** Session that made it; undefined: this one. */
	readonly author: string | undefined;
}
export interface Snapshot {
	readonly epoch: string;
	readonly rev: number;
	readonly content: DocumentContent;
}
export interface Inflight {
	readonly sent: Submission;
	/** The same op, moved past what has been heard since it was sent. */
	readonly op: DocumentOp;
	readonly edits: number;
	/** To be made anew, unless the catch-up names it after all. */
	readonly isRefused?: true;
}
export interface Pending {
	readonly op: DocumentOp;
	readonly edits: number;
}

/** Two successive stretches of unsent edits as one; undefined when together they do nothing. */
export function joined(
	first: Pending | undefined,
	then: Pending | undefined,
): Pending | undefined {
	if (first === undefined || then === undefined)
		return first === undefined ? then : { op: first.op, edits: first.edits };
	const op = compose(first.op, then.op);
	return isNoop(op) ? undefined : { op, edits: first.edits + then.edits };
}

/**
 * An unsent edit and an op that were made for the same text, each as it follows the other. What is not committed yet
 * will be the later one: it stands left.
 */
export function cross<Own extends Pending>(
	own: Own | undefined,
	op: DocumentOp,
): readonly [own: Own | undefined, op: DocumentOp] {
	if (own === undefined) return [undefined, op];
	const mine = { ...own, op: transform(own.op, op, "left") };
	return [mine, transform(op, own.op, "right")];
}

export const unlessNoop = (own: Pending | undefined): Pending | undefined =>
	own === undefined || isNoop(own.op) ? undefined : own;

/** The op between two texts of which nobody knows how the one became the other. */
export const difference = (
	before: DocumentContent,
	after: DocumentContent,
): DocumentOp => ({ t: textDiff(before.text, after.text), m: [] });
