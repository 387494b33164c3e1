import { diffLines, diffWordsWithSpace } from "diff";
import { codePointLength } from "../ot/code-points.ts";
import {
	type DocumentContent,
	type DocumentOp,
	isNoop,
} from "../ot/document-op.ts";
import {
	type Attributes,
	applyMarks,
	type Mark,
	MarkWriter,
	NO_ATTRIBUTES,
	NO_MARKS,
	zipMarks,
} from "../ot/marks.ts";
import {
	insertedLength,
	NO_TEXT,
	type TextComponent,
	type TextOp,
} from "../ot/text-op.ts";
import type { Limits } from "../shared/limits.ts";
import { pieces } from "./server-edit.ts";

/** The search for the shortest edit grows with the square of its length: beyond this a stretch is replaced whole. */
const MOST_LINE_EDITS = 1_000;
const MOST_WORD_EDITS = 500;

type Bounds = Pick<Limits, "insertCodePoints" | "components">;

/**
 * Ops that, one after the other, turn one content into another; what both have in common is not touched, so that
 * whatever others do there meanwhile stays. None when nothing differs. Each keeps to the bounds of people's edits.
 */
export function replacement(
	before: DocumentContent,
	after: DocumentContent,
	bounds: Bounds,
): readonly DocumentOp[] {
	const t = textBetween(before.text, after.text);
	const carried = applyMarks(before.runs, { t, m: NO_MARKS });
	const m = zipMarks(carried, after.runs, changeOf);
	const whole = { t, m };
	if (isNoop(whole)) return [];
	const isSmall =
		t.length <= bounds.components &&
		m.length <= bounds.components &&
		insertedLength(t) <= bounds.insertCodePoints;
	return isSmall ? [whole] : inParts(whole, bounds);
}

/** What goes goes first: on the way from one text that fits into a document to another, none is too large. */
function inParts({ t, m }: DocumentOp, bounds: Bounds): readonly DocumentOp[] {
	const removals = t.filter((part) => typeof part !== "string");
	const insertions = t.filter((part) => typeof part !== "object");
	const texts = [...cutText(removals, bounds), ...cutText(insertions, bounds)];
	return [
		...texts.map((part) => ({ t: part, m: NO_MARKS })),
		...cutMarks(m, bounds.components).map((part) => ({ t: NO_TEXT, m: part })),
	];
}

/** A text op as several, each for the text after the one before. */
function cutText(op: TextOp, bounds: Bounds): readonly TextOp[] {
	const writer = new PartWriter(bounds.components);
	for (const part of op)
		if (typeof part === "number") writer.skip(part);
		else if (typeof part === "object") writer.remove(part.d);
		else
			for (const piece of pieces(part, bounds.insertCodePoints))
				writer.insert(piece, bounds.insertCodePoints);
	return writer.done();
}

/** Collects components into ops of a bounded number of them. */
class PartWriter {
	readonly #most: number;
	readonly #ops: TextComponent[][] = [];
	#op: TextComponent[] = [];
	/** In the text after everything so far. */
	#position = 0;
	/** How far the present op has come in it. */
	#reached = 0;
	#inserted = 0;

	constructor(most: number) {
		this.#most = most;
	}

	skip(n: number): void {
		this.#position += n;
	}

	remove(n: number): void {
		const last = this.#op.at(-1);
		if (this.#position === this.#reached && typeof last === "object") {
			this.#op[this.#op.length - 1] = { d: last.d + n };
			return;
		}
		this.#push({ d: n });
	}

	insert(text: string, maxInserted: number): void {
		const length = codePointLength(text);
		if (this.#inserted + length > maxInserted) this.#end();
		this.#push(text);
		this.#inserted += length;
		this.#position += length;
		this.#reached = this.#position;
	}

	done(): readonly TextOp[] {
		this.#end();
		return this.#ops;
	}

	#push(part: TextComponent): void {
		// A skip may have to stand before it.
		if (this.#op.length + 2 > this.#most) this.#end();
		if (this.#position > this.#reached)
			this.#op.push(this.#position - this.#reached);
		this.#reached = this.#position;
		this.#op.push(part);
	}

	#end(): void {
		if (this.#op.length > 0) this.#ops.push(this.#op);
		this.#op = [];
		this.#reached = 0;
		this.#inserted = 0;
	}
}

/** Marks as several lists of a bounded length. */
function cutMarks(
	marks: readonly Mark[],
	most: number,
): readonly (readonly Mark[])[] {
	const parts: (readonly Mark[])[] = [];
	let part = new MarkWriter();
	let [position, reached, count] = [0, 0, 0];
	for (const mark of marks) {
		if (typeof mark === "number") {
			position += mark;
			continue;
		}
		part.push(position - reached, undefined);
		part.push(mark.n, mark.a);
		position += mark.n;
		reached = position;
		count += 1;
		if (2 * count < most - 1) continue;
		parts.push(part.done());
		part = new MarkWriter();
		[reached, count] = [0, 0];
	}
	const last = part.done();
	return last.length === 0 ? parts : [...parts, last];
}

/** What makes the one formatting out of the other. */
function changeOf(
	from: Attributes = NO_ATTRIBUTES,
	to: Attributes = NO_ATTRIBUTES,
): Attributes | undefined {
	const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
	const set = Object.entries(to).filter(([key, value]) => from[key] !== value);
	return Object.fromEntries([
		...gone.map((key) => [key, null] as const),
		...set,
	]);
}

interface Change {
	readonly value: string;
	readonly added: boolean;
	readonly removed: boolean;
}

const wholly = (gone: string, come: string): readonly Change[] =>
	[
		{ value: gone, removed: true, added: false },
		{ value: come, removed: false, added: true },
	].filter(({ value }) => value !== "");

/** The op between two texts: line by line, and word by word where lines differ. */
function textBetween(before: string, after: string): TextOp {
	const lines =
		diffLines(before, after, { maxEditLength: MOST_LINE_EDITS }) ??
		wholly(before, after);
	const op: TextComponent[] = [];
	for (let at = 0; at < lines.length; at++) {
		const change = lines[at] as Change;
		const next = lines[at + 1];
		if (change.removed && next?.added === true) {
			for (const word of wordsBetween(change.value, next.value))
				pushChange(op, word);
			at++;
		} else pushChange(op, change);
	}
	return typeof op.at(-1) === "number" ? op.slice(0, -1) : op;
}

const wordsBetween = (gone: string, come: string): readonly Change[] =>
	diffWordsWithSpace(gone, come, { maxEditLength: MOST_WORD_EDITS }) ??
	wholly(gone, come);

function pushChange(
	op: TextComponent[],
	{ value, added, removed }: Change,
): void {
	const last = op.at(-1);
	const n = codePointLength(value);
	if (n === 0) return;
	if (added)
		if (typeof last === "string") op[op.length - 1] = last + value;
		else op.push(value);
	else if (removed)
		if (typeof last === "object") op[op.length - 1] = { d: last.d + n };
		else op.push({ d: n });
	else if (typeof last === "number") op[op.length - 1] = last + n;
	else op.push(n);
}
