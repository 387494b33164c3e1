import { codePointLength } from "../ot/code-points.ts";
import type { DocumentContent } from "../ot/document-op.ts";
import type { AttributeRun } from "../ot/marks.ts";
import type { Committed, Snapshot } from "./unsent.ts";
import type { AppliedEvent, AttributeRange, SnapshotEvent } from "./wire.ts";

export const committedOf = (event: AppliedEvent): Committed => ({
	rev: event.revision,
	opId: event.opId,
	op: { t: event.op, m: event.marks ?? [] },
	author: event.sessionId,
});

export const snapshotOf = (event: SnapshotEvent): Snapshot => ({
	epoch: event.epoch,
	rev: event.revision,
	content: contentOf(event.currentContent, event.attributes ?? []),
});

/** On the wire only formatted ranges are listed; runs cover the whole text. */
function contentOf(
	text: string,
	ranges: readonly AttributeRange[],
): DocumentContent {
	const runs: AttributeRun[] = [];
	let end = 0;
	const plainUpTo = (position: number) => {
		if (position > end) runs.push({ n: position - end, a: {} });
		end = Math.max(end, position);
	};
	for (const { position, length, attributes } of ranges) {
		plainUpTo(position);
		runs.push({ n: length, a: attributes });
		end += length;
	}
	plainUpTo(codePointLength(text));
	return { text, runs };
}
