import { h } from "./dom.ts";

/** The document's title; its owner writes a new one in its place. */
export class TitleField {
	readonly element = h("div", { class: "title" });
	readonly #heading = h("h1", {});
	readonly #field = h("input", {
		class: "title-field",
		"aria-label": "Title of the document",
		autocomplete: "off",
		spellcheck: "false",
		maxlength: "120",
		hidden: true,
	});
	readonly #rename: (title: string) => Promise<void>;

	/** @param rename rejects when the server does not take it: the old title comes back */
	constructor(title: string, rename: (title: string) => Promise<void>) {
		this.#rename = rename;
		this.element.append(this.#heading, this.#field);
		this.#field.addEventListener("change", () => void this.#changed());
		this.#field.addEventListener("keydown", (event) => this.#key(event));
		// It may have got another title while somebody was in it.
		this.#field.addEventListener("blur", () => {
			this.#field.value = this.text;
		});
		this.text = title;
	}

	get text(): string {
		return this.#heading.textContent ?? "";
	}

	set text(title: string) {
		this.#heading.textContent = title;
		// What somebody is writing is not taken from under his hands.
		if (document.activeElement !== this.#field) this.#field.value = title;
	}

	/** Whether the visitor may rename the document. */
	allow(isAllowed: boolean): void {
		this.#field.hidden = !isAllowed;
		this.#heading.classList.toggle("unseen", isAllowed);
	}

	#key({ key }: KeyboardEvent): void {
		if (key === "Escape") this.#field.value = this.text;
		if (key === "Enter" || key === "Escape") this.#field.blur();
	}

	async #changed(): Promise<void> {
		const title = this.#field.value.trim();
		const before = this.text;
		if (title === "" || title === before) {
			this.#field.value = before;
			return;
		}
		this.#heading.textContent = title;
		try {
			await this.#rename(title);
		} catch {
			this.text = before;
			this.#field.value = before;
		}
	}
}
