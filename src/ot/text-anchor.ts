import { type AnchorOp, moveAnchor, moveRange } from "./anchor.ts";
import { codePointLength } from "./code-points.ts";
import type { LinePlace, Lines } from "./lines.ts";
import type { Bias } from "./text-op.ts";

/** A place in a text, and what is selected there; positions are code points of the text at `rev`. */
export interface TextAnchor {
	readonly rev: number;
	/** Goes with the character behind it; at the end of the selection with the one before it. */
	readonly position: number;
	readonly bias: Bias;
	/** Absent: nothing was selected. Empty once its text is gone. */
	readonly range?: { readonly start: number; readonly end: number };
	/** What was selected is gone. */
	readonly orphaned: boolean;
}

/** An anchor with the text that it was about. */
export interface QuotedAnchor {
	readonly anchor: TextAnchor;
	readonly quote?: string;
}

/** A new anchor, where it stands in the head. */
export interface PutAnchor extends Standing {
	readonly quote?: string;
	readonly revision: number;
}

/** A place and a selection as people name them; one of the two at least. */
export interface Spot {
	readonly position?: LinePlace;
	readonly selection?: { readonly start: LinePlace; readonly end: LinePlace };
}

/** Where an anchor stands in some text. */
export interface Standing extends Required<Pick<Spot, "position">> {
	readonly anchor: TextAnchor;
	readonly selection?: { readonly start: LinePlace; readonly end: LinePlace };
	/** What had gone is back: the anchor is a new one, to be kept from here on. */
	readonly isBack?: true;
}

/** Texts longer than that (UTF-16 units) are remembered by their beginning, and not found again. */
export const QUOTE_CHARS = 10_000;

/** Anchors a spot in the text at `rev`; places beyond the text are moved into it, a backward selection is turned round. */
export function anchorAt(rev: number, spot: Spot, lines: Lines): TextAnchor {
	const { selection } = spot;
	const ends = selection
		? [lines.positionOf(selection.start), lines.positionOf(selection.end)]
		: [];
	const [start, end] = [Math.min(...ends), Math.max(...ends)];
	const position = spot.position ? lines.positionOf(spot.position) : start;
	const isSelected = start < end;
	return {
		rev,
		position,
		bias: isSelected && position === end ? "before" : "after",
		...(isSelected ? { range: { start, end } } : {}),
		orphaned: false,
	};
}

/** The selected text, its beginning at least; undefined when nothing is selected. */
export function quoteOf({ range }: TextAnchor, lines: Lines) {
	if (range === undefined) return undefined;
	const { start, end } = range;
	const quote = lines.slice(start, Math.min(end, start + QUOTE_CHARS));
	return quote.slice(0, QUOTE_CHARS).toWellFormed();
}

/** The anchor after the ops: consecutive committed ones; those up to its own revision are passed over. */
export function moveTextAnchor(
	anchor: TextAnchor,
	ops: readonly AnchorOp[],
): TextAnchor {
	const { range, orphaned } = anchor;
	const moved = moveAnchor(anchor, ops);
	if (range === undefined) return { ...moved, orphaned };
	const { rev } = anchor;
	const {
		start,
		end,
		orphaned: isGone,
	} = moveRange({ rev, orphaned, ...range }, ops);
	return { ...moved, range: { start, end }, orphaned: isGone };
}

/**
 * The anchor of what had gone, whole or at one end, and stands in its place again, as after an undo; undefined: it does
 * not, or nothing was gone.
 */
export function reattach(
	anchor: TextAnchor,
	quote: string,
	lines: Lines,
): TextAnchor | undefined {
	const { range, orphaned, bias } = anchor;
	const isWhole = quote !== "" && quote.length < QUOTE_CHARS;
	if (range === undefined || !isWhole) return undefined;
	const size = codePointLength(quote);
	if (range.end - range.start >= size) return undefined;
	const starts = orphaned ? [range.start] : [range.start, range.end - size];
	const start = starts.find((at) => at >= 0 && lines.hasAt(at, quote));
	if (start === undefined) return undefined;
	const end = start + size;
	const position =
		anchor.position > range.start && !orphaned ? anchor.position : start;
	return {
		...anchor,
		position: bias === "before" ? end : position,
		range: { start, end },
		orphaned: false,
	};
}

/** @param lines of the text at the anchor's revision */
export function standingOf(anchor: TextAnchor, lines: Lines): Standing {
	const { position, range } = anchor;
	return {
		anchor,
		position: lines.placeOf(position),
		...(range === undefined
			? {}
			: {
					selection: {
						start: lines.placeOf(range.start),
						end: lines.placeOf(range.end),
					},
				}),
	};
}
