import type { AttributeRun } from "../ot/marks.ts";
import type { OpMessage } from "../protocol/document-message.ts";
import type { DocumentState } from "./document-state.ts";
import type { LazyText } from "./lazy-text.ts";

/** A client further behind gets a snapshot instead. */
const MOST_OPS = 1_000;
const MOST_CHARS = 262_144;

/** What a client at some revision must get to reach the head: every op in between, or the text. Never a part. */
export type CatchUp =
	| { readonly kind: "ops"; readonly ops: readonly OpMessage[] }
	| {
			readonly kind: "snapshot";
			readonly text: string;
			readonly runs: readonly AttributeRun[];
	  };

export interface ClientPosition {
	readonly rev: number;
	/** Absent: the same history is assumed. */
	readonly epoch?: string;
}

/** Oldest revision from which ops may be sent; undefined: the client gets a snapshot. */
export function opsFrom(
	state: {
		readonly epoch: string;
		readonly horizon: number;
		readonly committedRev: number;
	},
	since: ClientPosition | undefined,
): number | undefined {
	if (since === undefined) return undefined;
	const sameHistory = since.epoch === undefined || since.epoch === state.epoch;
	const recent =
		since.rev <= state.committedRev &&
		since.rev >= state.horizon &&
		since.rev >= state.committedRev - MOST_OPS;
	return sameHistory && recent ? since.rev : undefined;
}

/** The tail must reach back to what `opsFrom` answered. */
export function catchUp(
	state: DocumentState,
	text: LazyText,
	since: ClientPosition | undefined,
): CatchUp {
	const from = opsFrom(state, since);
	if (from !== undefined && from >= state.tail.since) {
		const ops = state.tail.messages(from, state.committedRev);
		let chars = 0;
		for (const { body } of ops) chars += body.length;
		if (chars <= MOST_CHARS) return { kind: "ops", ops };
	}
	return { kind: "snapshot", ...text.read() };
}
