import { fits } from "../ot/document-op.ts";
import { netLength } from "../ot/text-op.ts";
import { astralPositions, carry, codePointLength } from "../ot/unicode.ts";
import { CollabError } from "../protocol/errors.ts";
import type { DocId, ReplicaId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import { DocumentSize } from "./document-size.ts";
import type { LoadedDocument } from "./document-state.ts";
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

interface LoadPorts {
	readonly log: OpLog;
	readonly snapshots: SnapshotStore;
	readonly logger: Logger;
}

/**
 * Replays a document from its newest snapshot and the ops after it; where that one is damaged, from the one before, or
 * from the empty text. Creates a document that does not exist.
 * Throws `INTERNAL {reason:'corrupt'}` when the log does not fit together: this document alone is then unavailable.
 */
export async function loadDocument(
	docId: DocId,
	ports: LoadPorts,
): Promise<Loaded> {
	const damaged: DamagedSnapshot[] = [];
	for (;;) {
		try {
			const loaded = await loadBelow(docId, ports, damaged.at(-1)?.rev);
			for (const { rev: revision, cause: err } of damaged)
				ports.logger.error(
					{ prdId: docId, revision, err },
					"a damaged snapshot was passed over",
				);
			return loaded;
		} catch (error) {
			if (!(error instanceof DamagedSnapshot)) throw error;
			damaged.push(error);
		}
	}
}

/** @param below only snapshots of earlier revisions; undefined: the newest one */
async function loadBelow(
	docId: DocId,
	{ log, snapshots }: LoadPorts,
	below: number | undefined,
): Promise<Loaded> {
	let head = await log.open(docId);
	const snapshot = await newest(snapshots, head.docKey, below);
	// Another node may have written and stored a snapshot between the two reads.
	if (snapshot.rev > head.head) head = await log.open(docId);
	if (snapshot.rev > head.head) throw corrupt(docId, snapshot.rev);
	try {
		const replay = new Replay(docId, head, snapshot);
		while (replay.rev < head.head) {
			const ops = await log.since(head.docKey, replay.rev, head.head, PAGE_OPS);
			if (ops.length === 0) throw corrupt(docId, replay.rev + 1);
			for (const op of ops) replay.apply(op);
		}
		return replay.result();
	} catch (error) {
		// Whether the log or the snapshot is wrong is known when it has been tried without the snapshot.
		if (isCorrupt(error) && snapshot.rev > 0)
			throw new DamagedSnapshot(snapshot.rev, error);
		throw error;
	}
}

async function newest(
	snapshots: SnapshotStore,
	docKey: DocumentHead["docKey"],
	below: number | undefined,
): Promise<Snapshot> {
	try {
		return (await snapshots.latest(docKey, below)) ?? EMPTY;
	} catch (error) {
		if (isCorrupt(error)) throw new DamagedSnapshot(error.data.rev, error);
		throw error;
	}
}

/** Nothing can be built on the snapshot at `rev`. */
class DamagedSnapshot extends Error {
	readonly rev: number;

	constructor(rev: number, cause: unknown) {
		super("The snapshot is damaged", { cause });
		this.rev = rev;
	}
}

const isCorrupt = (
	error: unknown,
): error is CollabError & { readonly data: { readonly rev: number } } =>
	error instanceof CollabError && error.data?.reason === "corrupt";

class Replay {
	readonly #docId: DocId;
	readonly #head: DocumentHead;
	readonly #snapshotRev: number;
	readonly #tail: OpTail;
	readonly #text: LazyText;
	readonly #clock: Map<ReplicaId, number>;
	readonly #size: DocumentSize;
	#length: number;
	#astral: readonly number[];

	constructor(docId: DocId, head: DocumentHead, snapshot: Snapshot) {
		this.#docId = docId;
		this.#head = head;
		this.#snapshotRev = snapshot.rev;
		this.#tail = new OpTail(docId, snapshot.rev, snapshot.clock);
		this.#text = new LazyText(snapshot.rev, snapshot);
		this.#clock = new Map(snapshot.clock);
		this.#length = codePointLength(snapshot.text);
		this.#size = new DocumentSize(snapshot);
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
		this.#size.add(op);
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
				size: this.#size,
				fence: this.#head.fence,
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
		{ reason: "corrupt", prdId: docId, rev },
		{ cause },
	);
