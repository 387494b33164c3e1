import type { Logger } from "../shared/logger.ts";
import type { DocumentState } from "./document-state.ts";
import type { LazyText } from "./lazy-text.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** A new one is due after the first of so many ops or characters of ops. */
const DUE_OPS = 1_000;
const DUE_CHARS = 262_144;

/** How far the newest stored snapshot of a document reaches, and what has come since. */
export class StoredSnapshot {
	readonly #snapshots: SnapshotStore;
	readonly #logger: Logger;
	#rev: number;
	#charsSince = 0;

	/** @param rev of the newest one; 0 when there is none */
	constructor(snapshots: SnapshotStore, logger: Logger, rev: number) {
		this.#snapshots = snapshots;
		this.#logger = logger;
		this.#rev = rev;
	}

	get rev(): number {
		return this.#rev;
	}

	/** @param chars of an op's message that has been committed */
	grew(chars: number): void {
		this.#charsSince += chars;
	}

	isDue(committedRev: number): boolean {
		return committedRev - this.#rev >= DUE_OPS || this.#charsSince >= DUE_CHARS;
	}

	/**
	 * Stores the text if it is newer. A snapshot only shortens replay: when it cannot be stored, that is logged and
	 * everything goes on.
	 */
	async store(
		{ docId, docKey, tail }: DocumentState,
		text: LazyText,
	): Promise<void> {
		const [before, { rev }] = [this.#rev, text];
		if (rev === before) return;
		this.#rev = rev;
		this.#charsSince = 0;
		try {
			const clock = tail.clockAt(rev);
			await this.#snapshots.put(docKey, { rev, ...text.read(), clock });
		} catch (err) {
			this.#rev = before;
			this.#logger.error(
				{ prdId: docId, revision: rev, err },
				"a snapshot could not be stored",
			);
		}
	}
}
