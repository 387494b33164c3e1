import { codePointLength } from "./code-points.ts";
import type { DocumentOp } from "./document-op.ts";
import { type Attributes, MarkReader } from "./marks.ts";
import { preLength, type TextOp } from "./text-op.ts";

/** A place in the text that both ops were made for, in code points. */
export interface Region {
	readonly position: number;
	readonly length: number;
}

interface Span {
	readonly start: number;
	readonly end: number;
}
interface FormatSpan extends Span {
	readonly a: Attributes;
}
interface Touched {
	/** Empty spans, ascending. */
	readonly inserts: readonly Span[];
	readonly deletes: readonly Span[];
	readonly formats: readonly FormatSpan[];
}

/**
 * The region on which two concurrent ops, made for the same text, contradict each other; undefined when they do not.
 * They do when both insert at one position, delete overlapping ranges of different extents, when one inserts strictly
 * inside a range that the other deletes, or both set one attribute to different values on overlapping ranges.
 */
export function conflictOf(a: DocumentOp, b: DocumentOp): Region | undefined {
	if (a.m.length === 0 && b.m.length === 0 && areApart(a.t, b.t))
		return undefined;
	const mine = touched(a);
	const its = touched(b);
	const hull = new Hull();
	meet(
		mine.inserts,
		its.inserts,
		(x, y) => x.start === y.start && hull.add(x, y),
	);
	meet(mine.inserts, its.deletes, (x, y) => isInside(x, y) && hull.add(x, y));
	meet(its.inserts, mine.deletes, (x, y) => isInside(x, y) && hull.add(x, y));
	meet(mine.deletes, its.deletes, (x, y) => differ(x, y) && hull.add(x, y));
	meet(mine.formats, its.formats, (x, y) => disagree(x, y) && hull.add(x, y));
	return hull.region;
}

/** Most concurrent edits are far apart. */
const areApart = (a: TextOp, b: TextOp): boolean =>
	preLength(a) < firstTouch(b) || preLength(b) < firstTouch(a);

const firstTouch = (op: TextOp): number =>
	typeof op[0] === "number" ? op[0] : 0;

const isInside = (insert: Span, deleted: Span): boolean =>
	deleted.start < insert.start && insert.start < deleted.end;
const overlap = (x: Span, y: Span): boolean =>
	x.start < y.end && y.start < x.end;
const differ = (x: Span, y: Span): boolean =>
	overlap(x, y) && (x.start !== y.start || x.end !== y.end);
const disagree = (x: FormatSpan, y: FormatSpan): boolean =>
	overlap(x, y) &&
	Object.keys(x.a).some(
		(key) => Object.hasOwn(y.a, key) && x.a[key] !== y.a[key],
	);

class Hull {
	#start = Infinity;
	#end = -Infinity;

	add(x: Span, y: Span): void {
		this.#start = Math.min(this.#start, x.start, y.start);
		this.#end = Math.max(this.#end, x.end, y.end);
	}

	get region(): Region | undefined {
		if (this.#end < this.#start) return undefined;
		return { position: this.#start, length: this.#end - this.#start };
	}
}

/** Calls `pair` for all spans of two ascending lists that touch; linear in both. */
function meet<Mine extends Span, Its extends Span>(
	mine: readonly Mine[],
	its: readonly Its[],
	pair: (x: Mine, y: Its) => unknown,
): void {
	let first = 0;
	for (const x of mine) {
		while (first < its.length && (its[first] as Its).end < x.start) first++;
		for (let i = first; i < its.length; i++) {
			const y = its[i] as Its;
			if (y.start > x.end) break;
			pair(x, y);
		}
	}
}

function touched(op: DocumentOp): Touched {
	const inserts: Span[] = [];
	const deletes: Span[] = [];
	let position = 0;
	for (const part of op.t) {
		const start = position;
		if (typeof part === "string") inserts.push({ start, end: start });
		else position += typeof part === "number" ? part : part.d;
		if (typeof part === "object") deletes.push({ start, end: position });
	}
	return { inserts, deletes, formats: formatsOf(op) };
}

/** Formatted ranges of text that the op found; what it inserts is no matter of dispute. */
function formatsOf(op: DocumentOp): readonly FormatSpan[] {
	if (op.m.length === 0) return [];
	const spans: FormatSpan[] = [];
	const reader = new MarkReader(op.m);
	let position = 0;
	const find = (n: number, a: Attributes | undefined) => {
		if (a !== undefined) spans.push({ start: position, end: position + n, a });
		position += n;
	};
	for (const part of op.t) {
		if (typeof part === "string") reader.each(codePointLength(part), () => {});
		else if (typeof part === "number") reader.each(part, find);
		else position += part.d;
	}
	while (reader.left !== Infinity) reader.each(reader.left, find);
	return spans;
}
