import type { DocumentContent, DocumentOp } from "../../src/ot/document-op.ts";
import type { Attributes, Mark } from "../../src/ot/marks.ts";
import type { TextComponent } from "../../src/ot/text-op.ts";

/**
 * A second implementation of the operations that shares nothing with the first: a document is an array of characters,
 * one cell each, and two concurrent ops are merged by laying both over the cells with deleted ones kept in place.
 */
export interface Cell {
	readonly id: string;
	readonly char: string;
	readonly attributes: ReadonlyMap<string, string | number | boolean>;
}

type Setting = string | number | boolean | null;

/** The cells of a document; ids are `prefix` and the place. */
export function cellsOf(content: DocumentContent, prefix: string): Cell[] {
	const attributes = content.runs.flatMap(({ n, a }) =>
		Array.from({ length: n }, () => a),
	);
	return [...content.text].map((char, place) => ({
		id: `${prefix}${place}`,
		char,
		attributes: withSettings(new Map(), attributes[place] ?? {}),
	}));
}

/** Cells as comparable values, without their ids. */
export const visible = (cells: readonly Cell[]): readonly unknown[] =>
	cells.map(({ char, attributes }) => [char, [...attributes].sort()]);

/** Cells as a document. */
export function contentOf(cells: readonly Cell[]): DocumentContent {
	const key = (cell: Cell | undefined) =>
		JSON.stringify([...(cell?.attributes ?? [])].sort());
	const runs: { n: number; a: Attributes }[] = [];
	cells.forEach((cell, place) => {
		const last = runs.at(-1);
		if (last !== undefined && key(cells[place - 1]) === key(cell)) last.n++;
		else runs.push({ n: 1, a: Object.fromEntries(cell.attributes) });
	});
	return { text: cells.map((cell) => cell.char).join(""), runs };
}

/** Attributes after some were set; `null` removes. */
export function withSettings(
	old: ReadonlyMap<string, string | number | boolean>,
	set: Attributes,
): ReadonlyMap<string, string | number | boolean> {
	const out = new Map(old);
	for (const [key, value] of Object.entries(set))
		if (value === null) out.delete(key);
		else out.set(key, value);
	return out;
}

/** The cells after the op; those it inserts are named by `author` and their place in the op. */
export function applyToCells(
	cells: readonly Cell[],
	op: DocumentOp,
	author: string,
): Cell[] {
	const rest = [...cells];
	const out: Cell[] = [];
	let inserted = 0;
	for (const part of op.t) {
		if (typeof part === "number") out.push(...rest.splice(0, part));
		else if (typeof part === "object") rest.splice(0, part.d);
		else
			for (const char of part)
				out.push({ id: `${author}${inserted++}`, char, attributes: new Map() });
	}
	out.push(...rest);
	let place = 0;
	for (const mark of op.m) {
		if (typeof mark === "number") {
			place += mark;
			continue;
		}
		for (let i = 0; i < mark.n; i++, place++) {
			const cell = out[place] as Cell;
			out[place] = {
				...cell,
				attributes: withSettings(cell.attributes, mark.a),
			};
		}
	}
	return out;
}

/** By id of the cell: what the marks set on it. */
export function settingsOf(
	cells: readonly Cell[],
	marks: readonly Mark[],
): ReadonlyMap<string, Attributes> {
	const out = new Map<string, Attributes>();
	let place = 0;
	for (const mark of marks) {
		const n = typeof mark === "number" ? mark : mark.n;
		if (typeof mark === "object")
			for (const cell of cells.slice(place, place + n))
				out.set(cell.id, mark.a);
		place += n;
	}
	return out;
}

/** One op, laid over the cells of its text: what it does at each gap and to each cell. */
interface Layer {
	/** By gap 0..length: the characters inserted there, each with its format. */
	readonly inserts: { char: string; set: Map<string, Setting> }[][];
	readonly deleted: boolean[];
	readonly sets: Map<string, Setting>[];
}

function layer(op: DocumentOp, length: number): Layer {
	const inserts: Layer["inserts"] = Array.from(
		{ length: length + 1 },
		() => [],
	);
	const deleted = Array.from({ length }, () => false);
	const sets = Array.from({ length }, () => new Map<string, Setting>());
	const after: Map<string, Setting>[] = [];
	let place = 0;
	const keep = (to: number) => {
		while (place < to) after.push(sets[place++] as Map<string, Setting>);
	};
	for (const part of op.t) {
		if (typeof part === "number") keep(place + part);
		else if (typeof part === "object")
			for (let i = 0; i < part.d; i++) deleted[place++] = true;
		else
			for (const char of part) {
				const set = new Map<string, Setting>();
				inserts[place]?.push({ char, set });
				after.push(set);
			}
	}
	keep(length);
	let reached = 0;
	for (const mark of op.m) {
		const n = typeof mark === "number" ? mark : mark.n;
		if (typeof mark === "object")
			for (const set of after.slice(reached, reached + n))
				for (const [key, value] of Object.entries(mark.a)) set.set(key, value);
		reached += n;
	}
	return { inserts, deleted, sets };
}

/** `a` behind `b`, by the rules: the later op's insert stands before the earlier's, the later op's format wins. */
export function transformByCells(
	a: DocumentOp,
	b: DocumentOp,
	length: number,
	aIsLater: boolean,
): DocumentOp {
	const mine = layer(a, length);
	const its = layer(b, length);
	const text: TextComponent[] = [];
	const marks: Map<string, Setting>[] = [];
	const none = new Map<string, Setting>();
	for (let gap = 0; gap <= length; gap++) {
		const insertMine = () => {
			for (const { char, set } of mine.inserts[gap] ?? []) {
				text.push(char);
				marks.push(set);
			}
		};
		if (aIsLater) insertMine();
		for (const _ of its.inserts[gap] ?? []) {
			text.push(1);
			marks.push(none);
		}
		if (!aIsLater) insertMine();
		if (gap === length || its.deleted[gap]) continue;
		if (mine.deleted[gap]) {
			text.push({ d: 1 });
			continue;
		}
		text.push(1);
		const set = new Map(mine.sets[gap]);
		if (!aIsLater)
			for (const key of its.sets[gap]?.keys() ?? []) set.delete(key);
		marks.push(set);
	}
	return { t: joinedText(text), m: joinedMarks(marks) };
}

function joinedText(parts: readonly TextComponent[]): TextComponent[] {
	const out: TextComponent[] = [];
	for (const part of parts) {
		const last = out.pop();
		if (last === undefined) out.push(part);
		else if (typeof last === "number" && typeof part === "number")
			out.push(last + part);
		else if (typeof last === "string" && typeof part === "string")
			out.push(last + part);
		else if (typeof last === "object" && typeof part === "object")
			out.push({ d: last.d + part.d });
		else out.push(last, part);
	}
	return typeof out.at(-1) === "number" ? out.slice(0, -1) : out;
}

function joinedMarks(sets: readonly ReadonlyMap<string, Setting>[]): Mark[] {
	const key = (set: ReadonlyMap<string, Setting> | undefined) =>
		JSON.stringify([...(set ?? [])].sort());
	const out: Mark[] = [];
	for (let start = 0, end = 0; start < sets.length; start = end) {
		while (end < sets.length && key(sets[end]) === key(sets[start])) end++;
		const n = end - start;
		const set = sets[start] as ReadonlyMap<string, Setting>;
		out.push(set.size === 0 ? n : { n, a: Object.fromEntries(set) });
	}
	return typeof out.at(-1) === "number" ? out.slice(0, -1) : out;
}
