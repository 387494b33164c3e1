import type { Peer } from "../sdk/wire.ts";
import { h } from "./dom.ts";

const SHOWN = 5;

/** One or two letters for a name. */
export function initials(name: string): string {
	const words = name.trim().split(/\s+/u);
	const letters = [words[0], words.length > 1 ? words.at(-1) : ""];
	return letters
		.map((word) => [...(word ?? "")][0] ?? "")
		.join("")
		.toLocaleUpperCase();
}

/** Who is in the document: one disc a person, however many tabs he has. */
export class People {
	readonly element = h("ul", { class: "people", "aria-label": "People here" });
	readonly #ownName: string;

	constructor(ownName: string) {
		this.#ownName = ownName;
		this.update([]);
	}

	/** @param ownId sessions of this person are his other tabs */
	update(peers: readonly Peer[], ownId?: string): void {
		const others = peers.filter(({ userId }) => userId !== ownId);
		const people = [
			...new Map(others.map((peer) => [peer.userId, peer])).values(),
		];
		const more = people.length - SHOWN;
		this.element.replaceChildren(
			disc(this.#ownName, `${this.#ownName} (you)`, "var(--muted)"),
			...people
				.slice(0, SHOWN)
				.map(({ userName, color }) => disc(userName, userName, color)),
			...(more > 0 ? [disc(`+${more}`, `${more} more`, "var(--muted)")] : []),
		);
	}
}

function disc(name: string, description: string, color: string): HTMLElement {
	const letters = name.startsWith("+") ? name : initials(name);
	const mark = h("span", { class: "disc", "aria-hidden": "true" }, letters);
	mark.style.setProperty("--person", color);
	return h(
		"li",
		{ title: description },
		mark,
		h("span", { class: "unseen" }, description),
	);
}
