import { codePointLength } from "../ot/code-points.ts";
import { compose, type DocumentOp } from "../ot/document-op.ts";
import {
	type AttributeRun,
	applyMarks,
	type Mark,
	MarkWriter,
} from "../ot/marks.ts";
import type { TextOp } from "../ot/text-op.ts";
import type { UserId } from "../shared/ids.ts";
import type { AuthorRun } from "./version.ts";

/** Inserts above this many characters are applied at once: slicing them by compose is quadratic. */
const LARGE_INSERT = 4_096;

/**
 * Who wrote which part of a text: its ops, with their authors as formatting of what they insert. They are composed as a
 * binary counter, so that a long history by many hands costs n log n.
 */
export class Authorship {
	#base: readonly AttributeRun[];
	readonly #levels: { readonly op: DocumentOp; readonly weight: number }[] = [];

	constructor(runs: readonly AuthorRun[] = []) {
		this.#base = runs.map(({ n, userId }) => ({ n, a: { userId } }));
	}

	/** They cover the text; neighbours are different people's. */
	get runs(): readonly AuthorRun[] {
		this.#settle();
		return this.#base.map(({ n, a }) => ({ n, userId: a.userId as UserId }));
	}

	apply(op: TextOp, userId: UserId): void {
		let added = { op: { t: op, m: marksOf(op, userId) }, weight: 1 };
		for (
			let last = this.#levels.at(-1);
			last !== undefined && last.weight <= added.weight;
			last = this.#levels.at(-1)
		) {
			this.#levels.pop();
			const weight = last.weight + added.weight;
			added = { op: compose(last.op, added.op) as typeof added.op, weight };
		}
		this.#levels.push(added);
		if (op.some((p) => typeof p === "string" && p.length > LARGE_INSERT))
			this.#settle();
	}

	#settle(): void {
		let op: DocumentOp | undefined;
		for (let level = this.#levels.pop(); level; level = this.#levels.pop())
			op = op === undefined ? level.op : compose(level.op, op);
		if (op !== undefined) this.#base = applyMarks(this.#base, op);
	}
}

/** What the op inserts, as its author's. */
function marksOf(op: TextOp, userId: UserId): readonly Mark[] {
	const writer = new MarkWriter();
	for (const part of op)
		if (typeof part === "number") writer.push(part, undefined);
		else if (typeof part === "string")
			writer.push(codePointLength(part), { userId });
	return writer.done();
}
