import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
	isNoop,
	transform,
} from "../../src/ot/document-op.ts";
import type { SimpleOperation, Unit } from "../../src/protocol/submission.ts";
import type { BareEdit } from "./sim-bare-wire.ts";
import { readSimple } from "./sim-text.ts";

/** A document as a bare client keeps it: what is committed, and its own edits on top. */
export class BareText {
	readonly #unit: Unit;
	#base: DocumentContent = { text: "", runs: [] };
	#local: DocumentContent = this.#base;
	pending: BareEdit[] = [];

	constructor(unit: Unit) {
		this.#unit = unit;
	}

	get content(): DocumentContent {
		return this.#local;
	}

	adopt(content: DocumentContent): void {
		this.#base = content;
		this.#local = content;
		this.pending = [];
	}

	edit(op: DocumentOp): void {
		this.#local = applyOp(this.#local, op);
	}

	/** What that pending edit was made on. */
	before(edit: BareEdit): string {
		return this.pending
			.slice(0, this.pending.indexOf(edit))
			.reduce((content, { op }) => applyOp(content, op), this.#base).text;
	}

	/** The first pending edit is committed; false when the server says that it made something else of it. */
	commit(operations: readonly SimpleOperation[] | undefined): boolean {
		const [head] = this.pending;
		if (head === undefined) return false;
		const mine = applyOp(this.#base, head.op);
		const theirs = operations?.reduce(
			(content, operation) =>
				applyOp(content, readSimple(operation, content.text, this.#unit)),
			this.#base,
		);
		this.#base = mine;
		this.pending.shift();
		return theirs === undefined || isSame(theirs, mine);
	}

	remoteSimple(operation: SimpleOperation): void {
		this.remote(readSimple(operation, this.#base.text, this.#unit));
	}

	/** What is not committed yet will be the later one: it stands left. */
	remote(op: DocumentOp): void {
		this.#base = applyOp(this.#base, op);
		let theirs = op;
		for (const pending of this.pending) {
			const mine = transform(pending.op, theirs, "left");
			theirs = transform(theirs, pending.op, "right");
			pending.op = mine;
		}
		if (!isNoop(theirs)) this.#local = applyOp(this.#local, theirs);
	}
}

const isSame = (a: DocumentContent, b: DocumentContent): boolean =>
	JSON.stringify(a) === JSON.stringify(b);
