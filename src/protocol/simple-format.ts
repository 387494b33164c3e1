import { codePointLength, offsetAfter } from "../ot/code-points.ts";
import { type DocumentOp, isNoop } from "../ot/document-op.ts";
import {
	type AttributeRun,
	type Attributes,
	type Mark,
	NO_MARKS,
} from "../ot/marks.ts";
import { NO_TEXT, type TextComponent, type TextOp } from "../ot/text-op.ts";
import { type AstralNote, fromUtf16 } from "../ot/unicode.ts";
import type { SimpleOperation, Unit } from "./submission.ts";

/** Formatting of a range of the whole text, as `document:joined` tells it. */
export interface AttributeRange {
	readonly position: number;
	readonly length: number;
	readonly attributes: Attributes;
}

type FormatPart = SimpleOperation & { readonly attributes: Attributes };

/** What a committed op without effect looks like. */
const NO_EFFECT: SimpleOperation = { type: "retain", position: 0, length: 0 };

const isEmpty = (attributes: Attributes | undefined): boolean =>
	attributes === undefined || Object.keys(attributes).length === 0;

/**
 * The op that a checked simple operation means; both count from the start of its author's text.
 *
 * @param astral astral positions of that text; `unit` utf16 needs them, `codepoint` does not
 * @throws `OPERATION_INVALID {reason:'surrogate'}` when a position or an end lies inside a surrogate pair
 */
export function fromSimple(
	operation: SimpleOperation,
	unit: Unit,
	astral: readonly number[],
): DocumentOp {
	const { type, attributes, content = "" } = operation;
	const points = (position: number) =>
		unit === "utf16" ? fromUtf16(position, astral) : position;
	const start = points(operation.position);
	if (type === "insert") {
		const t = behind<TextComponent>(start, content);
		if (attributes === undefined || isEmpty(attributes))
			return { t, m: NO_MARKS };
		const mark = { n: codePointLength(content), a: attributes };
		return { t, m: behind<Mark>(start, mark) };
	}
	const n = points(operation.position + (operation.length ?? 0)) - start;
	if (type === "delete")
		return { t: behind<TextComponent>(start, { d: n }), m: NO_MARKS };
	if (attributes === undefined || isEmpty(attributes))
		return { t: NO_TEXT, m: NO_MARKS };
	return { t: NO_TEXT, m: behind<Mark>(start, { n, a: attributes }) };
}

/** One component behind a skip, canonical. */
const behind = <Part>(start: number, part: Part): readonly (number | Part)[] =>
	start === 0 ? [part] : [start, part];

/**
 * The op as consecutive simple operations, each positioned in the text after those before it.
 *
 * @param note the op's astral note, absent when it has none; `unit` utf16 counts with it and never needs the text
 */
export function toSimple(
	op: DocumentOp,
	note: AstralNote | undefined,
	unit: Unit,
): readonly SimpleOperation[] {
	if (isNoop(op)) return [NO_EFFECT];
	const counts = unit === "utf16" ? note : undefined;
	const formats = formatParts(op.m, counts?.m);
	const parts = textParts(op.t, counts?.t, unit).map((part) =>
		part.type === "insert" ? withFormat(part, unit, formats) : part,
	);
	return [...parts, ...formats.values()];
}

/** The text half; what `astral` counts is added to every number. */
function textParts(
	op: TextOp,
	astral: readonly number[] | undefined,
	unit: Unit,
): readonly SimpleOperation[] {
	const parts: SimpleOperation[] = [];
	let position = 0;
	op.forEach((part, index) => {
		const extra = astral?.[index] ?? 0;
		if (typeof part === "number") position += part + extra;
		else if (typeof part === "object")
			parts.push({ type: "delete", position, length: part.d + extra });
		else {
			parts.push({ type: "insert", position, content: part });
			position += lengthIn(part, unit);
		}
	});
	return parts;
}

/** The formatting by position in the text after the op's text half. */
function formatParts(
	marks: readonly Mark[],
	astral: readonly number[] | undefined,
): Map<number, FormatPart> {
	const parts = new Map<number, FormatPart>();
	let position = 0;
	marks.forEach((mark, index) => {
		const size = typeof mark === "number" ? mark : mark.n;
		const length = size + (astral?.[index] ?? 0);
		if (typeof mark === "object")
			parts.set(position, {
				type: "format",
				position,
				length,
				attributes: mark.a,
			});
		position += length;
	});
	return parts;
}

/** Takes the format that covers exactly the inserted text into the insert. */
function withFormat(
	insert: SimpleOperation,
	unit: Unit,
	formats: Map<number, FormatPart>,
): SimpleOperation {
	const format = formats.get(insert.position);
	if (format?.length !== lengthIn(insert.content ?? "", unit)) return insert;
	formats.delete(insert.position);
	const attributes = withoutNulls(format.attributes);
	return isEmpty(attributes) ? insert : { ...insert, attributes };
}

/** On fresh text there is nothing to remove. */
const withoutNulls = (attributes: Attributes): Attributes =>
	Object.fromEntries(
		Object.entries(attributes).filter(([, value]) => value !== null),
	);

const lengthIn = (text: string, unit: Unit): number =>
	unit === "utf16" ? text.length : codePointLength(text);

/** The formatted ranges of a text. */
export function attributesOf(
	runs: readonly AttributeRun[],
	text: string,
	unit: Unit,
): readonly AttributeRange[] {
	if (runs.every((run) => isEmpty(run.a))) return [];
	const ranges: AttributeRange[] = [];
	let position = 0;
	for (const { n, a } of runs) {
		const length =
			unit === "utf16" ? offsetAfter(text, position, n) - position : n;
		if (!isEmpty(a)) ranges.push({ position, length, attributes: a });
		position += length;
	}
	return ranges;
}

export { checkSimple } from "./check-simple.ts";
