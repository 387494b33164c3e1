import { diffWordsWithSpace, structuredPatch } from "diff";

/** The search for the shortest difference grows with the square of its length: beyond this all is told as replaced. */
const MOST_LINE_EDITS = 1_000;
const MOST_WORD_EDITS = 500;
const CONTEXT_LINES = 3;

export interface Piece {
	readonly type: "retain" | "delete" | "insert";
	readonly content: string;
}

/** A stretch in which two texts differ, with a few lines around it; lines count from 1. */
export interface Hunk {
	readonly from: { readonly line: number; readonly lines: number };
	readonly to: { readonly line: number; readonly lines: number };
	/** Whole lines with their ends. */
	readonly lines: readonly Piece[];
	/** The same stretch word by word. */
	readonly words: readonly Piece[];
}

export interface Comparison {
	/** Lines. */
	readonly inserted: number;
	readonly deleted: number;
	readonly hunks: readonly Hunk[];
}

interface Stretch {
	readonly oldStart: number;
	readonly oldLines: number;
	readonly newStart: number;
	readonly newLines: number;
	readonly lines: readonly string[];
}

/** What has changed from one text to the other, by lines and by words. */
export function compare(before: string, after: string): Comparison {
	const patch = structuredPatch("", "", before, after, "", "", {
		context: CONTEXT_LINES,
		maxEditLength: MOST_LINE_EDITS,
	});
	const stretches = patch?.hunks ?? [whollyReplaced(before, after)];
	const hunks = stretches.map(hunkOf);
	return {
		inserted: linesOf("insert", hunks),
		deleted: linesOf("delete", hunks),
		hunks,
	};
}

const TYPES: Readonly<Record<string, Piece["type"]>> = {
	" ": "retain",
	"-": "delete",
	"+": "insert",
};

function hunkOf(stretch: Stretch): Hunk {
	const { oldStart, oldLines, newStart, newLines, lines } = stretch;
	const pieces: Piece[] = [];
	for (const [at, line] of lines.entries()) {
		const type = TYPES[line[0] as string];
		// "\ No newline at end of file" is about the line before it.
		if (type === undefined) continue;
		const isUnended = lines[at + 1]?.startsWith("\\") === true;
		pieces.push({ type, content: `${line.slice(1)}${isUnended ? "" : "\n"}` });
	}
	return {
		from: { line: oldStart, lines: oldLines },
		to: { line: newStart, lines: newLines },
		lines: pieces,
		words: wordsOf(pieces),
	};
}

function wordsOf(lines: readonly Piece[]): readonly Piece[] {
	const textOf = (without: Piece["type"]) =>
		lines
			.filter(({ type }) => type !== without)
			.map(({ content }) => content)
			.join("");
	const words = diffWordsWithSpace(textOf("insert"), textOf("delete"), {
		maxEditLength: MOST_WORD_EDITS,
	});
	return (
		words?.map(({ value, added, removed }) => ({
			type: added ? "insert" : removed ? "delete" : "retain",
			content: value,
		})) ?? lines
	);
}

function whollyReplaced(before: string, after: string): Stretch {
	const [gone, come] = [patchLines("-", before), patchLines("+", after)];
	return {
		oldStart: 1,
		oldLines: countOf("-", gone),
		newStart: 1,
		newLines: countOf("+", come),
		lines: [...gone, ...come],
	};
}

function patchLines(sign: string, text: string): readonly string[] {
	const lines = text.split("\n");
	const isEnded = lines.at(-1) === "";
	return [
		...(isEnded ? lines.slice(0, -1) : lines).map((line) => `${sign}${line}`),
		...(isEnded ? [] : ["\\"]),
	];
}

const countOf = (sign: string, lines: readonly string[]): number =>
	lines.filter((line) => line.startsWith(sign)).length;

const linesOf = (type: Piece["type"], hunks: readonly Hunk[]): number =>
	hunks.flatMap(({ lines }) => lines).filter((line) => line.type === type)
		.length;
