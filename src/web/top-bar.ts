import type { Doc } from "../sdk/document.ts";
import type { Mode } from "../shared/roles.ts";
import { brand, h } from "./dom.ts";
import { download } from "./download.ts";
import { icon } from "./icons.ts";
import { People } from "./people.ts";
import { SaveLabel } from "./save-label.ts";
import { TitleField } from "./title-field.ts";

const MODE_NAMES: Readonly<Record<Mode, string>> = {
	view: "Read only",
	comment: "Read and comment",
	edit: "",
};

/** The head of a document: what it is, whether it is saved, who is there, and what can be done with it. */
export class TopBar {
	readonly element: HTMLElement;
	readonly save = new SaveLabel();
	readonly people: People;
	readonly #title: TitleField;
	readonly #mode = h("span", { class: "mode", hidden: true });
	readonly #actions = h("div", { class: "actions" });

	constructor(
		id: string,
		ownName: string,
		rename: (title: string) => Promise<void>,
	) {
		this.people = new People(ownName);
		this.#title = new TitleField(id, rename);
		const about = h(
			"div",
			{ class: "about" },
			this.#title.element,
			h("p", {}, this.save.element, this.save.spoken, this.#mode),
		);
		this.element = h(
			"header",
			{ class: "top" },
			brand(),
			about,
			this.people.element,
			this.#actions,
		);
	}

	get title(): string {
		return this.#title.text;
	}

	set title(title: string) {
		this.#title.text = title;
	}

	set mayRename(isAllowed: boolean) {
		this.#title.allow(isAllowed);
	}

	showMode({ mode, editable }: Doc): void {
		this.#mode.textContent = MODE_NAMES[mode];
		this.#mode.hidden = mode === "edit";
		this.save.element.hidden = !editable;
	}

	offerDownload(file: () => { readonly name: string; readonly text: string }) {
		const save = () => {
			const { name, text } = file();
			download(name, text);
		};
		this.#actions.prepend(
			h(
				"button",
				{
					class: "bare",
					type: "button",
					"aria-label": "Download as Markdown",
					title: "Download as Markdown",
					click: save,
				},
				icon("download"),
			),
		);
	}

	offerSharing(open: () => void): void {
		this.#actions.append(
			h(
				"button",
				{ class: "primary share-button", type: "button", click: open },
				icon("share"),
				h("span", {}, "Share"),
			),
		);
	}
}
