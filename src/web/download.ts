import { systemClock } from "../sdk/platform.ts";
import { h } from "./dom.ts";

const KEPT_MS = 10_000;

/** Gives a text to the visitor as a Markdown file. */
export function download(name: string, text: string): void {
	const blob = new Blob([text], { type: "text/markdown;charset=utf-8" });
	const href = URL.createObjectURL(blob);
	h("a", { href, download: `${name}.md` }).click();
	// The browser has taken the file by then.
	systemClock.after(KEPT_MS, () => URL.revokeObjectURL(href));
}
