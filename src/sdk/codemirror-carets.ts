import {
	Annotation,
	type ChangeSet,
	type EditorState,
	type Extension,
	type Range,
	StateEffect,
	StateField,
	type Transaction,
} from "@codemirror/state";
import {
	Decoration,
	type DecorationSet,
	EditorView,
	WidgetType,
} from "@codemirror/view";

/** Where somebody else writes, in the editor's positions. */
export interface Caret {
	readonly sessionId: string;
	readonly name: string;
	/** CSS colour. */
	readonly color: string;
	readonly at: number;
	/** Selected text; empty when both are the same. */
	readonly from: number;
	readonly to: number;
}

/** `moves` counts how often its owner has moved it: each time it is drawn anew, so that its name may show up and fade. */
interface ShownCaret extends Caret {
	readonly moves: number;
}

export const setCarets = StateEffect.define<readonly Caret[]>();
/** Session whose change a transaction shows: its own caret goes along with what it inserts. */
export const authorOf = Annotation.define<string>();

/** Remote carets and selections. They move with the text by themselves, until they are set again. */
export const carets: Extension = [
	StateField.define<CaretLayer>({
		create: () => ({ carets: [], shown: Decoration.none }),
		update: (layer, transaction) => nextLayer(layer, transaction),
		provide: (field) =>
			EditorView.decorations.from(field, (layer) => layer.shown),
	}),
	EditorView.updateListener.of(({ view }) => keepInside(view)),
	EditorView.baseTheme({
		".cm-peer-caret": {
			position: "relative",
			borderLeft: "2px solid var(--peer)",
			margin: "0 -1px",
			pointerEvents: "none",
		},
		".cm-peer-name": {
			position: "absolute",
			bottom: "100%",
			left: "-2px",
			padding: "1px 6px 2px",
			borderRadius: "4px 4px 4px 0",
			background: "var(--peer)",
			color: "#fff",
			font: "600 11px/1.35 system-ui, sans-serif",
			whiteSpace: "nowrap",
			zIndex: "5",
		},
		".cm-peer-caret.cm-peer-first .cm-peer-name": {
			top: "100%",
			bottom: "auto",
			borderRadius: "0 4px 4px 4px",
		},
		".cm-peer-caret.cm-peer-left .cm-peer-name": {
			left: "auto",
			right: "0",
			borderRadius: "4px 4px 0 4px",
		},
		".cm-peer-selection": {
			background: "color-mix(in srgb, var(--peer) 24%, transparent)",
		},
	}),
];

/** A name that would reach over the right edge stands to the left of its caret. */
function keepInside(view: EditorView): void {
	const all = view.contentDOM.getElementsByClassName("cm-peer-name");
	if (all.length === 0) return;
	view.requestMeasure({
		key: keepInside,
		read: ({ scrollDOM }) => {
			const { right } = scrollDOM.getBoundingClientRect();
			return [...all].filter(
				(name) => name.getBoundingClientRect().right > right,
			);
		},
		write: (over) => {
			for (const name of over)
				name.parentElement?.classList.add("cm-peer-left");
		},
	});
}

interface CaretLayer {
	readonly carets: readonly ShownCaret[];
	readonly shown: DecorationSet;
}

function nextLayer(layer: CaretLayer, transaction: Transaction): CaretLayer {
	const set = transaction.effects.find((effect) => effect.is(setCarets));
	if (set === undefined && !transaction.docChanged) return layer;
	const author = transaction.annotation(authorOf);
	const moved =
		set === undefined
			? moveAll(layer.carets, transaction, author)
			: setAll(layer.carets, set.value);
	return { carets: moved, shown: show(moved, transaction.state) };
}

const setAll = (
	before: readonly ShownCaret[],
	now: readonly Caret[],
): readonly ShownCaret[] =>
	now.map((caret) => {
		const { sessionId, at } = caret;
		const known = before.find((other) => other.sessionId === sessionId);
		const moves = known?.moves ?? 0;
		return { ...caret, moves: known?.at === at ? moves : moves + 1 };
	});

const moveAll = (
	all: readonly ShownCaret[],
	{ changes }: Transaction,
	author: string | undefined,
): readonly ShownCaret[] =>
	all.map((caret) => moveCaret(caret, changes, caret.sessionId === author));

function moveCaret(
	caret: ShownCaret,
	changes: ChangeSet,
	isOwners: boolean,
): ShownCaret {
	const at = changes.mapPos(caret.at, isOwners ? 1 : -1);
	const from = changes.mapPos(caret.from, 1);
	const to = changes.mapPos(caret.to, -1);
	const moves = caret.moves + (isOwners ? 1 : 0);
	return { ...caret, at, from, to: Math.max(from, to), moves };
}

function show(all: readonly ShownCaret[], { doc }: EditorState): DecorationSet {
	const ranges: Range<Decoration>[] = [];
	for (const caret of all) {
		const { name, color, moves } = caret;
		const [at, from, to] = [caret.at, caret.from, caret.to].map((position) =>
			Math.min(position, doc.length),
		) as [number, number, number];
		const attributes = { style: `--peer: ${color}` };
		const mark = Decoration.mark({ class: "cm-peer-selection", attributes });
		if (from < to) ranges.push(mark.range(from, to));
		const isFirst = doc.lineAt(at).number === 1;
		const widget = new CaretWidget(name, color, isFirst, moves);
		ranges.push(Decoration.widget({ widget, side: 1 }).range(at));
	}
	return Decoration.set(ranges, true);
}

/** Drawn for the eye only: who is there is told elsewhere. */
class CaretWidget extends WidgetType {
	readonly #name: string;
	readonly #color: string;
	readonly #isFirst: boolean;
	readonly #moves: number;

	constructor(name: string, color: string, isFirst: boolean, moves: number) {
		super();
		this.#name = name;
		this.#color = color;
		this.#isFirst = isFirst;
		this.#moves = moves;
	}

	override eq(other: CaretWidget): boolean {
		return (
			this.#name === other.#name &&
			this.#color === other.#color &&
			this.#isFirst === other.#isFirst &&
			this.#moves === other.#moves
		);
	}

	override toDOM(): HTMLElement {
		const caret = document.createElement("span");
		caret.className = `cm-peer-caret${this.#isFirst ? " cm-peer-first" : ""}`;
		caret.style.setProperty("--peer", this.#color);
		caret.setAttribute("aria-hidden", "true");
		const name = document.createElement("span");
		name.className = "cm-peer-name";
		name.textContent = this.#name;
		caret.append(name);
		return caret;
	}

	override ignoreEvent(): boolean {
		return true;
	}
}
