import { CollabError } from "../protocol/errors.ts";
import type { Limits } from "../shared/limits.ts";
import { checkMarks } from "./check-marks.ts";
import { codePointLength, offsetAfter } from "./code-points.ts";
import {
	type AttributeRun,
	type Attributes,
	applyMarks,
	type Mark,
	MarkReader,
	MarkWriter,
	mapMarks,
	marksLength,
	NO_ATTRIBUTES,
	NO_MARKS,
	overlay,
	runsLength,
	withoutKeysOf,
	zipMarks,
} from "./marks.ts";
import {
	applyText,
	checkTextOp,
	composeText,
	netLength,
	preLength,
	type Side,
	type TextOp,
	transformText,
} from "./text-op.ts";

/** One operation on a document: its text half, and the formatting in coordinates of the text after it. */
export interface DocumentOp {
	readonly t: TextOp;
	readonly m: readonly Mark[];
}

/** A document's text and its formatting; `runs` cover the whole text. */
export interface DocumentContent {
	readonly text: string;
	readonly runs: readonly AttributeRun[];
}

/** Takes values from the wire for an op (`marks` may be absent), or throws as `checkTextOp` and `checkMarks` do. */
export const checkDocumentOp = (
	op: unknown,
	marks: unknown,
	limits: Limits,
): DocumentOp => ({
	t: checkTextOp(op, limits),
	m: marks === undefined ? NO_MARKS : checkMarks(marks, limits),
});

/** Throws `OPERATION_INVALID` unless the op fits a text of `length` code points. */
export function fits(op: DocumentOp, length: number): void {
	if (preLength(op.t) > length)
		throw new CollabError(
			"OPERATION_INVALID",
			"The edit reaches past the end of the text",
			{ reason: "range", length },
		);
	if (op.m.length === 0) return;
	const after = length + netLength(op.t);
	if (marksLength(op.m) > after)
		throw new CollabError(
			"OPERATION_INVALID",
			"The formatting reaches past the end of the text",
			{ reason: "marks", length: after },
		);
}

export const isNoop = (op: DocumentOp): boolean =>
	op.t.length === 0 && op.m.length === 0;

const opposite = (side: Side): Side => (side === "left" ? "right" : "left");

/**
 * `a` as it must be applied after `b`; both were made for the same text. The LATER committed of the two is moved with
 * "left", the earlier with "right": its inserts then stand before the other's, and its formats win. May return `a`.
 */
export function transform(
	a: DocumentOp,
	b: DocumentOp,
	side: Side,
): DocumentOp {
	const t = transformText(a.t, b.t, side);
	if (a.m.length === 0) return t === a.t ? a : { t, m: NO_MARKS };
	const moved = mapMarks(a.m, transformText(b.t, a.t, opposite(side)));
	if (side === "left" || b.m.length === 0) return { t, m: moved };
	return { t, m: zipMarks(moved, mapMarks(b.m, t), withoutKeysOf) };
}

/** One op that does what `a` and then `b` do. Never transform through the result: only op by op is exact. */
export const compose = (a: DocumentOp, b: DocumentOp): DocumentOp => ({
	t: composeText(a.t, b.t),
	m: zipMarks(mapMarks(a.m, b.t), b.m, overlay),
});

/** The document after the op; throws `OPERATION_INVALID` when it does not fit. */
export function applyOp(
	content: DocumentContent,
	op: DocumentOp,
): DocumentContent {
	fits(op, runsLength(content.runs));
	return {
		text: applyText(content.text, op.t),
		runs: applyMarks(content.runs, op),
	};
}

/** The op that undoes `op`; `before` is the document that `op` was made for. */
export function invert(op: DocumentOp, before: DocumentContent): DocumentOp {
	fits(op, runsLength(before.runs));
	const t = invertText(op.t, before.text);
	// Carried over the inverse, the op's marks lie over the text that it kept: there old values come back.
	const reset = zipMarks(mapMarks(op.m, t), before.runs, oldValues);
	return { t, m: zipMarks(reset, restored(op.t, before.runs), overlay) };
}

function invertText(op: TextOp, text: string): TextOp {
	let offset = 0;
	return op.map((part) => {
		if (typeof part === "string") return { d: codePointLength(part) };
		const start = offset;
		offset = offsetAfter(text, start, typeof part === "number" ? part : part.d);
		return typeof part === "number" ? part : text.slice(start, offset);
	});
}

/** Marks that give back the attributes of what `op` deletes. */
function restored(op: TextOp, runs: readonly AttributeRun[]): readonly Mark[] {
	const writer = new MarkWriter();
	const reader = new MarkReader(runs);
	const give = (n: number, a: Attributes | undefined) => writer.push(n, a);
	const skip = (n: number) => writer.push(n, undefined);
	for (const part of op)
		if (typeof part === "number") reader.each(part, skip);
		else if (typeof part === "object") reader.each(part.d, give);
	return writer.done();
}

function oldValues(
	set: Attributes | undefined,
	old: Attributes = NO_ATTRIBUTES,
): Attributes | undefined {
	if (set === undefined) return undefined;
	const oldValue = (key: string) =>
		(Object.hasOwn(old, key) ? old[key] : null) ?? null;
	return Object.fromEntries(
		Object.keys(set)
			.filter((key) => set[key] !== oldValue(key))
			.map((key) => [key, oldValue(key)]),
	);
}
