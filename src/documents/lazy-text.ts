import { applyOp, compose, type DocumentOp } from "../ot/document-op.ts";
import type { AttributeRun } from "../ot/marks.ts";

export interface DocumentText {
	readonly text: string;
	readonly runs: readonly AttributeRun[];
}

/** A document's content, and where it stands in which history. */
export type WholeDocument = DocumentText & {
	readonly revision: number;
	readonly epoch: string;
};

/** Inserts above this many characters are applied at once: slicing them by compose is quadratic. */
const LARGE_INSERT = 32_768;

/**
 * A document's text, made only when someone reads it: a base and the ops since, composed as a binary counter
 * (compose of n ops costs n log n, not n squared). The composed ops serve the text alone and never a transform.
 */
export class LazyText {
	#rev: number;
	#base: DocumentText;
	readonly #levels: { readonly op: DocumentOp; readonly weight: number }[] = [];

	constructor(rev: number, base: DocumentText) {
		this.#rev = rev;
		this.#base = { text: base.text, runs: base.runs };
	}

	get rev(): number {
		return this.#rev;
	}

	/** Adds the op that leads from `rev` to `rev + 1`. */
	push(op: DocumentOp): void {
		this.#rev += 1;
		if (op.t.some((c) => typeof c === "string" && c.length > LARGE_INSERT)) {
			this.read();
			this.#base = applyOp(this.#base, op);
			return;
		}
		let added = { op, weight: 1 };
		for (
			let last = this.#levels.at(-1);
			last !== undefined && last.weight <= added.weight;
			last = this.#levels.at(-1)
		) {
			this.#levels.pop();
			added = {
				op: compose(last.op, added.op),
				weight: last.weight + added.weight,
			};
		}
		this.#levels.push(added);
	}

	/** The text at `rev`. */
	read(): DocumentText {
		let level = this.#levels.pop();
		if (level === undefined) return this.#base;
		let { op } = level;
		for (level = this.#levels.pop(); level; level = this.#levels.pop())
			op = compose(level.op, op);
		this.#base = applyOp(this.#base, op);
		return this.#base;
	}
}
