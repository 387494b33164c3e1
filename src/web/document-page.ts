import { type Client, connect } from "../sdk/client.ts";
import type { Doc } from "../sdk/document.ts";
import { SdkError } from "../sdk/errors.ts";
import { sentence, watchConnection } from "./connection-notice.ts";
import { titleFor } from "./document-name.ts";
import { brand, h, show } from "./dom.ts";
import { Editor } from "./editor.ts";
import { Notices } from "./notices.ts";
import { People } from "./people.ts";
import { rememberDocument } from "./recent.ts";
import { SaveLabel } from "./save-label.ts";
import type { Visitor } from "./visitor.ts";

/** `/d/<id>`: one document, to be written by everybody who is there. */
export function showDocument(id: string, who: Visitor): Promise<void> {
	const page = new DocumentPage(id, who.name);
	return page.open(connect({ url: socketAddress(), ...who.access }));
}

function socketAddress(): string {
	const address = new URL("/ws", location.href);
	address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
	return address.href;
}

class DocumentPage {
	readonly #id: string;
	readonly #title = h("h1", {});
	readonly #mode = h("span", { class: "mode", hidden: true }, "Read only");
	readonly #save = new SaveLabel();
	readonly #notices = new Notices();
	readonly #people: People;
	readonly #panels = h("div");
	readonly #main = h("main", { class: "document", "aria-busy": "true" });
	#doc: Doc | undefined;

	constructor(id: string, ownName: string) {
		this.#id = id;
		this.#people = new People(ownName);
		this.#title.textContent = id;
		const head = h(
			"div",
			{ class: "head" },
			this.#banner(),
			this.#notices.element,
			this.#panels,
		);
		show(id, head, this.#main);
	}

	#banner(): HTMLElement {
		const about = h(
			"div",
			{ class: "about" },
			this.#title,
			h("p", {}, this.#save.element, this.#save.spoken, this.#mode),
		);
		return h("header", { class: "top" }, brand(), about, this.#people.element);
	}

	async open(client: Client): Promise<void> {
		watchConnection(client, this.#notices, () => this.#doc !== undefined);
		try {
			this.#enter(client, await client.open(this.#id));
		} catch (error) {
			this.#refuse(error);
		} finally {
			this.#main.removeAttribute("aria-busy");
		}
	}

	#enter(client: Client, doc: Doc): void {
		this.#doc = doc;
		const editor = new Editor(doc, this.#panels);
		this.#main.replaceChildren(editor.element);
		this.#follow(doc, editor);
		this.#showText(doc);
		this.#showMode(doc);
		const showPeople = () => this.#people.update(doc.peers, client.userId);
		doc.on("peers", showPeople);
		showPeople();
		this.#save.update(doc);
		rememberDocument({ id: this.#id, title: this.#title.textContent });
		editor.focus();
	}

	#follow(doc: Doc, editor: Editor): void {
		doc.on("change", () => this.#showText(doc));
		doc.on("state", (report) => {
			this.#save.update(report);
			this.#publish(doc);
		});
		doc.on("mode", () => {
			editor.updateAccess();
			this.#showMode(doc);
		});
		doc.on("refused", ({ error, text }) => this.#keepRefused(error, text));
		doc.on("closed", (error) => {
			editor.updateAccess();
			if (error.code !== "STOPPED") this.#sayClosed(error);
		});
		addEventListener("beforeunload", (event) => {
			if (doc.unsent > 0) event.preventDefault();
		});
	}

	#showText(doc: Doc): void {
		const title = titleFor(this.#id, doc.title, doc.text);
		if (this.#title.textContent !== title) {
			this.#title.textContent = title;
			document.title = `${title} – prdtool`;
			rememberDocument({ id: this.#id, title });
		}
		this.#publish(doc);
	}

	#showMode(doc: Doc): void {
		this.#mode.hidden = doc.editable;
		this.#save.element.hidden = !doc.editable;
	}

	/** What tests and bookmarklets may read. */
	#publish(doc: Doc): void {
		const { dataset } = document.documentElement;
		dataset.saveState = doc.saveState;
		dataset.unsent = String(doc.unsent);
		dataset.revision = String(doc.revision);
	}

	#keepRefused(error: SdkError, text: string): void {
		this.#notices.show("refused", {
			text: `Your last change was not accepted: ${sentence(error.message)}`,
			tone: "serious",
			dismiss: true,
			...(text === ""
				? {}
				: {
						action: {
							label: "Copy its text",
							run: () => void navigator.clipboard.writeText(text),
						},
					}),
		});
	}

	#sayClosed(error: SdkError): void {
		this.#notices.show("closed", {
			text: `${sentence(error.message)} The text stays here to be copied.`,
			tone: "serious",
		});
	}

	#refuse(error: unknown): void {
		// A session that was ended has its own notice.
		if (error instanceof SdkError && error.code === "STOPPED") return;
		const forbidden = error instanceof SdkError && error.code === "FORBIDDEN";
		const title = forbidden
			? "This document is private"
			: "This document cannot be opened";
		const text = forbidden
			? "Ask its owner to invite you, then open the link again."
			: sentence(
					error instanceof Error ? error.message : "Something went wrong",
				);
		show(
			`${title} – prdtool`,
			h(
				"main",
				{ class: "centre" },
				h(
					"div",
					{ class: "card" },
					brand(),
					h("h1", {}, title),
					h("p", { class: "muted" }, text),
					h("a", { class: "button", href: "/" }, "All documents"),
				),
			),
		);
	}
}
