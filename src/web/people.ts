import { systemClock } from "../sdk/platform.ts";
import type { Peer } from "../sdk/presence.ts";
import { h } from "./dom.ts";

const SHOWN = 4;
/** A status is what it is until then. */
const QUIET_MS = 60_000;

/** One or two letters for a name. */
export function initials(name: string): string {
	const words = name.trim().split(/\s+/u);
	const letters = [words[0], words.length > 1 ? words.at(-1) : ""];
	return letters
		.map((word) => [...(word ?? "")][0] ?? "")
		.join("")
		.toLocaleUpperCase();
}

/** What somebody does, for people. A client that is not typing may call itself idle while its person reads. */
export function statusText(
	{ status, lastActivity }: Pick<Peer, "status" | "lastActivity">,
	nowMs: number,
): string {
	if (status === "typing") return "writing";
	if (status === "away") return "away";
	const isQuiet = nowMs - Date.parse(lastActivity) >= QUIET_MS;
	return status === "idle" && isQuiet ? "idle" : "here";
}

interface Person {
	readonly name: string;
	readonly color: string;
	readonly status: string;
}

/** Who is in the document: one disc a person, however many tabs he has; names and status on hover or focus. */
export class People {
	readonly element: HTMLElement;
	readonly #discs = h("span", { class: "discs", "aria-hidden": "true" });
	readonly #count = h("span", { class: "unseen" });
	readonly #list = h("ul", {
		id: "people-list",
		"aria-label": "People here",
	});
	/** For those who do not see the discs. */
	readonly #spoken = h("span", { class: "unseen", role: "status" });
	/** Names by user id; undefined before the first answer. */
	#known: ReadonlyMap<string, string> | undefined;
	readonly #ownName: string;

	constructor(ownName: string) {
		this.#ownName = ownName;
		const button = h(
			"button",
			{
				class: "people-button",
				type: "button",
				"aria-describedby": "people-list",
			},
			this.#discs,
			this.#count,
		);
		this.element = h(
			"div",
			{ class: "people" },
			button,
			h("div", { class: "people-card" }, this.#list),
			this.#spoken,
		);
		this.element.addEventListener("keydown", ({ key }) => {
			if (key === "Escape") button.blur();
		});
		this.#show([]);
	}

	/** @param ownId sessions of this person are his other tabs */
	update(peers: readonly Peer[], ownId?: string): void {
		const others = peers.filter(({ userId }) => userId !== ownId);
		this.#speak(new Map(others.map((peer) => [peer.userId, peer.userName])));
		this.#show(peopleOf(others));
	}

	#speak(now: ReadonlyMap<string, string>): void {
		const before = this.#known;
		this.#known = now;
		if (before === undefined) return;
		const came = [...now].filter(([userId]) => !before.has(userId));
		const left = [...before].filter(([userId]) => !now.has(userId));
		const news = [
			...came.map(([, name]) => `${name} is here.`),
			...left.map(([, name]) => `${name} has left.`),
		];
		if (news.length > 0) this.#spoken.textContent = news.join(" ");
	}

	#show(people: readonly Person[]): void {
		const me = { name: this.#ownName, color: "", status: "you" };
		const all = [me, ...people];
		const more = people.length - SHOWN;
		this.#discs.replaceChildren(
			...all.slice(0, SHOWN + 1).map(({ name, color, status }) => {
				const mark = disc(initials(name), color);
				mark.dataset.status = status;
				return mark;
			}),
			...(more > 0 ? [disc(`+${more}`, "var(--muted)")] : []),
		);
		this.#count.textContent =
			all.length === 1 ? "Only you are here" : `${all.length} people here`;
		this.#list.replaceChildren(...all.map(row));
	}
}

/** Of several tabs of one person the liveliest counts. */
function peopleOf(peers: readonly Peer[]): readonly Person[] {
	const nowMs = systemClock.nowMs();
	const order = ["writing", "here", "idle", "away"];
	const people = new Map<string, Person>();
	for (const peer of peers) {
		const status = statusText(peer, nowMs);
		const known = people.get(peer.userId);
		if (known && order.indexOf(known.status) <= order.indexOf(status)) continue;
		const { userName: name, color } = peer;
		people.set(peer.userId, { name, color, status });
	}
	return [...people.values()];
}

function row({ name, color, status }: Person): HTMLElement {
	return h(
		"li",
		{},
		disc(initials(name), color),
		h("span", { class: "person" }, name),
		h("small", {}, status),
	);
}

function disc(letters: string, color: string): HTMLElement {
	const mark = h("span", { class: "disc", "aria-hidden": "true" }, letters);
	if (color === "") mark.classList.add("own");
	else mark.style.setProperty("--person", color);
	return mark;
}
