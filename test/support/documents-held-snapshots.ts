import type {
	Snapshot,
	SnapshotStore,
} from "../../src/documents/snapshot-store.ts";
import { Gate } from "./documents-gate.ts";

/** Snapshots whose storing the test can hold or let fail. */
export class HeldSnapshots implements SnapshotStore {
	readonly #store: SnapshotStore;
	readonly gate = new Gate();
	/** Revisions that were stored. */
	readonly stored: number[] = [];

	constructor(store: SnapshotStore) {
		this.#store = store;
	}

	latest(docKey: number, below?: number): Promise<Snapshot | undefined> {
		return this.#store.latest(docKey, below);
	}

	async put(docKey: number, snapshot: Snapshot): Promise<void> {
		await this.gate.pass();
		await this.#store.put(docKey, snapshot);
		this.stored.push(snapshot.rev);
	}
}
