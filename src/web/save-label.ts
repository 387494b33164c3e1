import { systemClock } from "../sdk/platform.ts";
import type { SaveReport } from "../sdk/save-watch.ts";
import { h } from "./dom.ts";

/** Shorter waits are not worth a word. */
const SAVING_MS = 400;
/** A short loss of the connection is nobody's business. */
const OFFLINE_MS = 5_000;
/** People who listen hear what lasts, not every key stroke. */
const SPOKEN_MS = 1_500;

/** What a save state is called, for people. */
export function saveText({ saveState, unsent, error }: SaveReport): string {
	switch (saveState) {
		case "saved":
			return "Saved";
		case "saving":
			return "Saving…";
		case "failed":
			return error ? `Not saved: ${error.message}` : "Not saved";
		case "offline":
			return unsent === 0
				? "Offline"
				: `Offline – ${unsent} ${unsent === 1 ? "change" : "changes"} kept`;
	}
}

/** Says whether the text is saved: calmly to the eye, and once it lasts to the ear. */
export class SaveLabel {
	readonly element = h("span", { class: "save", "aria-hidden": "true" });
	readonly spoken = h("span", { class: "unseen", "aria-live": "polite" });
	#shown: SaveReport = { saveState: "saved", unsent: 0 };
	#cancelShow = () => {};
	#cancelSpeak = () => {};
	#offlineShown = false;

	constructor() {
		this.#show({ saveState: "saving", unsent: 0 }, "Opening…");
	}

	update(report: SaveReport): void {
		this.#cancelShow();
		const waitMs = this.#waitMs(report);
		if (waitMs === 0) this.#show(report);
		else this.#cancelShow = systemClock.after(waitMs, () => this.#show(report));
	}

	#waitMs({ saveState }: SaveReport): number {
		if (saveState === this.#shown.saveState) return 0;
		if (saveState === "saving") return SAVING_MS;
		return saveState === "offline" && !this.#offlineShown ? OFFLINE_MS : 0;
	}

	#show(report: SaveReport, text = saveText(report)): void {
		this.#shown = report;
		this.#offlineShown = report.saveState === "offline";
		this.element.dataset.state = report.saveState;
		this.element.textContent = text;
		this.element.title = text;
		this.#cancelSpeak();
		this.#cancelSpeak = systemClock.after(SPOKEN_MS, () => {
			if (this.spoken.textContent !== text) this.spoken.textContent = text;
		});
	}
}
