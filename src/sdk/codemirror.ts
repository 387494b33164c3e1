import {
	Annotation,
	type ChangeSpec,
	EditorState,
	type Extension,
	type Text,
	Transaction,
	type TransactionSpec,
} from "@codemirror/state";
import { EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { codePointLength, hasAstral, offsetAfter } from "../ot/code-points.ts";
import type { TextComponent, TextOp } from "../ot/text-op.ts";
import {
	authorOf,
	type Caret,
	carets,
	setCarets,
} from "./codemirror-carets.ts";
import type { Change } from "./doc-events.ts";
import type { Doc } from "./document.ts";
import type { Peer } from "./presence.ts";
import { cleanText, splitsPair } from "./utf16.ts";

/**
 * Binds a document to a CodeMirror 6 editor, both ways; start the editor with `doc.text`. What others write is no
 * part of this editor's undo history; where they write is shown by carets with their names. An editor counts UTF-16
 * units, the document code points.
 */
export function collab(doc: Doc): Extension {
	return [
		// Only "\n" ends a line, so that both sides count the same characters.
		EditorState.lineSeparator.of("\n"),
		EditorView.clipboardInputFilter.of(cleanText),
		EditorState.changeFilter.of(
			(transaction) => isShown(transaction) || doc.editable,
		),
		EditorState.transactionFilter.of(wholeCharacters),
		carets,
		ViewPlugin.define((view) => new Binding(view, doc)),
	];
}

/** Marks what came from the document, so that it does not go back there. */
const shown = Annotation.define<true>();
const isShown = (transaction: Transaction): boolean =>
	transaction.annotation(shown) === true;

class Binding {
	readonly #view: EditorView;
	readonly #doc: Doc;
	readonly #units: Units;
	readonly #unsubscribe: readonly (() => void)[];
	/** The person has been in the text: before that he is nowhere in it. */
	#hasBeenIn = false;
	#isOver = false;

	constructor(view: EditorView, doc: Doc) {
		this.#view = view;
		this.#doc = doc;
		this.#units = new Units(doc.text);
		this.#unsubscribe = [
			doc.on("change", (change) => this.#show(change)),
			doc.on("places", (peers) => this.#showCarets(peers)),
		];
		// An editor cannot be told anything while it is being made.
		queueMicrotask(() => this.#showCarets(doc.peers));
	}

	update(update: ViewUpdate): void {
		for (const transaction of update.transactions) {
			if (!transaction.docChanged || isShown(transaction)) continue;
			const t = this.#units.opOf(transaction);
			this.#doc.edit({ t, m: [] }, this);
		}
		this.#tellCursor(update);
	}

	destroy(): void {
		for (const unsubscribe of this.#unsubscribe) unsubscribe();
		this.#isOver = true;
	}

	/** Where a change of somebody else moves the cursor, the document moves it too. */
	#tellCursor({ state, transactions, selectionSet, view }: ViewUpdate): void {
		const isFirst = view.hasFocus && !this.#hasBeenIn;
		this.#hasBeenIn ||= view.hasFocus;
		const hasMoved =
			selectionSet ||
			transactions.some((each) => each.docChanged && !isShown(each));
		if (!isFirst && !(this.#hasBeenIn && hasMoved)) return;
		const { head, anchor } = state.selection.main;
		const cursor = this.#units.count(state.doc, 0, head);
		const other =
			head === anchor ? cursor : this.#units.count(state.doc, 0, anchor);
		this.#doc.setCursor(cursor, other);
	}

	#showCarets(peers: readonly Peer[]): void {
		if (this.#isOver) return;
		const { doc } = this.#view.state;
		const shownPeers = peers.flatMap(({ place, ...peer }): Caret[] => {
			if (place === undefined) return [];
			const at = this.#units.after(doc, 0, place.cursor);
			const { start, end } = place.selection ?? { start: 0, end: 0 };
			return [
				{
					sessionId: peer.sessionId,
					name: peer.userName,
					color: peer.color,
					at,
					from: start < end ? this.#units.after(doc, 0, start) : at,
					to: start < end ? this.#units.after(doc, 0, end) : at,
				},
			];
		});
		this.#view.dispatch({ effects: setCarets.of(shownPeers) });
	}

	#show({ op, source, author }: Change): void {
		if (source === this || op.t.length === 0) return;
		this.#view.dispatch({
			changes: this.#units.changesOf(op.t, this.#view.state.doc),
			annotations: [
				shown.of(true),
				Transaction.remote.of(true),
				Transaction.addToHistory.of(false),
				...(author === undefined ? [] : [authorOf.of(author)]),
			],
		});
	}
}

/** Converts between an editor's changes and ops. */
export class Units {
	/** No character of the text has ever taken two units, so that both kinds of position are the same number. */
	#plain: boolean;

	constructor(text: string) {
		this.#plain = !hasAstral(text);
	}

	opOf({ changes, startState }: Transaction): TextOp {
		const op: TextComponent[] = [];
		let done = 0;
		changes.iterChanges((from, to, _from, _to, inserted) => {
			if (from > done) op.push(this.count(startState.doc, done, from));
			if (to > from) op.push({ d: this.count(startState.doc, from, to) });
			if (inserted.length > 0) op.push(this.#seen(inserted.sliceString(0)));
			done = to;
		});
		return op;
	}

	/** @param before the text that the op was made for */
	changesOf(op: TextOp, before: Text): ChangeSpec[] {
		const changes: ChangeSpec[] = [];
		let at = 0;
		for (const part of op) {
			if (typeof part === "string") {
				changes.push({ from: at, insert: this.#seen(part) });
				continue;
			}
			const end = this.after(
				before,
				at,
				typeof part === "number" ? part : part.d,
			);
			if (typeof part === "object") changes.push({ from: at, to: end });
			at = end;
		}
		return changes;
	}

	/** Code points between two positions of the editor. */
	count(text: Text, from: number, to: number): number {
		return this.#plain
			? to - from
			: codePointLength(text.sliceString(from, to));
	}

	/** The position of the editor `count` code points after another. */
	after(text: Text, from: number, count: number): number {
		if (this.#plain) return from + count;
		return (
			from + offsetAfter(text.sliceString(from, from + 2 * count), 0, count)
		);
	}

	#seen(text: string): string {
		this.#plain &&= !hasAstral(text);
		return text;
	}
}

/** What a program or an input method inserts, made fit to be stored; half characters are not replaced or inserted. */
function wholeCharacters(
	transaction: Transaction,
): Transaction | TransactionSpec {
	if (!transaction.docChanged || isShown(transaction)) return transaction;
	const { doc } = transaction.startState;
	const changes: ChangeSpec[] = [];
	let isClean = true;
	transaction.changes.iterChanges((from, to, _from, _to, inserted) => {
		const written = inserted.sliceString(0);
		const insert = cleanText(written);
		const start = from - (from < to && isInside(doc, from) ? 1 : 0);
		const end = to + (isInside(doc, to) ? 1 : 0);
		changes.push({ from: from === to ? end : start, to: end, insert });
		isClean &&= start === from && end === to && insert === written;
	});
	if (isClean) return transaction;
	const { effects, scrollIntoView } = transaction;
	return { changes, effects, scrollIntoView };
}

const isInside = (text: Text, at: number): boolean =>
	splitsPair(text.sliceString(Math.max(0, at - 1), at + 1), 1);
