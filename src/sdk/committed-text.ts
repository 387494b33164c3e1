import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
} from "../ot/document-op.ts";
import type { TextOp } from "../ot/text-op.ts";
import type { Place } from "./place.ts";
import { RecentOps } from "./recent-ops.ts";
import type { Snapshot } from "./unsent.ts";

/** What the server has committed of a document, as far as this client has heard, and where that stands in the history. */
export class CommittedText {
	/** Whether the content is known to be the text at `rev`. */
	#isPlaced = false;
	#epoch = "";
	#rev = 0;
	#content: DocumentContent = { text: "", runs: [] };
	readonly #recent = new RecentOps();
	readonly #onChanged: (op: TextOp, author: string | undefined) => void;

	/** @param onChanged the text has changed so; the author is a session, or undefined for this one */
	constructor(onChanged: (op: TextOp, author: string | undefined) => void) {
		this.#onChanged = onChanged;
	}

	get isPlaced(): boolean {
		return this.#isPlaced;
	}

	get epoch(): string {
		return this.#epoch;
	}

	get rev(): number {
		return this.#rev;
	}

	get content(): DocumentContent {
		return this.#content;
	}

	/** From where a catch-up can go on; undefined when only a snapshot helps. */
	get since(): { readonly rev: number; readonly epoch: string } | undefined {
		return this.#isPlaced ? { rev: this.#rev, epoch: this.#epoch } : undefined;
	}

	/** The place in the history is of no use any more. */
	lose(): void {
		this.#isPlaced = false;
	}

	/** The op that leads to the next revision; `content`: what is there after it, where that is known already. */
	advance(
		op: DocumentOp,
		author: string | undefined,
		content?: DocumentContent,
	): void {
		this.#recent.add(this.#rev + 1, op.t, this.#content.text, author);
		this.#onChanged(op.t, author);
		this.#content = content ?? applyOp(this.#content, op);
		this.#rev += 1;
	}

	/** Takes a snapshot, to which `ways` lead one after the other. */
	replace(snapshot: Snapshot, ways: readonly TextOp[]): void {
		for (const way of ways) this.#onChanged(way, undefined);
		this.#recent.clear();
		this.#content = snapshot.content;
		this.#rev = snapshot.rev;
		this.#epoch = snapshot.epoch;
		this.#isPlaced = true;
	}

	/**
	 * Where a place is in the text now that was found in the text at `rev` (or in this very one); undefined when the text
	 * at `rev` is not known (any more, or yet).
	 */
	locate(
		rev: number | undefined,
		find: (text: string) => Place,
		author: string,
	): Place | undefined {
		const now = { rev: this.#rev, text: this.#content.text };
		return this.#recent.locate(rev ?? now.rev, now, find, author);
	}
}
