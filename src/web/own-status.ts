import type { Doc } from "../sdk/document.ts";
import { systemClock } from "../sdk/platform.ts";

/** After the last key stroke somebody still writes for so long. */
const WRITING_MS = 3_000;

/** Tells the others whether this person writes, is there, or has put the page away. */
export function tellStatus(doc: Doc): void {
	let cancel = () => {};
	doc.on("change", ({ origin }) => {
		if (origin !== "local") return;
		doc.setStatus("typing");
		cancel();
		cancel = systemClock.after(WRITING_MS, () => doc.setStatus("idle"));
	});
	document.addEventListener("visibilitychange", () => {
		cancel();
		doc.setStatus(document.hidden ? "away" : "idle");
	});
}
