import { CollabError } from "../protocol/errors.ts";
import type { DocumentOp } from "./document-op.ts";
import { type Bias, transformPosition } from "./text-op.ts";

/** A position that survives edits; `before` stays in front of text inserted exactly at it, `after` goes behind. */
export interface Anchor {
	readonly rev: number;
	readonly position: number;
	readonly bias: Bias;
}

/** A range that survives edits and never grows at its edges; orphaned (and empty) once its text is gone. */
export interface RangeAnchor {
	readonly rev: number;
	readonly start: number;
	readonly end: number;
	readonly orphaned: boolean;
}

/** A committed op as far as anchors are concerned. */
export interface AnchorOp {
	readonly rev: number;
	readonly op: DocumentOp;
}

/** The anchor after the ops: committed ones in order, those up to its own revision are passed over. */
export function moveAnchor(anchor: Anchor, ops: readonly AnchorOp[]): Anchor {
	const { bias } = anchor;
	let { rev, position } = anchor;
	for (const next of ops) {
		if (!isNext(rev, next.rev)) continue;
		rev = next.rev;
		position = transformPosition(position, next.op.t, bias);
	}
	return { rev, position, bias };
}

/** The range after the ops, as `moveAnchor`. */
export const moveRange = (
	range: RangeAnchor,
	ops: readonly AnchorOp[],
): RangeAnchor =>
	ops.reduce(
		(moved, { rev, op }) =>
			isNext(moved.rev, rev) ? moveRangeOver(moved, rev, op) : moved,
		range,
	);

function moveRangeOver(
	range: RangeAnchor,
	rev: number,
	op: DocumentOp,
): RangeAnchor {
	const end = transformPosition(range.end, op.t, "before");
	const start = transformPosition(range.start, op.t, "after");
	// Once empty it stays so: text inserted there moves the start behind the end.
	if (start < end) return { rev, start, end, orphaned: false };
	return { rev, start: end, end, orphaned: true };
}

/** Mapping through a composed op, or past a missing one, gives another place: op by op or not at all. */
function isNext(reached: number, rev: number): boolean {
	if (rev > reached + 1)
		throw new CollabError("INTERNAL", "An anchor cannot leap over an op", {
			reached,
			rev,
		});
	return rev === reached + 1;
}
