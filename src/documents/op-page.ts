import type { OpMessage } from "../protocol/document-message.ts";

const PAGE_CHARS = 262_144;

/** As many of the first ops as fit into an answer, at least one. */
export function pageOf(ops: readonly OpMessage[]): readonly OpMessage[] {
	let chars = 0;
	const end = ops.findIndex(({ body }) => {
		chars += body.length;
		return chars > PAGE_CHARS;
	});
	return end < 0 ? ops : ops.slice(0, Math.max(1, end));
}
