import { fits } from "../ot/document-op.ts";
import { netLength } from "../ot/text-op.ts";
import { astralPositions, carry, codePointLength } from "../ot/unicode.ts";
import { CollabError } from "../protocol/errors.ts";
import type { DocId, ReplicaId } from "../shared/ids.ts";
import { insertedBytes, type LoadedDocument } from "./document-state.ts";
import { LazyText } from "./lazy-text.ts";
import type { DocumentHead, OpLog } from "./op-log.ts";
import { OpTail } from "./op-tail.ts";
import type { Snapshot, SnapshotStore } from "./snapshot-store.ts";

const PAGE_OPS = 1_000;
const EMPTY: Snapshot = { rev: 0, text: "", runs: [], clock: new Map() };

export interface Loaded {
	readonly document: LoadedDocument;
	readonly text: LazyText;
	/** Revision of the newest stored snapshot; 0 when there is none. */
	readonly snapshotRev: number;
}

/**
 * Replays a document from its newest snapshot and the ops after it. Creates a document that does not exist.
 * Throws `INTERNAL {reason:'corrupt'}` when the log does not fit together: this document alone is then unavailable.
 */
export async function loadDocument(
	docId: DocId,
	log: OpLog,
	snapshots: SnapshotStore,
): Promise<Loaded> {
	let head = await log.open(docId);
	const snapshot = (await snapshots.latest(head.docKey)) ?? EMPTY;
	// Another node may have written and stored a snapshot between the two reads.
	if (snapshot.rev > head.head) head = await log.open(docId);
	if (snapshot.rev > head.head) throw corrupt(docId, snapshot.rev);
	const replay = new Replay(docId, head, snapshot);
	while (replay.rev < head.head) {
		const ops = await log.since(head.docKey, replay.rev, head.head, PAGE_OPS);
		if (ops.length === 0) throw corrupt(docId, replay.rev + 1);
		for (const op of ops) replay.apply(op);
	}
	return replay.result();
}

class Replay {
	readonly #docId: DocId;
	readonly #head: DocumentHead;
	readonly #snapshotRev: number;
	readonly #tail: OpTail;
	readonly #text: LazyText;
	readonly #clock: Map<ReplicaId, number>;
	#length: number;
	#bytes: number;
	#astral: readonly number[];

	constructor(docId: DocId, head: DocumentHead, snapshot: Snapshot) {
		this.#docId = docId;
		this.#head = head;
		this.#snapshotRev = snapshot.rev;
		this.#tail = new OpTail(docId, snapshot.rev, snapshot.clock);
		this.#text = new LazyText(snapshot.rev, snapshot);
		this.#clock = new Map(snapshot.clock);
		this.#length = codePointLength(snapshot.text);
		this.#bytes = Buffer.byteLength(snapshot.text);
		this.#astral = astralPositions(snapshot.text);
	}

	get rev(): number {
		return this.#tail.head;
	}

	apply(committed: Parameters<OpTail["push"]>[0]): void {
		const { rev, op, replicaId } = committed;
		if (rev !== this.rev + 1) throw corrupt(this.#docId, this.rev + 1);
		try {
			fits(op, this.#length);
		} catch (cause) {
			throw corrupt(this.#docId, rev, cause);
		}
		this.#tail.push(committed);
		this.#text.push(op);
		this.#clock.set(replicaId, (this.#clock.get(replicaId) ?? 0) + 1);
		this.#length += netLength(op.t);
		this.#bytes += insertedBytes(op.t);
		this.#astral = carry(this.#astral, op.t);
	}

	result(): Loaded {
		return {
			document: {
				docId: this.#docId,
				docKey: this.#head.docKey,
				epoch: this.#head.epoch,
				horizon: this.#head.horizon,
				rev: this.rev,
				length: this.#length,
				bytes: this.#bytes,
				astral: this.#astral,
				clock: this.#clock,
				tail: this.#tail,
			},
			text: this.#text,
			snapshotRev: this.#snapshotRev,
		};
	}
}

const corrupt = (docId: DocId, rev: number, cause?: unknown): CollabError =>
	new CollabError(
		"INTERNAL",
		"The document's log is damaged",
		{ reason: "corrupt", prdId: docId, revision: rev },
		{ cause },
	);
