import type { TextComponent, TextOp } from "../ot/text-op.ts";
import { countCodePoints, splitsPair } from "./utf16.ts";

/**
 * The op that turns one text into the other, for the case that the ops between them are not known any more.
 * Lines that occur once in both texts stay where they are (patience diff); between them the shortest middle is replaced.
 */
export function textDiff(before: string, after: string): TextOp {
	const op: TextComponent[] = [];
	diffInto(op, before, after);
	if (typeof op.at(-1) === "number") op.pop();
	return op;
}

/** An op of people's positions as it is told: parts that do nothing are left out, also a skip at the end. */
export function canonical(parts: TextOp): TextOp {
	const op = parts.filter(
		(part) =>
			part !== 0 && part !== "" && !(typeof part === "object" && part.d === 0),
	);
	return typeof op.at(-1) === "number" ? op.slice(0, -1) : op;
}

function diffInto(op: TextComponent[], before: string, after: string): void {
	const head = commonPrefix(before, after);
	const tail = commonSuffix(before.slice(head), after.slice(head));
	skip(op, countCodePoints(before, 0, head));
	const gone = before.slice(head, before.length - tail);
	const come = after.slice(head, after.length - tail);
	const kept = gone === "" || come === "" ? [] : keptLines(gone, come);
	if (kept.length === 0) replace(op, gone, come);
	else diffAround(op, gone, come, kept);
	skip(op, countCodePoints(before, before.length - tail));
}

/** A line that both texts keep, by where it starts in each (UTF-16). */
interface KeptLine {
	readonly before: number;
	readonly after: number;
	readonly length: number;
}

function diffAround(
	op: TextComponent[],
	before: string,
	after: string,
	kept: readonly KeptLine[],
): void {
	let from = { before: 0, after: 0 };
	for (const line of kept) {
		diffInto(
			op,
			before.slice(from.before, line.before),
			after.slice(from.after, line.after),
		);
		const end = line.before + line.length;
		skip(op, countCodePoints(before, line.before, end));
		from = { before: end, after: line.after + line.length };
	}
	diffInto(op, before.slice(from.before), after.slice(from.after));
}

/** Lines that occur exactly once in both texts and in the same order: the longest such list. */
function keptLines(before: string, after: string): KeptLine[] {
	const theirs = uniqueLines(after);
	const common: KeptLine[] = [];
	for (const [line, at] of uniqueLines(before)) {
		const there = theirs.get(line);
		if (at !== undefined && there !== undefined)
			common.push({ before: at, after: there, length: line.length });
	}
	return longestRising(common);
}

/** Where each line starts; undefined for one that occurs more than once. In order of first occurrence. */
function uniqueLines(text: string): Map<string, number | undefined> {
	const starts = new Map<string, number | undefined>();
	let start = 0;
	while (start < text.length) {
		const newline = text.indexOf("\n", start);
		const end = newline < 0 ? text.length : newline + 1;
		const line = text.slice(start, end);
		starts.set(line, starts.has(line) ? undefined : start);
		start = end;
	}
	return starts;
}

/** Longest subsequence with rising `after`; the list is in rising order of `before`. */
function longestRising(lines: readonly KeptLine[]): KeptLine[] {
	interface Link {
		readonly line: KeptLine;
		readonly prior: Link | undefined;
	}
	const ends: Link[] = [];
	for (const line of lines) {
		let low = 0;
		let high = ends.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((ends[middle]?.line.after ?? 0) < line.after) low = middle + 1;
			else high = middle;
		}
		ends[low] = { line, prior: ends[low - 1] };
	}
	const rising: KeptLine[] = [];
	for (let link = ends.at(-1); link !== undefined; link = link.prior)
		rising.unshift(link.line);
	return rising;
}

function commonPrefix(a: string, b: string): number {
	const end = Math.min(a.length, b.length);
	let at = 0;
	while (at < end && a.charCodeAt(at) === b.charCodeAt(at)) at++;
	return splitsPair(a, at) || splitsPair(b, at) ? at - 1 : at;
}

function commonSuffix(a: string, b: string): number {
	const end = Math.min(a.length, b.length);
	let size = 0;
	while (
		size < end &&
		a.charCodeAt(a.length - 1 - size) === b.charCodeAt(b.length - 1 - size)
	)
		size++;
	return splitsPair(a, a.length - size) || splitsPair(b, b.length - size)
		? size - 1
		: size;
}

function skip(op: TextComponent[], count: number): void {
	const last = op.at(-1);
	if (typeof last === "number") op[op.length - 1] = last + count;
	else if (count > 0) op.push(count);
}

function replace(op: TextComponent[], gone: string, come: string): void {
	if (gone !== "") op.push({ d: countCodePoints(gone) });
	if (come !== "") op.push(come);
}
