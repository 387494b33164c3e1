import { type as library } from "ot-text-unicode";
import { CollabError } from "../protocol/errors.ts";
import type { Limits } from "../shared/limits.ts";
import { codePointLength, hasAstral } from "./code-points.ts";

/** As in ot-text-unicode, canonical: skip n, insert "text", delete {d: n}; positions are code points. */
export type TextComponent = number | string | { readonly d: number };
export type TextOp = readonly TextComponent[];

/** Of two concurrent ops, the LATER committed one is transformed with "left", the earlier one with "right". */
export type Side = "left" | "right";
/** Which way a position goes when text is inserted exactly at it. */
export type Bias = "before" | "after";

type LibraryOp = Parameters<typeof library.compose>[0];

/** The op that does nothing. */
export const NO_TEXT: TextOp = Object.freeze([]);

/**
 * Takes a value from the wire for a text op, or throws: `OPERATION_INVALID` with reason `form` (not canonical),
 * `content` (NUL, lone surrogate) or `components`, `VALIDATION_FAILED` for unknown keys, `PAYLOAD_TOO_LARGE` when
 * it inserts more than `limits.insertCodePoints`. Whether it fits a text is for `fits` to say.
 */
export function checkTextOp(value: unknown, limits: Limits): TextOp {
	if (!Array.isArray(value)) throw badForm("An op is a list of components");
	if (value.length > limits.components)
		throw tooManyComponents(limits.components);
	const parts: readonly unknown[] = value;
	let previous = "";
	let inserted = 0;
	for (const part of parts) {
		checkComponent(part);
		if (typeof part === previous)
			throw badForm("Neighbours of one kind are one component");
		previous = typeof part;
		if (typeof part === "string")
			inserted += checkContent(
				part,
				limits.insertCodePoints - inserted,
				limits,
			);
	}
	if (previous === "number") throw badForm("A skip at the end says nothing");
	return value as TextOp;
}

function checkComponent(part: unknown): asserts part is TextComponent {
	if (typeof part === "string") {
		if (part === "") throw badForm("An insert has text");
	} else if (typeof part === "number") {
		checkCount(part);
	} else {
		if (typeof part !== "object" || part === null || !Object.hasOwn(part, "d"))
			throw badForm('A component is n, "text" or {d: n}');
		if (Object.keys(part).length !== 1)
			throw new CollabError(
				"VALIDATION_FAILED",
				"A delete in op has the key d only",
				{ field: "op" },
			);
		checkCount((part as { d: unknown }).d);
	}
}

/** Throws unless `value` counts something: a safe integer of at least 1. */
export function checkCount(value: unknown): asserts value is number {
	if (!Number.isSafeInteger(value) || (value as number) < 1)
		throw badForm("A count is an integer of at least 1");
}

/** Code points of a text that people may insert; `room` is how many are left of the limit. */
export function checkContent(
	text: string,
	room: number,
	limits: Limits,
): number {
	// Two UTF-16 units a code point at most: what is longer need not be counted.
	const length = text.length > 2 * room ? Infinity : codePointLength(text);
	if (length > room)
		throw new CollabError("PAYLOAD_TOO_LARGE", "Too much text in one edit", {
			limit: "insertCodePoints",
			max: limits.insertCodePoints,
		});
	if (!text.isWellFormed() || text.includes("\0"))
		throw new CollabError(
			"OPERATION_INVALID",
			"Text is well-formed Unicode without NUL",
			{ reason: "content" },
		);
	return length;
}

export const badForm = (message: string): CollabError =>
	new CollabError("OPERATION_INVALID", message, { reason: "form" });

export const tooManyComponents = (max: number): CollabError =>
	new CollabError("OPERATION_INVALID", "Too many components in one edit", {
		reason: "components",
		limit: "components",
		max,
	});

/** How long a text must at least be for the op: all that it skips and deletes. */
export function preLength(op: TextOp): number {
	let length = 0;
	for (const part of op)
		if (typeof part === "number") length += part;
		else if (typeof part === "object") length += part.d;
	return length;
}

export function insertedLength(op: TextOp): number {
	let length = 0;
	for (const part of op)
		if (typeof part === "string") length += codePointLength(part);
	return length;
}

/** By how much the op makes a text longer (inserted less deleted). */
export function netLength(op: TextOp): number {
	let length = 0;
	for (const part of op)
		if (typeof part === "string") length += codePointLength(part);
		else if (typeof part === "object") length -= part.d;
	return length;
}

const firstTouch = (op: TextOp): number =>
	typeof op[0] === "number" ? op[0] : 0;

/** `a` as it must be applied after `b`; both were made for the same text. May return `a` itself. */
export function transformText(a: TextOp, b: TextOp, side: Side): TextOp {
	if (a.length === 0 || b.length === 0) return a;
	// Most concurrent edits are far apart: those need no walk.
	const start = firstTouch(a);
	if (preLength(a) < firstTouch(b)) return a;
	if (preLength(b) < start) {
		const moved = a.slice();
		moved[0] = start + netLength(b);
		return moved;
	}
	return library.transform(a as LibraryOp, b as LibraryOp, side) as TextOp;
}

/** One op that does what `a` and then `b` do. */
export const composeText = (a: TextOp, b: TextOp): TextOp =>
	library.compose(a as LibraryOp, b as LibraryOp) as TextOp;

/** The text after the op, which must fit it (`fits`). */
export function applyText(text: string, op: TextOp): string {
	if (hasAstral(text)) return library.apply(text, op as LibraryOp);
	// Without astral characters positions are string offsets, and slicing saves the count of a long text.
	let out = "";
	let offset = 0;
	for (const part of op) {
		if (typeof part === "string") out += part;
		else if (typeof part === "object") offset += part.d;
		else {
			out += text.slice(offset, offset + part);
			offset += part;
		}
	}
	return out + text.slice(offset);
}

/** Where a position of the text before the op is in the text after it. */
export function transformPosition(
	position: number,
	op: TextOp,
	bias: Bias,
): number {
	let before = 0;
	let moved = position;
	for (const part of op) {
		if (before > position || (before === position && bias === "before")) break;
		if (typeof part === "string") moved += codePointLength(part);
		else if (typeof part === "number") before += part;
		else {
			moved -= Math.min(part.d, position - before);
			before += part.d;
		}
	}
	return moved;
}
