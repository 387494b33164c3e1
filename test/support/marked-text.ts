import type { TextOp } from "../../src/ot/text-op.ts";

interface Cell {
	readonly char: string;
	readonly isMarked: boolean;
}

/** A text as a list of characters, each of which knows whether it is marked: slow, and plain enough to be right. */
export class MarkedText {
	#cells: readonly Cell[];

	/** Marks from `start` to below `end`; positions are code points. */
	constructor(text: string, start: number, end: number) {
		this.#cells = [...text].map((char, i) => ({
			char,
			isMarked: i >= start && i < end,
		}));
	}

	get length(): number {
		return this.#cells.length;
	}

	get text(): string {
		return this.#cells.map(({ char }) => char).join("");
	}

	/** From the first marked character to behind the last; undefined: there is none. */
	get marked(): { readonly start: number; readonly end: number } | undefined {
		const start = this.#cells.findIndex(({ isMarked }) => isMarked);
		if (start < 0) return undefined;
		const end = this.#cells.findLastIndex(({ isMarked }) => isMarked) + 1;
		return { start, end };
	}

	/** What is inserted between marked characters is marked too. */
	apply(op: TextOp): void {
		const { marked } = this;
		const before = this.#cells;
		const after: Cell[] = [];
		let at = 0;
		for (const part of op) {
			if (typeof part === "number") {
				after.push(...before.slice(at, at + part));
				at += part;
			} else if (typeof part === "object") at += part.d;
			else {
				const isMarked =
					marked !== undefined && marked.start < at && at < marked.end;
				for (const char of part) after.push({ char, isMarked });
			}
		}
		this.#cells = [...after, ...before.slice(at)];
	}
}
