import type { Client } from "../sdk/client.ts";
import type { Draft } from "../sdk/doc-events.ts";
import type { Doc } from "../sdk/document.ts";
import type { SdkError } from "../sdk/errors.ts";
import type { Mode } from "../shared/roles.ts";
import { sentence } from "./connection-notice.ts";
import { download } from "./download.ts";
import type { Notices } from "./notices.ts";

const MODES: Readonly<Record<Mode, string>> = {
	view: "You can read this document now, and no longer change it.",
	comment: "You can read and comment on this document now.",
	edit: "You can edit this document now.",
};
/** From here on people hear that a document is nearly full. */
const NEARLY_FULL = 0.8;
/** Sizes are worth a look only now and then. */
const SIZE_EVERY_CHARS = 2_000;

/** Says what happens to a document that its reader must know: rights, lost edits, its end, its size. */
export class DocumentNotices {
	readonly #doc: Doc;
	readonly #client: Client;
	readonly #notices: Notices;
	#mode: Mode;
	#measuredAt = 0;

	constructor(doc: Doc, client: Client, notices: Notices) {
		this.#doc = doc;
		this.#client = client;
		this.#notices = notices;
		this.#mode = doc.mode;
	}

	watch(): void {
		const doc = this.#doc;
		doc.on("mode", (mode) => this.#sayMode(mode));
		doc.on("refused", ({ error, text }) => this.#sayRefused(error, text));
		doc.on("draft", (draft) => this.#keepDraft(draft));
		doc.on("closed", (error) => this.#sayClosed(error));
		doc.on("change", () => this.#watchSize());
		this.#watchSize();
	}

	#sayMode(mode: Mode): void {
		if (mode === this.#mode) return;
		this.#mode = mode;
		this.#notices.show("mode", {
			text: MODES[mode],
			tone: "quiet",
			dismiss: true,
		});
	}

	#keepDraft({ text, unsent }: Draft): void {
		const changes =
			unsent === 1 ? "Your last change" : `Your last ${unsent} changes`;
		this.#notices.show("draft", {
			text: `${changes} could not be saved. A copy of the text with them is kept here.`,
			tone: "serious",
			dismiss: true,
			action: {
				label: "Download copy",
				run: () => download(`${this.#doc.id}-draft`, text),
			},
		});
	}

	#sayRefused(error: SdkError, text: string): void {
		const copy = () => void navigator.clipboard.writeText(text);
		this.#notices.show("refused", {
			text: `Your last change was not accepted: ${sentence(error.message)}`,
			tone: "serious",
			dismiss: true,
			...(text === "" ? {} : { action: { label: "Copy its text", run: copy } }),
		});
	}

	#sayClosed(error: SdkError): void {
		// A session that was ended has its own notice.
		if (error.code === "STOPPED") return;
		this.#notices.show("closed", {
			text: `${sentence(error.message)} The text stays here to be copied.`,
			tone: "serious",
		});
	}

	#watchSize(): void {
		const { text } = this.#doc;
		if (Math.abs(text.length - this.#measuredAt) < SIZE_EVERY_CHARS) return;
		this.#measuredAt = text.length;
		const { documentBytes } = this.#client.limits;
		const share = new TextEncoder().encode(text).length / documentBytes;
		if (share < NEARLY_FULL) {
			this.#notices.hide("size");
			return;
		}
		const megabytes = (documentBytes / 2 ** 20).toFixed(0);
		this.#notices.show("size", {
			text: `This document has used ${Math.min(100, Math.round(share * 100))} % of its ${megabytes} MB. What goes beyond is not accepted.`,
			tone: "quiet",
			dismiss: true,
		});
	}
}
