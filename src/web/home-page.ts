import { systemClock } from "../sdk/platform.ts";
import type { Role } from "../shared/roles.ts";
import { Api, type DocumentSummary } from "./api.ts";
import {
	documentIdIn,
	documentPath,
	keepTitle,
	newDocumentId,
} from "./document-name.ts";
import { brand, h, show } from "./dom.ts";
import { icon } from "./icons.ts";
import { recentDocuments } from "./recent.ts";
import { timeAgo } from "./time-ago.ts";
import { forgetVisitor, knownVisitor, type Visitor } from "./visitor.ts";

/** `/`: a new document, or one of the visitor's. Nobody is asked for anything before he wants something. */
export function showHome(): void {
	const visitor = knownVisitor();
	const list = h("section", { class: "documents", hidden: true });
	show(
		"prdtool",
		h("header", { class: "bar" }, brand(true), ...whoIsIt(visitor)),
		h(
			"main",
			{ class: "home" },
			h("h1", {}, "Write requirements together"),
			h(
				"p",
				{ class: "lead" },
				"Everybody in the same text at the same time. Every change is saved as you type it.",
			),
			newDocument(),
			list,
			openDocument(),
		),
	);
	void fillList(list, visitor);
}

function whoIsIt(visitor: Visitor | undefined): HTMLElement[] {
	if (visitor === undefined) return [];
	const leave = () => {
		forgetVisitor();
		location.reload();
	};
	return [
		h(
			"p",
			{ class: "who" },
			h("span", {}, visitor.name),
			h("button", { class: "quiet", type: "button", click: leave }, "Sign out"),
		),
	];
}

function newDocument(): HTMLElement {
	const field = h("input", {
		id: "new-title",
		name: "title",
		placeholder: "Title, such as Payments relaunch",
		autocomplete: "off",
		maxlength: "120",
	});
	const create = (event: Event) => {
		event.preventDefault();
		const title = field.value.trim();
		const id = newDocumentId(title);
		if (title !== "") keepTitle(id, title);
		location.assign(documentPath(id));
	};
	return h(
		"form",
		{ class: "new", submit: create },
		h("label", { for: "new-title", class: "unseen" }, "Title"),
		h(
			"div",
			{ class: "row" },
			field,
			h("button", { class: "primary", type: "submit" }, "New document"),
		),
	);
}

function openDocument(): HTMLElement {
	const field = h("input", {
		id: "open-id",
		name: "id",
		placeholder: "Link or id",
		autocomplete: "off",
		autocapitalize: "off",
		spellcheck: "false",
		required: true,
	});
	const open = (event: Event) => {
		event.preventDefault();
		const id = documentIdIn(field.value);
		if (id !== "") location.assign(documentPath(id));
	};
	return h(
		"form",
		{ class: "open", submit: open },
		h("label", { for: "open-id" }, "Somebody sent you a link?"),
		h("div", { class: "row" }, field, h("button", {}, "Open")),
	);
}

async function fillList(
	list: HTMLElement,
	visitor: Visitor | undefined,
): Promise<void> {
	const mine = visitor && (await documentsOf(visitor));
	const documents = mine ?? recentDocuments();
	if (documents.length === 0) return;
	const title = mine === undefined ? "Recent" : "Your documents";
	list.setAttribute("aria-labelledby", "documents-title");
	list.replaceChildren(
		h("h2", { id: "documents-title" }, title),
		h("ul", {}, ...documents.map(item)),
	);
	list.hidden = false;
}

/** Undefined where the server cannot say: this browser's memory helps then. */
async function documentsOf(
	visitor: Visitor,
): Promise<readonly DocumentSummary[] | undefined> {
	try {
		return await new Api(visitor).documents();
	} catch {
		return undefined;
	}
}

type Listed = Pick<DocumentSummary, "id" | "title"> & Partial<DocumentSummary>;

function item({ id, title, role, editedAt }: Listed): HTMLElement {
	const told = [
		...(role === undefined || role === "owner" ? [] : [ROLE_NOTES[role]]),
		...(editedAt === undefined
			? []
			: [timeAgo(Date.parse(editedAt), systemClock.nowMs())]),
	];
	const known = recentDocuments().find((recent) => recent.id === id);
	const name = title !== "" && title !== id ? title : (known?.title ?? id);
	return h(
		"li",
		{},
		h(
			"a",
			{ href: documentPath(id) },
			icon("document"),
			h("span", {}, name),
			h("small", {}, told.join(" · ")),
		),
	);
}

const ROLE_NOTES: Readonly<Record<Exclude<Role, "owner">, string>> = {
	edit: "shared with you",
	comment: "you may comment",
	view: "you may read",
};
