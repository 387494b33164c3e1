import { CollabError } from "../protocol/errors.ts";
import { codePointLength, offsetAfter } from "./code-points.ts";
import { astralPositions, countBelow } from "./unicode.ts";

/** Line from 0, and UTF-16 unit in it from 0. */
export interface LinePlace {
	readonly line: number;
	readonly ch: number;
}

/** A text by lines, which end at `\n`; positions are code points. */
export class Lines {
	readonly #text: string;
	/** Of each line, in UTF-16 units and in code points. */
	readonly #offsets: readonly number[];
	readonly #positions: readonly number[];

	constructor(text: string) {
		this.#text = text;
		const offsets = [0];
		for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
			offsets.push(at + 1);
		this.#offsets = offsets;
		this.#positions = toPoints(text, offsets);
	}

	/** Beyond the text is its end, beyond a line the line's end. Throws `OPERATION_INVALID` inside a character. */
	positionOf({ line, ch }: LinePlace): number {
		const start = this.#offsets[line];
		if (start === undefined) return this.#positionAt(this.#text.length);
		const end = (this.#offsets[line + 1] ?? this.#text.length + 1) - 1;
		return this.#positionAt(Math.min(start + ch, end));
	}

	placeOf(position: number): LinePlace {
		const line = countBelow(this.#positions, position + 1) - 1;
		const start = at(this.#offsets, line);
		const count = position - at(this.#positions, line);
		return { line, ch: offsetAfter(this.#text, start, count) - start };
	}

	/** The text from one position to another. */
	slice(start: number, end: number): string {
		const from = this.#offsetOf(start);
		return this.#text.slice(from, offsetAfter(this.#text, from, end - start));
	}

	/** Whether the text has that piece there. */
	hasAt(position: number, piece: string): boolean {
		return this.#text.startsWith(piece, this.#offsetOf(position));
	}

	#offsetOf(position: number): number {
		const { line, ch } = this.placeOf(position);
		return at(this.#offsets, line) + ch;
	}

	#positionAt(offset: number): number {
		const line = countBelow(this.#offsets, offset + 1) - 1;
		const start = at(this.#offsets, line);
		const before = this.#text.slice(start, offset);
		if (!before.isWellFormed())
			throw new CollabError(
				"OPERATION_INVALID",
				"The position lies inside a character (surrogate pair)",
				{ reason: "surrogate", line, ch: offset - start },
			);
		return at(this.#positions, line) + codePointLength(before);
	}
}

/** Code point positions of ascending UTF-16 offsets. */
function toPoints(text: string, offsets: readonly number[]): readonly number[] {
	const astral = astralPositions(text);
	if (astral.length === 0) return offsets;
	let pairs = 0;
	return offsets.map((offset) => {
		while (pairs < astral.length && at(astral, pairs) + pairs < offset) pairs++;
		return offset - pairs;
	});
}

const at = (numbers: readonly number[], index: number): number =>
	numbers[index] as number;
