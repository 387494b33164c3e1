import { codePointLength, offsetAfter } from "../ot/code-points.ts";
import { type TextOp, transformPosition } from "../ot/text-op.ts";
import type { WirePosition } from "./typed-events.ts";

/** Where somebody writes: code points of the shown text. */
export interface Place {
	readonly cursor: number;
	/** What he has selected; the cursor is at one of its ends. */
	readonly selection?: { readonly start: number; readonly end: number };
}

/** The same on the wire. */
export interface WirePlace {
	readonly cursor: WirePosition;
	readonly selection?: {
		readonly start: WirePosition;
		readonly end: WirePosition;
	};
}

/**
 * The place after an op. Inserts at the cursor push it on when they are its owner's; at the edges of a selection
 * inserts stay outside.
 */
export function movePlace(place: Place, op: TextOp, isOwners: boolean): Place {
	const { selection } = place;
	const cursor = transformPosition(
		place.cursor,
		op,
		isOwners ? "after" : "before",
	);
	if (selection === undefined) return { cursor };
	return {
		cursor,
		...selected(
			transformPosition(selection.start, op, "after"),
			transformPosition(selection.end, op, "before"),
		),
	};
}

/** An empty selection is none. */
export const selected = (
	start: number,
	end: number,
): Pick<Place, "selection"> =>
	start < end ? { selection: { start, end } } : {};

/** Lines end at `\n`; beyond the text is its end, beyond a line the line's end. */
export function offsetOf(text: string, { line, ch }: WirePosition): number {
	let start = 0;
	for (let left = line; left > 0; left--) {
		const newline = text.indexOf("\n", start);
		if (newline < 0) return codePointLength(text);
		start = newline + 1;
	}
	const newline = text.indexOf("\n", start);
	const end = newline < 0 ? text.length : newline;
	return codePointLength(text.slice(0, Math.min(start + ch, end)));
}

export function positionOf(text: string, offset: number): WirePosition {
	const at = offsetAfter(text, 0, offset);
	let line = 0;
	let start = 0;
	for (;;) {
		const newline = text.indexOf("\n", start);
		if (newline < 0 || newline >= at) return { line, ch: at - start };
		line++;
		start = newline + 1;
	}
}

export function toWire(text: string, { cursor, selection }: Place): WirePlace {
	const told = { cursor: positionOf(text, cursor) };
	if (selection === undefined) return told;
	return {
		...told,
		selection: {
			start: positionOf(text, selection.start),
			end: positionOf(text, selection.end),
		},
	};
}

export const isSamePlace = (one: Place, other: Place): boolean =>
	one.cursor === other.cursor &&
	one.selection?.start === other.selection?.start &&
	one.selection?.end === other.selection?.end;
