import type { DocId, UserId } from "../ids.ts";

/** What is told of something that has happened; of edits the op log tells. */
export interface NewFact {
	/** Name of the event that told of it: `comment:added`. */
	readonly kind: string;
	readonly docId: DocId;
	readonly actor: UserId;
	/** Ids and the like, JSON; never the text of a document. */
	readonly payload: Readonly<Record<string, unknown>>;
	readonly atMs: number;
}

export interface Fact extends NewFact {
	/** Its place: greater than that of every fact that could be read before it. */
	readonly id: number;
}

/** Everything that has happened, in order. Facts of a deleted document go with it. */
export interface FactFeed {
	/** Facts behind the place `since` (0: from the beginning), at most `limit`. */
	since(since: number, limit: number): Promise<readonly Fact[]>;
}
