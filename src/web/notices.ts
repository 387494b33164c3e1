import { h } from "./dom.ts";

export interface Notice {
	readonly text: string;
	readonly tone: "quiet" | "serious";
	readonly action?: { readonly label: string; readonly run: () => void };
	/** People may put it away. */
	readonly dismiss?: true;
}

/** Messages between header and text: at most one of a kind, the same place for all. */
export class Notices {
	readonly element = h("div", { class: "notices", "aria-live": "polite" });
	readonly #shown = new Map<string, HTMLElement>();

	show(kind: string, { text, tone, action, dismiss }: Notice): void {
		this.hide(kind);
		const notice = h(
			"div",
			{ class: "notice", "data-tone": tone },
			h("p", {}, text),
		);
		if (action !== undefined)
			notice.append(
				h(
					"button",
					{ class: "small", type: "button", click: action.run },
					action.label,
				),
			);
		if (dismiss)
			notice.append(
				h(
					"button",
					{ class: "small", type: "button", click: () => this.hide(kind) },
					"Dismiss",
				),
			);
		this.#shown.set(kind, notice);
		this.element.append(notice);
	}

	hide(kind: string): void {
		this.#shown.get(kind)?.remove();
		this.#shown.delete(kind);
	}
}
