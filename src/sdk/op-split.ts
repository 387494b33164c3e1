import type { DocumentOp } from "../ot/document-op.ts";
import type { Mark } from "../ot/marks.ts";
import type { TextComponent } from "../ot/text-op.ts";
import { byteLength, jsonPrefix } from "./json-bytes.ts";

/** How large one op on the wire may be. */
export interface OpBounds {
	/** Code points that it may insert in all. */
	readonly insertCodePoints: number;
	/** Components of its text half, and of its marks. */
	readonly components: number;
	/** UTF-8 bytes of its JSON: text half and marks together. */
	readonly bytes: number;
}
type Part = TextComponent | Mark;

const NO_ROOM = { codePoints: 0, bytes: 0 };
const BRACKETS = 2;
const COMMA = 1;

/**
 * Cuts a long op (hours offline, a large paste) into a first part that fits the bounds and the rest, so that first
 * and rest in sequence do what the op does. The rest is undefined when the op fits.
 */
export function splitOp(
	op: DocumentOp,
	bounds: OpBounds,
): readonly [first: DocumentOp, rest: DocumentOp | undefined] {
	const text = cut(op.t, bounds);
	// Marks count in the text after the whole op, so they can only go with its last part.
	if (text !== undefined)
		return [
			{ t: text.first, m: [] },
			{ t: text.rest, m: op.m },
		];
	const textBytes = bytesOf(op.t);
	const isOver =
		op.m.length > bounds.components ||
		(op.m.length > 0 && textBytes + bytesOf(op.m) > bounds.bytes);
	if (!isOver) return [op, undefined];
	if (op.t.length > 0)
		return [
			{ t: op.t, m: [] },
			{ t: [], m: op.m },
		];
	const marks = cut(op.m, { ...bounds, bytes: bounds.bytes - textBytes });
	if (marks === undefined) return [op, undefined];
	return [
		{ t: [], m: marks.first },
		{ t: [], m: marks.rest },
	];
}

/**
 * The longest beginning that fits, and what is left; undefined when all of it fits. The beginning does something
 * however narrow the bounds are.
 */
function cut<P extends Part>(
	parts: readonly P[],
	bounds: OpBounds,
): { readonly first: P[]; readonly rest: P[] } | undefined {
	const first: P[] = [];
	let codePoints = bounds.insertCodePoints;
	let bytes = bounds.bytes - BRACKETS;
	/** Length of what the first part leaves behind it: the rest skips that. */
	let done = 0;
	let isIdle = true;
	for (const [at, part] of parts.entries()) {
		const isFull = first.length >= bounds.components;
		const room = isFull ? NO_ROOM : { codePoints, bytes };
		const { head, tail, ...taken } = divide(part, room, isIdle);
		if (head !== undefined) first.push(head);
		done += taken.length;
		bytes -= taken.bytes + COMMA;
		codePoints -= typeof part === "string" ? taken.length : 0;
		isIdle &&= typeof part === "number";
		if (tail === undefined) continue;
		const left = [tail, ...parts.slice(at + 1)];
		return { first: trimSkip(first), rest: joinSkips(done, left) };
	}
	return undefined;
}

/** What of a component there is room for, and what is left of it; all of it when it is needed and cannot be divided. */
function divide<P extends Part>(
	part: P,
	room: typeof NO_ROOM,
	isNeeded: boolean,
): {
	readonly head?: P;
	readonly tail?: P;
	/** Of the head, as JSON. */
	readonly bytes: number;
	/** Of the head, in the text after the op. */
	readonly length: number;
} {
	if (typeof part !== "string") {
		const bytes = bytesOf(part);
		if (bytes > room.bytes && !isNeeded)
			return { tail: part, bytes: 0, length: 0 };
		return { head: part, bytes, length: lengthAfter(part) };
	}
	const { units, codePoints, bytes } = jsonPrefix(part, room, isNeeded);
	return {
		...(units > 0 && { head: part.slice(0, units) as P }),
		...(units < part.length && { tail: part.slice(units) as P }),
		bytes,
		length: codePoints,
	};
}

const bytesOf = (value: unknown): number => byteLength(JSON.stringify(value));

function lengthAfter(part: Exclude<Part, string>): number {
	if (typeof part === "number") return part;
	return "n" in part ? part.n : 0;
}

function trimSkip<P extends Part>(parts: readonly P[]): P[] {
	return typeof parts.at(-1) === "number" ? parts.slice(0, -1) : [...parts];
}

/** A skip is a component of either kind. */
function joinSkips<P extends Part>(skip: number, parts: readonly P[]): P[] {
	const [head, ...tail] = parts;
	if (typeof head === "number") return [(skip + head) as P, ...tail];
	return skip === 0 ? [...parts] : [skip as P, ...parts];
}
