import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { markdown, markdownLanguage } from "@codemirror/lang-markdown";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import {
	highlightSelectionMatches,
	search,
	searchKeymap,
} from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
	drawSelection,
	dropCursor,
	EditorView,
	keymap,
	panels,
	placeholder,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { collab } from "../sdk/codemirror.ts";
import type { Doc } from "../sdk/document.ts";

/** Names only: how they look is in `style/editor.css`. */
const markdownClasses = HighlightStyle.define([
	{ tag: tags.heading1, class: "md-h1" },
	{ tag: tags.heading2, class: "md-h2" },
	{ tag: tags.heading3, class: "md-h3" },
	{ tag: [tags.heading4, tags.heading5, tags.heading6], class: "md-h4" },
	{ tag: tags.strong, class: "md-strong" },
	{ tag: tags.emphasis, class: "md-emphasis" },
	{ tag: tags.strikethrough, class: "md-struck" },
	{ tag: tags.link, class: "md-link" },
	{ tag: tags.url, class: "md-url" },
	{ tag: tags.monospace, class: "md-code" },
	{ tag: tags.quote, class: "md-quote" },
	{
		tag: [
			tags.processingInstruction,
			tags.contentSeparator,
			tags.labelName,
			tags.meta,
		],
		class: "md-mark",
	},
]);

const writing: Extension = [
	history(),
	drawSelection(),
	dropCursor(),
	search({ top: true }),
	highlightSelectionMatches(),
	markdown({ base: markdownLanguage }),
	syntaxHighlighting(markdownClasses),
	EditorView.lineWrapping,
	placeholder("Start writing. Markdown is welcome."),
	// Tab is left to the page: it leads people who use the keyboard out of the text again.
	keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
];

/** Between a line that was scrolled to and the edge. */
const BREATH_PX = 24;

/** The text of a document, to be written in. */
export class Editor {
	readonly element: HTMLElement;
	readonly #view: EditorView;
	readonly #access = new Compartment();
	readonly #doc: Doc;

	/** @param panelsElement where search is shown */
	constructor(doc: Doc, panelsElement: HTMLElement) {
		this.#doc = doc;
		this.#view = new EditorView({
			state: EditorState.create({
				doc: doc.text,
				extensions: [
					collab(doc),
					writing,
					panels({ topContainer: panelsElement }),
					EditorView.scrollMargins.of(() => ({
						top: BREATH_PX,
						bottom: BREATH_PX,
					})),
					this.#access.of(accessOf(doc)),
					EditorView.contentAttributes.of({
						"aria-label": "Text of the document",
						spellcheck: "true",
						autocorrect: "on",
						autocapitalize: "sentences",
					}),
				],
			}),
		});
		this.element = this.#view.dom;
	}

	focus(): void {
		this.#view.focus();
	}

	/** Writes the first text of a new document, and goes behind it. */
	begin(text: string): void {
		this.#view.dispatch({
			changes: { from: 0, insert: text },
			selection: { anchor: text.length },
		});
	}

	/** Takes the person's present rights into account. */
	updateAccess(): void {
		this.#view.dispatch({
			effects: this.#access.reconfigure(accessOf(this.#doc)),
		});
	}
}

const accessOf = (doc: Doc): Extension =>
	EditorState.readOnly.of(!doc.editable);
