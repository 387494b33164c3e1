import { documentIdIn, documentPath, newDocumentId } from "./document-name.ts";
import { brand, h, show } from "./dom.ts";
import { type RecentDocument, recentDocuments } from "./recent.ts";

/** `/`: a new document, one by its id, or one of the last. */
export function showHome(): void {
	const field = h("input", {
		id: "open-id",
		name: "id",
		placeholder: "Id or link of a document",
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
	const create = () => location.assign(documentPath(newDocumentId()));
	show(
		"prdtool",
		h(
			"main",
			{ class: "home" },
			brand(),
			h("h1", {}, "Write requirements together"),
			h(
				"p",
				{ class: "lead" },
				"Everybody in the same text at the same time. Every change is saved as you type it.",
			),
			h(
				"button",
				{ class: "primary large", type: "button", click: create },
				"New document",
			),
			h(
				"form",
				{ class: "open", submit: open },
				h("label", { for: "open-id" }, "Open a document"),
				h("div", { class: "row" }, field, h("button", {}, "Open")),
			),
			...recentList(recentDocuments()),
		),
	);
}

function recentList(recent: readonly RecentDocument[]): HTMLElement[] {
	if (recent.length === 0) return [];
	const items = recent.map(({ id, title }) =>
		h(
			"li",
			{},
			h(
				"a",
				{ href: documentPath(id) },
				h("span", {}, title),
				title === id ? "" : h("small", {}, id),
			),
		),
	);
	return [
		h(
			"section",
			{ class: "recent", "aria-labelledby": "recent-title" },
			h("h2", { id: "recent-title" }, "Recent"),
			h("ul", {}, ...items),
		),
	];
}
