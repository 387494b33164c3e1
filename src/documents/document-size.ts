import type { DocumentOp } from "../ot/document-op.ts";
import type { AttributeRun } from "../ot/marks.ts";
import type { TextOp } from "../ot/text-op.ts";
import { CollabError } from "../protocol/errors.ts";
import type { DocumentText } from "./lazy-text.ts";

/** Bytes of the JSON of a document's formatting; over it: `PAYLOAD_TOO_LARGE`. */
const FORMATTING_BYTES = 1_048_576;
/** JSON of a run without attributes, or more. */
const RUN_BYTES = 24;

/** How large a document is, or less: estimated op by op, and measured when the estimate comes near a limit. */
export class DocumentSize {
	/** UTF-8 bytes of the text. */
	bytes: number;
	/** Of the JSON of its runs. */
	#formatting = 0;
	/** Of the JSON of one run. */
	#longest = 0;
	#runs = 0;

	constructor({ text, runs }: DocumentText) {
		this.bytes = Buffer.byteLength(text);
		this.#measure(runs);
	}

	/** Whether this op may be too much: then the estimate has to be replaced. */
	isNear(op: DocumentOp, documentBytes: number): boolean {
		return this.#excess(op, documentBytes) !== undefined;
	}

	/** Throws `PAYLOAD_TOO_LARGE`. A deletion is never too much. */
	refuseExcess(op: DocumentOp, documentBytes: number): void {
		const excess = this.#excess(op, documentBytes);
		if (excess === undefined) return;
		throw new CollabError("PAYLOAD_TOO_LARGE", "The document is full", excess);
	}

	add(op: DocumentOp): void {
		this.bytes += insertedBytes(op.t) - deletedAtLeast(op.t);
		const { formatting, longest, runs } = this.#growth(op);
		this.#formatting += formatting;
		this.#longest += longest;
		this.#runs += runs;
	}

	/** Puts what the document really holds in the place of the estimate. */
	replace(content: DocumentText, after: readonly DocumentOp[]): void {
		this.bytes = Buffer.byteLength(content.text);
		this.#measure(content.runs);
		for (const op of after) this.add(op);
	}

	#measure(runs: readonly AttributeRun[]): void {
		[this.#runs, this.#formatting, this.#longest] = [0, 0, 0];
		if (runs.every(({ a }) => Object.keys(a).length === 0)) return;
		this.#runs = runs.length;
		for (const run of runs) {
			const bytes = JSON.stringify(run).length + 1;
			this.#formatting += bytes;
			this.#longest = Math.max(this.#longest, bytes);
		}
	}

	#excess(op: DocumentOp, documentBytes: number) {
		const inserted = insertedBytes(op.t);
		if (inserted > 0 && this.bytes + inserted > documentBytes)
			return { limit: "documentBytes", max: documentBytes };
		const { formatting } = this.#growth(op);
		if (formatting > 0 && this.#formatting + formatting > FORMATTING_BYTES)
			return { limit: "formattingBytes", max: FORMATTING_BYTES };
		return undefined;
	}

	/** At most: an insert cuts one run in two, a mark two, and every run that it covers has its attributes besides. */
	#growth({ t, m }: DocumentOp) {
		let [formatting, longest, runs] = [0, 0, 0];
		for (const mark of m) {
			if (typeof mark === "number") continue;
			const added = addedBytes(mark.a);
			// Marks of one op cover no character twice.
			longest = Math.max(longest, added);
			formatting += added * (Math.min(mark.n, this.#runs) + 1);
			formatting += 2 * (this.#longest + added + RUN_BYTES);
			runs += 2;
		}
		if (this.#runs + runs > 0)
			for (const c of t)
				if (typeof c === "string") {
					formatting += this.#longest + RUN_BYTES;
					runs += 2;
				}
		return { formatting, longest, runs };
	}
}

/** JSON of the attributes that are set, not taken away. */
function addedBytes(attributes: AttributeRun["a"]): number {
	let bytes = 0;
	for (const [key, value] of Object.entries(attributes))
		if (value !== null) bytes += JSON.stringify([key, value]).length;
	return bytes;
}

/** UTF-8 bytes of what an op inserts. */
function insertedBytes(t: TextOp): number {
	let bytes = 0;
	for (const c of t) if (typeof c === "string") bytes += Buffer.byteLength(c);
	return bytes;
}

/** A deleted code point had at least one byte. */
function deletedAtLeast(t: TextOp): number {
	let bytes = 0;
	for (const c of t) if (typeof c === "object") bytes += c.d;
	return bytes;
}
