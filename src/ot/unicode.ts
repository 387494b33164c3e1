import { CollabError } from "../protocol/errors.ts";
import { codePointLength, hasAstral } from "./code-points.ts";
import type { DocumentOp } from "./document-op.ts";
import type { TextOp } from "./text-op.ts";

export { codePointLength };

/**
 * What must be known of an op to convert it to UTF-16, and to walk positions back over it, without the text.
 * Characters above U+FFFF ("astral") count two units in UTF-16.
 */
export interface AstralNote {
	/** Per component of `t`: astral characters in what it skips or deletes; 0 for an insert. */
	readonly t: readonly number[];
	/** Per mark: astral characters in what it skips or formats (coordinates of the text after the op). */
	readonly m: readonly number[];
	/** Positions, before the op, of the astral characters that it deletes; ascending. */
	readonly d: readonly number[];
}

/** No astral characters: the one list that most documents have for ever, so that they pay nothing. */
export const EMPTY: readonly number[] = Object.freeze([]);

const orEmpty = (positions: readonly number[]): readonly number[] =>
	positions.length === 0 ? EMPTY : positions;

/** Code point positions of the astral characters of a text, ascending. */
export function astralPositions(text: string): readonly number[] {
	if (!hasAstral(text)) return EMPTY;
	const positions: number[] = [];
	pushAstral(positions, text, 0);
	return positions;
}

/** Adds the astral positions of `text`, which begins at code point `start`; returns where it ends. */
function pushAstral(out: number[], text: string, start: number): number {
	let position = start;
	for (let unit = 0; unit < text.length; unit++, position++) {
		const code = text.charCodeAt(unit);
		if (code < 0xd800 || code > 0xdbff) continue;
		out.push(position);
		unit++;
	}
	return position;
}

/** The astral positions after `op`: kept ones move, deleted ones go, those of inserted text come. */
export const carry = (
	astral: readonly number[],
	op: TextOp,
): readonly number[] => walk(astral, op, true);

/** Moves positions of characters over `op`; those that it deletes go, none come. */
export const shift = (
	positions: readonly number[],
	op: TextOp,
): readonly number[] => walk(positions, op, false);

function walk(
	positions: readonly number[],
	op: TextOp,
	withInserted: boolean,
): readonly number[] {
	if (op.length === 0) return positions;
	if (positions.length === 0 && !(withInserted && insertsAstral(op)))
		return EMPTY;
	const out: number[] = [];
	let before = 0;
	let after = 0;
	let i = 0;
	for (const part of op) {
		if (typeof part === "string") {
			after = withInserted
				? pushAstral(out, part, after)
				: after + codePointLength(part);
		} else if (typeof part === "number") {
			const end = before + part;
			for (; i < positions.length && at(positions, i) < end; i++)
				out.push(at(positions, i) - before + after);
			before = end;
			after += part;
		} else {
			before += part.d;
			while (i < positions.length && at(positions, i) < before) i++;
		}
	}
	for (; i < positions.length; i++) out.push(at(positions, i) - before + after);
	return orEmpty(out);
}

const insertsAstral = (op: TextOp): boolean =>
	op.some((part) => typeof part === "string" && hasAstral(part));

const at = (positions: readonly number[], index: number): number =>
	positions[index] as number;

/** The astral positions before `op`, given those after it and the note's `d`: the exact inverse of `carry`. */
export function carryBack(
	astralAfter: readonly number[],
	op: TextOp,
	deleted: readonly number[] = EMPTY,
): readonly number[] {
	if (astralAfter.length === 0 && deleted.length === 0) return EMPTY;
	if (op.length === 0) return astralAfter;
	const out: number[] = [];
	let before = 0;
	let after = 0;
	let kept = 0;
	let gone = 0;
	for (const part of op) {
		if (typeof part === "string") {
			after += codePointLength(part);
			while (kept < astralAfter.length && at(astralAfter, kept) < after) kept++;
		} else if (typeof part === "number") {
			const end = after + part;
			for (; kept < astralAfter.length && at(astralAfter, kept) < end; kept++)
				out.push(at(astralAfter, kept) - after + before);
			before += part;
			after = end;
		} else {
			before += part.d;
			for (; gone < deleted.length && at(deleted, gone) < before; gone++)
				out.push(at(deleted, gone));
		}
	}
	for (; kept < astralAfter.length; kept++)
		out.push(at(astralAfter, kept) - after + before);
	return orEmpty(out);
}

/** How many of the ascending positions are below `position`. */
export function countBelow(
	positions: readonly number[],
	position: number,
): number {
	let low = 0;
	let high = positions.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if (at(positions, middle) < position) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** UTF-16 position of a code point position. */
export const toUtf16 = (position: number, astral: readonly number[]): number =>
	astral.length === 0 ? position : position + countBelow(astral, position);

/** Code point position of a UTF-16 position; throws `OPERATION_INVALID {reason:'surrogate'}` inside a pair. */
export function fromUtf16(
	utf16Position: number,
	astral: readonly number[],
): number {
	if (astral.length === 0) return utf16Position;
	let low = 0;
	let high = astral.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		// The pair of the character at `middle` begins at this UTF-16 unit.
		if (at(astral, middle) + middle < utf16Position) low = middle + 1;
		else high = middle;
	}
	if (low > 0 && at(astral, low - 1) + low === utf16Position)
		throw new CollabError(
			"OPERATION_INVALID",
			"The position lies inside a character (surrogate pair)",
			{ reason: "surrogate", position: utf16Position },
		);
	return utf16Position - low;
}

/** The note of an op between the astral lists of the texts around it; undefined when there is nothing to note. */
export function noteOf(
	op: DocumentOp,
	astralBefore: readonly number[],
	astralAfter: readonly number[],
): AstralNote | undefined {
	if (astralBefore.length === 0 && astralAfter.length === 0) return undefined;
	const d: number[] = [];
	const inBefore = counter(astralBefore);
	const t = op.t.map((part) => {
		if (typeof part === "string") return 0;
		if (typeof part === "number") return inBefore(part);
		return inBefore(part.d, d);
	});
	const inAfter = counter(astralAfter);
	const m = op.m.map((mark) =>
		inAfter(typeof mark === "number" ? mark : mark.n),
	);
	if (d.length === 0 && !t.some(Boolean) && !m.some(Boolean)) return undefined;
	return { t, m, d };
}

/** Counts the positions in consecutive stretches, and collects them when asked. */
function counter(
	positions: readonly number[],
): (size: number, collect?: number[]) => number {
	let position = 0;
	let index = 0;
	return (size, collect) => {
		position += size;
		const start = index;
		index = countBelow(positions, position);
		if (collect !== undefined)
			for (let i = start; i < index; i++) collect.push(at(positions, i));
		return index - start;
	};
}
