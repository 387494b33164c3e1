import { codePointLength } from "./code-points.ts";
import type { TextOp } from "./text-op.ts";

/** Formatting of a range; `null` removes the key. */
export type Attributes = Readonly<
	Record<string, string | number | boolean | null>
>;
/** Skip n, or format n code points with `a`; counted in the text after the operation's text half. */
export type Mark = number | { readonly n: number; readonly a: Attributes };
/** A stretch of `n` code points with the same attributes; the runs of a document cover its whole text. */
export interface AttributeRun {
	readonly n: number;
	readonly a: Attributes;
}

export const NO_MARKS: readonly Mark[] = Object.freeze([]);
export const NO_ATTRIBUTES: Attributes = Object.freeze({});

const sizeOf = (mark: Mark): number =>
	typeof mark === "number" ? mark : mark.n;
const attributesOf = (mark: Mark): Attributes | undefined =>
	typeof mark === "number" ? undefined : mark.a;

/** How far marks reach: the text that they format must be at least this long. */
export function marksLength(marks: readonly Mark[]): number {
	let length = 0;
	for (const mark of marks) length += sizeOf(mark);
	return length;
}

export function sameAttributes(
	a: Attributes | undefined,
	b: Attributes | undefined,
): boolean {
	if (a === b) return true;
	if (a === undefined || b === undefined) return false;
	const keys = Object.keys(a);
	return (
		keys.length === Object.keys(b).length &&
		keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key])
	);
}

/** Builds canonical marks: equal neighbours become one, empty ones become skips, a skip at the end goes. */
export class MarkWriter {
	readonly #out: Mark[] = [];

	push(n: number, attributes: Attributes | undefined): void {
		if (n === 0) return;
		const a =
			attributes === undefined || Object.keys(attributes).length === 0
				? undefined
				: attributes;
		const last = this.#out.at(-1);
		if (last !== undefined && sameAttributes(attributesOf(last), a))
			this.#out[this.#out.length - 1] = markOf(sizeOf(last) + n, a);
		else this.#out.push(markOf(n, a));
	}

	done(): readonly Mark[] {
		if (typeof this.#out.at(-1) === "number") this.#out.pop();
		return this.#out.length === 0 ? NO_MARKS : this.#out;
	}
}

const markOf = (n: number, a: Attributes | undefined): Mark =>
	a === undefined ? n : { n, a };

/** Reads marks in pieces of any size; behind the last one lies an endless skip. */
export class MarkReader {
	readonly #marks: readonly Mark[];
	#index = 0;
	#used = 0;

	constructor(marks: readonly Mark[]) {
		this.#marks = marks;
	}

	/** Code points left of the present mark; `Infinity` behind the last one. */
	get left(): number {
		const mark = this.#marks[this.#index];
		return mark === undefined ? Infinity : sizeOf(mark) - this.#used;
	}

	/** Reads `n <= left` code points: their attributes, undefined where they are skipped. */
	take(n: number): Attributes | undefined {
		const mark = this.#marks[this.#index];
		if (mark === undefined) return undefined;
		this.#used += n;
		if (this.#used === sizeOf(mark)) {
			this.#index++;
			this.#used = 0;
		}
		return attributesOf(mark);
	}

	/** Calls `piece` for the next `n` code points, stretch by stretch. */
	each(
		n: number,
		piece: (n: number, attributes: Attributes | undefined) => void,
	): void {
		for (let rest = n; rest > 0; ) {
			const size = Math.min(rest, this.left);
			piece(size, this.take(size));
			rest -= size;
		}
	}
}

/** Carries marks over a text op: deleted text loses them, text that `op` inserts has none. */
export function mapMarks(marks: readonly Mark[], op: TextOp): readonly Mark[] {
	if (marks.length === 0) return NO_MARKS;
	if (op.length === 0) return marks;
	const writer = new MarkWriter();
	const reader = new MarkReader(marks);
	const keep = (n: number, a: Attributes | undefined) => writer.push(n, a);
	for (const part of op) {
		if (typeof part === "string") writer.push(codePointLength(part), undefined);
		else if (typeof part === "number") reader.each(part, keep);
		else reader.each(part.d, drop);
	}
	while (reader.left !== Infinity) reader.each(reader.left, keep);
	return writer.done();
}

const drop = (): void => {};

/** Walks two lists of marks side by side; `join` says what a stretch of the result has. */
export function zipMarks(
	a: readonly Mark[],
	b: readonly Mark[],
	join: (
		a: Attributes | undefined,
		b: Attributes | undefined,
	) => Attributes | undefined,
): readonly Mark[] {
	const writer = new MarkWriter();
	const left = new MarkReader(a);
	const right = new MarkReader(b);
	for (;;) {
		const n = Math.min(left.left, right.left);
		if (n === Infinity) return writer.done();
		writer.push(n, join(left.take(n), right.take(n)));
	}
}

/** `mine` without the keys that `later` sets: of two formats of one key the later committed one stays. */
export function withoutKeysOf(
	mine: Attributes | undefined,
	later: Attributes | undefined,
): Attributes | undefined {
	if (mine === undefined || later === undefined) return mine;
	return Object.fromEntries(
		Object.entries(mine).filter(([key]) => !Object.hasOwn(later, key)),
	);
}

/** What two formats of one stretch, one after the other, are together. */
export const overlay = (
	first: Attributes | undefined,
	second: Attributes | undefined,
): Attributes | undefined => {
	if (first === undefined) return second;
	return second === undefined ? first : { ...first, ...second };
};

/** Code points that runs cover: the length of their text. */
export function runsLength(runs: readonly AttributeRun[]): number {
	let length = 0;
	for (const run of runs) length += run.n;
	return length;
}

/** The runs of a text without formatting. */
export const plainRuns = (length: number): readonly AttributeRun[] =>
	length === 0 ? [] : [{ n: length, a: NO_ATTRIBUTES }];

/** The attribute runs after the op; whole (they cover the text) and normalised (no equal neighbours). */
export function applyMarks(
	runs: readonly AttributeRun[],
	op: { readonly t: TextOp; readonly m: readonly Mark[] },
): readonly AttributeRun[] {
	const carried = op.t.length === 0 ? runs : mapRuns(runs, op.t);
	if (op.m.length === 0) return carried;
	const out: AttributeRun[] = [];
	const reader = new MarkReader(op.m);
	for (const run of carried)
		reader.each(run.n, (n, set) => pushRun(out, n, formatted(run.a, set)));
	return out;
}

function mapRuns(
	runs: readonly AttributeRun[],
	op: TextOp,
): readonly AttributeRun[] {
	const out: AttributeRun[] = [];
	const reader = new MarkReader(runs);
	const keep = (n: number, a: Attributes | undefined) => pushRun(out, n, a);
	for (const part of op) {
		if (typeof part === "string")
			pushRun(out, codePointLength(part), NO_ATTRIBUTES);
		else if (typeof part === "number") reader.each(part, keep);
		else reader.each(part.d, drop);
	}
	while (reader.left !== Infinity) reader.each(reader.left, keep);
	return out;
}

function pushRun(
	out: AttributeRun[],
	n: number,
	a: Attributes = NO_ATTRIBUTES,
): void {
	const last = out.at(-1);
	if (last !== undefined && sameAttributes(last.a, a))
		out[out.length - 1] = { n: last.n + n, a: last.a };
	else out.push({ n, a });
}

function formatted(old: Attributes, set: Attributes | undefined): Attributes {
	if (set === undefined) return old;
	return Object.fromEntries(
		Object.entries({ ...old, ...set }).filter(([, value]) => value !== null),
	);
}
