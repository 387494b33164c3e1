import { SdkError } from "../sdk/errors.ts";
import { sentence } from "./connection-notice.ts";
import { brand, h, show } from "./dom.ts";

/** A page for a document that does not open. */
export function showRefusal(error: unknown): void {
	const isPrivate = error instanceof SdkError && error.code === "FORBIDDEN";
	const title = isPrivate
		? "This document is private"
		: "This document cannot be opened";
	const text = isPrivate
		? "Ask its owner to invite you, then open the link again."
		: sentence(error instanceof Error ? error.message : "Something went wrong");
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
