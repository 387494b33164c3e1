import type { AttributeRun } from "../ot/marks.ts";
import type { ReplicaId } from "../shared/ids.ts";
import type { DocKey } from "./op-log.ts";

/** A document's state at one revision, stored to shorten replay. */
export interface Snapshot {
	readonly rev: number;
	readonly text: string;
	readonly runs: readonly AttributeRun[];
	/** Committed ops per replica; sums to `rev`. */
	readonly clock: ReadonlyMap<ReplicaId, number>;
}

export interface SnapshotStore {
	/**
	 * The newest snapshot, or the newest of a revision below; undefined: replay from the empty text.
	 * Throws `INTERNAL {reason:'corrupt', rev}` when its checksum does not fit.
	 */
	latest(docKey: DocKey, below?: number): Promise<Snapshot | undefined>;
	/** Idempotent per (document, rev); older snapshots may go. */
	put(docKey: DocKey, snapshot: Snapshot): Promise<void>;
}
