import { ROLES, type Role } from "../shared/roles.ts";
import { type Api, ApiError, type Member } from "./api.ts";
import { sentence } from "./connection-notice.ts";
import { h } from "./dom.ts";
import { icon } from "./icons.ts";
import { initials } from "./people.ts";

export interface SharedDocument {
	readonly id: string;
	/** Name and colour (none for the visitor himself) of somebody who has been here, if known. */
	person(
		userId: string,
	): { readonly name: string; readonly color: string } | undefined;
	/** User id of the visitor. */
	readonly ownId: string | undefined;
	readonly isOwner: boolean;
	readonly isDemo: boolean;
}

const ROLE_NAMES: Readonly<Record<Role, string>> = {
	view: "Can read",
	comment: "Can comment",
	edit: "Can edit",
	owner: "Owner",
};

/** Who may open the document, and as what. A modal dialog: the browser keeps the focus in it, and Escape closes it. */
export class ShareDialog {
	readonly #dialog: HTMLDialogElement;
	readonly #api: Api;
	readonly #shared: SharedDocument;
	readonly #list = h("ul", { class: "members", "aria-label": "Members" });
	readonly #said = h("p", { class: "said", role: "status" });

	constructor(api: Api, shared: SharedDocument) {
		this.#api = api;
		this.#shared = shared;
		this.#dialog = this.#build();
	}

	open(): void {
		document.body.append(this.#dialog);
		this.#dialog.showModal();
		void this.#load();
	}

	#build(): HTMLDialogElement {
		const { isOwner, isDemo } = this.#shared;
		const close = () => this.#dialog.close();
		const dialog = h(
			"dialog",
			{ class: "share", "aria-labelledby": "share-title" },
			h(
				"header",
				{},
				h("h2", { id: "share-title" }, "Share this document"),
				h(
					"button",
					{
						class: "bare",
						type: "button",
						"aria-label": "Close",
						click: close,
					},
					icon("close"),
				),
			),
			this.#link(),
			...(isDemo
				? [
						h(
							"p",
							{ class: "muted" },
							"On this demo server whoever opens the link joins as an editor. A role that is chosen here stays.",
						),
					]
				: []),
			...(isOwner ? [this.#invitation()] : []),
			this.#list,
			this.#said,
		);
		dialog.addEventListener("close", () => dialog.remove());
		// A click beside it lands on the dialog itself: its content covers all of its inside.
		dialog.addEventListener("click", ({ target }) => {
			if (target === dialog) dialog.close();
		});
		return dialog;
	}

	#link(): HTMLElement {
		const address = location.origin + location.pathname;
		const copy = async () => {
			await navigator.clipboard.writeText(address);
			this.#say("The link is copied.");
		};
		return h(
			"div",
			{ class: "link" },
			h("code", {}, address),
			h(
				"button",
				{ type: "button", click: () => void copy() },
				icon("link"),
				"Copy link",
			),
		);
	}

	#invitation(): HTMLElement {
		const field = h("input", {
			id: "invite-id",
			name: "user",
			autocomplete: "off",
			autocapitalize: "off",
			spellcheck: "false",
			placeholder: "bob",
			maxlength: "128",
			required: true,
		});
		const role = roleSelect("edit", "Role of the new member");
		const invite = async (event: Event) => {
			event.preventDefault();
			const userId = field.value.trim();
			if (userId === "") return;
			await this.#do(
				() => this.#api.setRole(this.#shared.id, userId, role.value as Role),
				`${userId} ${ROLE_NAMES[role.value as Role].toLowerCase()} now.`,
			);
			field.value = "";
			field.focus();
		};
		return h(
			"form",
			{ class: "invite", submit: (event) => void invite(event) },
			h("label", { for: "invite-id" }, "Add somebody by user id"),
			h(
				"div",
				{ class: "row" },
				field,
				role,
				h("button", { class: "primary", type: "submit" }, "Add"),
			),
		);
	}

	async #load(): Promise<void> {
		try {
			const members = await this.#api.members(this.#shared.id);
			this.#show(members);
		} catch (error) {
			this.#say(messageOf(error));
		}
	}

	/** Keeps the focus where it was: the rows are made anew. */
	#show(members: readonly Member[]): void {
		const focused = document.activeElement?.getAttribute("data-member");
		this.#list.replaceChildren(...members.map((member) => this.#row(member)));
		if (!focused) return;
		const again = [
			...this.#list.querySelectorAll<HTMLElement>("[data-member]"),
		];
		again.find(({ dataset }) => dataset.member === focused)?.focus();
	}

	#row({ userId, role }: Member): HTMLElement {
		const { person, ownId, isOwner } = this.#shared;
		const known = person(userId);
		const name = known?.name ?? userId;
		const isOwn = userId === ownId;
		const mark = h(
			"span",
			{ class: known?.color ? "disc" : "disc own", "aria-hidden": "true" },
			initials(name),
		);
		if (known) mark.style.setProperty("--person", known.color);
		const about = h(
			"span",
			{ class: "person" },
			isOwn ? `${name} (you)` : name,
			name === userId ? "" : h("small", {}, userId),
		);
		const mayChange = isOwner && !isOwn;
		return h(
			"li",
			{},
			mark,
			about,
			...(mayChange
				? this.#controls(userId, name, role)
				: [h("span", { class: "role" }, ROLE_NAMES[role])]),
		);
	}

	#controls(userId: string, name: string, role: Role): HTMLElement[] {
		const { id } = this.#shared;
		const select = roleSelect(role, `Role of ${name}`);
		select.dataset.member = userId;
		select.addEventListener("change", () => {
			const chosen = select.value as Role;
			void this.#do(
				() => this.#api.setRole(id, userId, chosen),
				`${name}: ${ROLE_NAMES[chosen].toLowerCase()}.`,
			);
		});
		const remove = () =>
			this.#do(
				() => this.#api.removeMember(id, userId),
				`${name} is no member any more.`,
			);
		const button = h(
			"button",
			{
				class: "bare",
				type: "button",
				"aria-label": `Remove ${name}`,
				title: "Remove",
				click: () => void remove(),
			},
			icon("close"),
		);
		// An owner is not removed, only given another role first.
		button.disabled = role === "owner";
		return [select, button];
	}

	/** Does something and shows what came of it. */
	async #do(task: () => Promise<void>, done: string): Promise<void> {
		try {
			await task();
			this.#say(done);
		} catch (error) {
			this.#say(messageOf(error));
		}
		await this.#load();
	}

	#say(text: string): void {
		this.#said.textContent = text;
	}
}

function roleSelect(chosen: Role, label: string): HTMLSelectElement {
	const options = ROLES.toReversed().map((role) =>
		h("option", { value: role, selected: role === chosen }, ROLE_NAMES[role]),
	);
	return h("select", { "aria-label": label }, ...options);
}

const messageOf = (error: unknown): string =>
	error instanceof ApiError ? sentence(error.message) : "That did not work.";
