import { type Client, connect } from "../sdk/client.ts";
import type { Doc } from "../sdk/document.ts";
import { SdkError } from "../sdk/errors.ts";
import { Api } from "./api.ts";
import { watchConnection } from "./connection-notice.ts";
import { takeTitle, titleFor } from "./document-name.ts";
import { DocumentNotices } from "./document-notices.ts";
import { h, show } from "./dom.ts";
import { Editor } from "./editor.ts";
import { Notices } from "./notices.ts";
import { tellStatus } from "./own-status.ts";
import { rememberDocument } from "./recent.ts";
import { showRefusal } from "./refusal.ts";
import { ShareDialog } from "./share-dialog.ts";
import { TopBar } from "./top-bar.ts";
import type { Visitor } from "./visitor.ts";

/** `/d/<id>`: one document, to be written by everybody who is there. */
export function showDocument(id: string, who: Visitor): Promise<void> {
	const page = new DocumentPage(id, who);
	return page.open(connect({ url: socketAddress(), ...who.access }));
}

function socketAddress(): string {
	const address = new URL("/ws", location.href);
	address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
	return address.href;
}

class DocumentPage {
	readonly #id: string;
	readonly #who: Visitor;
	readonly #api: Api;
	readonly #notices = new Notices();
	readonly #bar: TopBar;
	readonly #panels = h("div");
	readonly #main = h("main", { class: "document", "aria-busy": "true" });
	/** Everybody who has been here, by user id: the members' list names people by their ids alone. */
	readonly #known = new Map<string, { name: string; color: string }>();
	/** As its owner has named it. */
	#title = "";
	#isOwner = false;

	constructor(id: string, who: Visitor) {
		this.#id = id;
		this.#who = who;
		this.#api = new Api(who);
		this.#bar = new TopBar(id, who.name, (title) => this.#rename(title));
		const head = h("div", { class: "head" }, this.#bar.element, this.#panels);
		show(id, head, this.#main, this.#notices.element);
	}

	async open(client: Client): Promise<void> {
		let doc: Doc | undefined;
		watchConnection(client, this.#notices, () => doc !== undefined);
		try {
			doc = await client.open(this.#id);
			this.#enter(client, doc);
		} catch (error) {
			// A session that was ended has its own notice.
			if (!(error instanceof SdkError && error.code === "STOPPED"))
				showRefusal(error);
		} finally {
			this.#main.removeAttribute("aria-busy");
		}
	}

	#enter(client: Client, doc: Doc): void {
		const editor = new Editor(doc, this.#panels);
		this.#main.replaceChildren(editor.element);
		new DocumentNotices(doc, client, this.#notices).watch();
		this.#title = doc.title;
		this.#follow(client, doc, editor);
		this.#begin(doc, editor);
		this.#showText(doc);
		this.#bar.showMode(doc);
		this.#showPeople(client, doc);
		this.#bar.save.update(doc);
		tellStatus(doc);
		this.#bar.offerDownload(() => ({ name: this.#id, text: doc.text }));
		this.#bar.offerSharing(() => this.#share(client, doc));
		void this.#findRole();
		editor.focus();
	}

	#follow(client: Client, doc: Doc, editor: Editor): void {
		doc.on("change", () => this.#showText(doc));
		doc.on("state", (report) => {
			this.#bar.save.update(report);
			this.#publish(doc);
		});
		doc.on("mode", () => {
			editor.updateAccess();
			this.#bar.showMode(doc);
			void this.#findRole();
		});
		doc.on("renamed", ({ title }) => {
			this.#title = title;
			this.#showText(doc);
		});
		doc.on("peers", () => this.#showPeople(client, doc));
		doc.on("closed", () => editor.updateAccess());
		addEventListener("beforeunload", (event) => {
			if (doc.unsent > 0) event.preventDefault();
		});
	}

	/** A new document begins with the title that was given to it on the home page. */
	#begin(doc: Doc, editor: Editor): void {
		const title = takeTitle(this.#id);
		if (title === "" || doc.revision > 0 || !doc.editable) return;
		editor.begin(`# ${title}\n\n`);
		void this.#rename(title).catch(() => {});
	}

	async #rename(title: string): Promise<void> {
		await this.#api.rename(this.#id, title);
		this.#title = title;
		rememberDocument({ id: this.#id, title });
	}

	/** What only an owner may do is offered to nobody else. */
	async #findRole(): Promise<void> {
		try {
			const { role } = await this.#api.document(this.#id);
			this.#isOwner = role === "owner";
		} catch {
			this.#isOwner = false;
		}
		this.#bar.mayRename = this.#isOwner;
	}

	#showText(doc: Doc): void {
		const title = titleFor(this.#id, this.#title, doc.text);
		if (this.#bar.title !== title) {
			this.#bar.title = title;
			document.title = `${title} – prdtool`;
			rememberDocument({ id: this.#id, title });
		}
		this.#publish(doc);
	}

	#showPeople(client: Client, doc: Doc): void {
		for (const { userId, userName: name, color } of doc.peers)
			this.#known.set(userId, { name, color });
		this.#bar.people.update(doc.peers, client.userId);
	}

	#share(client: Client, doc: Doc): void {
		const { userId } = client;
		const own = { name: this.#who.name, color: "" };
		new ShareDialog(this.#api, {
			id: this.#id,
			person: (id) => (id === userId ? own : this.#known.get(id)),
			ownId: userId,
			isOwner: this.#isOwner,
			isDemo: this.#who.isDemo,
		}).open();
		this.#publish(doc);
	}

	/** What tests and bookmarklets may read. */
	#publish(doc: Doc): void {
		const { dataset } = document.documentElement;
		dataset.saveState = doc.saveState;
		dataset.unsent = String(doc.unsent);
		dataset.revision = String(doc.revision);
	}
}
