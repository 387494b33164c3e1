import type { DocumentContent, DocumentOp } from "../../src/ot/document-op.ts";
import type { AttributeRun, Attributes, Mark } from "../../src/ot/marks.ts";
import type { TextComponent } from "../../src/ot/text-op.ts";
import type { SimpleOperation, Unit } from "../../src/protocol/submission.ts";

const size = (text: string): number => [...text].length;

/** Code points before a position of the text, counted by the text itself. */
function pointsBefore(text: string, position: number, unit: Unit): number {
	if (unit === "codepoint") return position;
	const before = text.slice(0, position);
	if (position > text.length) throw new RangeError("past the end");
	if (!before.isWellFormed()) throw new RangeError("inside a pair");
	return size(before);
}

const unitsBefore = (text: string, points: number, unit: Unit): number =>
	unit === "codepoint" ? points : [...text].slice(0, points).join("").length;

const behind = <Part>(start: number, part: Part): (number | Part)[] =>
	start === 0 ? [part] : [start, part];

/** What a simple operation means on this text, by the client's own arithmetic. */
export function readSimple(
	operation: SimpleOperation,
	text: string,
	unit: Unit,
): DocumentOp {
	const { type, position, length = 0, content = "", attributes } = operation;
	const start = pointsBefore(text, position, unit);
	const marks = (n: number): readonly Mark[] =>
		attributes === undefined ? [] : behind<Mark>(start, { n, a: attributes });
	if (type === "insert")
		return {
			t: behind<TextComponent>(start, content),
			m: marks(size(content)),
		};
	const n = pointsBefore(text, position + length, unit) - start;
	if (type === "delete")
		return { t: behind<TextComponent>(start, { d: n }), m: [] };
	return { t: [], m: n === 0 ? [] : marks(n) };
}

/** An op of one component, as `single` makes them, in simple form. */
export function writeSimple(
	{ t, m }: DocumentOp,
	text: string,
	unit: Unit,
): SimpleOperation {
	const part = t.at(-1);
	const mark = m.at(-1);
	const start =
		part !== undefined
			? t.length === 1
				? 0
				: (t[0] as number)
			: m.length === 1
				? 0
				: (m[0] as number);
	const position = unitsBefore(text, start, unit);
	if (typeof part === "string")
		return {
			type: "insert",
			position,
			content: part,
			...(typeof mark === "object" ? { attributes: mark.a } : {}),
		};
	const n =
		typeof part === "object" ? part.d : typeof mark === "object" ? mark.n : 0;
	const length = unitsBefore(text, start + n, unit) - position;
	if (typeof part === "object") return { type: "delete", position, length };
	const { a } = mark as { readonly a: Attributes };
	return { type: "format", position, length, attributes: a };
}

/** An op as ops of one component each, every one for the text after those before it. */
export function singles({ t, m }: DocumentOp): readonly DocumentOp[] {
	const out: DocumentOp[] = [];
	let place = 0;
	for (const part of t) {
		if (typeof part === "number") place += part;
		else out.push({ t: behind<TextComponent>(place, part), m: [] });
		if (typeof part === "string") place += size(part);
	}
	place = 0;
	for (const mark of m) {
		if (typeof mark === "object")
			out.push({ t: [], m: behind<Mark>(place, mark) });
		place += typeof mark === "number" ? mark : mark.n;
	}
	return out;
}

export interface FormattedRange {
	readonly position: number;
	readonly length: number;
	readonly attributes: Attributes;
}

/** A whole document as `document:joined` tells it. */
export function readContent(
	text: string,
	ranges: readonly FormattedRange[],
	unit: Unit,
): DocumentContent {
	const runs: AttributeRun[] = [];
	let end = 0;
	const plain = (to: number) => {
		if (to > end) runs.push({ n: to - end, a: {} });
	};
	for (const { position, length, attributes } of ranges) {
		const start = pointsBefore(text, position, unit);
		plain(start);
		end = pointsBefore(text, position + length, unit);
		runs.push({ n: end - start, a: attributes });
	}
	plain(size(text));
	return { text, runs };
}
