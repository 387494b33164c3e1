import { Lines } from "../ot/lines.ts";
import {
	anchorAt,
	moveTextAnchor,
	type PutAnchor,
	type QuotedAnchor,
	quoteOf,
	reattach,
	type Spot,
	type Standing,
	standingOf,
	type TextAnchor,
} from "../ot/text-anchor.ts";
import { CollabError } from "../protocol/errors.ts";
import type { DocId } from "../shared/ids.ts";
import type { DocumentDirectory } from "./document-directory.ts";
import { LazyText } from "./lazy-text.ts";
import type { DocKey, OpLog } from "./op-log.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

const PAGE_OPS = 1_000;
/** An older text than that is not made again for a place in it. */
const MOST_REPLAYED = 20_000;

interface AnchorStores {
	readonly log: Pick<OpLog, "find" | "since">;
	readonly snapshots: Pick<SnapshotStore, "latest">;
}

/** Places in documents that hold while people write: from the lines and units that they name to anchors, and back. */
export class DocumentAnchors {
	readonly #documents: Pick<DocumentDirectory, "read">;
	readonly #stores: AnchorStores;

	constructor(
		documents: Pick<DocumentDirectory, "read">,
		stores: AnchorStores,
	) {
		this.#documents = documents;
		this.#stores = stores;
	}

	/**
	 * Anchors a spot of the text at `revision` (absent: the head). Places beyond the head are told as they were named.
	 * Throws `REVISION_AHEAD`, or `RESYNC_REQUIRED` for a text too old to be made again.
	 */
	async put(docId: DocId, spot: Spot, revision?: number): Promise<PutAnchor> {
		const { text, revision: head } = await this.#documents.read(docId);
		const rev = revision ?? head;
		if (rev > head)
			throw new CollabError("REVISION_AHEAD", "There is no such revision", {
				revision: head,
			});
		const lines = new Lines(text);
		const base =
			rev === head ? lines : new Lines(await this.#textAt(docId, rev));
		const made = anchorAt(rev, spot, base);
		const quote = quoteOf(made, base);
		const [anchor = made] = await this.#move(docId, [made], head);
		return {
			...standingOf(anchor, lines),
			revision: head,
			...(rev === head && isBeyond(spot, lines) ? spot : {}),
			...(quote === undefined ? {} : { quote }),
		};
	}

	/** Where the anchors stand in the head, in their order. */
	async locate(
		docId: DocId,
		anchors: readonly QuotedAnchor[],
	): Promise<{
		readonly revision: number;
		readonly standings: readonly Standing[];
	}> {
		const { text, revision } = await this.#documents.read(docId);
		const lines = new Lines(text);
		const own = anchors.map(({ anchor }) => anchor);
		const moved = await this.#move(docId, own, revision);
		const standings = moved.map((anchor, i) => {
			const back = reattach(anchor, anchors[i]?.quote ?? "", lines);
			return {
				...standingOf(back ?? anchor, lines),
				...(back === undefined ? {} : { isBack: true as const }),
			};
		});
		return { revision, standings };
	}

	/** Op by op, a page at a time: each anchor takes the ops since its own revision. */
	async #move(
		docId: DocId,
		anchors: readonly TextAnchor[],
		head: number,
	): Promise<readonly TextAnchor[]> {
		let moved = anchors;
		let rev = Math.min(head, ...anchors.map((anchor) => anchor.rev));
		if (rev === head) return moved;
		const docKey = await this.#keyOf(docId);
		while (rev < head) {
			const ops = await this.#stores.log.since(docKey, rev, head, PAGE_OPS);
			const first = rev;
			moved = moved.map((anchor) =>
				moveTextAnchor(anchor, ops.slice(Math.max(0, anchor.rev - first))),
			);
			if (ops.length === 0) throw gone();
			rev += ops.length;
		}
		return moved;
	}

	/** The text at a revision before the head. */
	async #textAt(docId: DocId, rev: number): Promise<string> {
		const { log, snapshots } = this.#stores;
		const docKey = await this.#keyOf(docId);
		const base = await snapshots.latest(docKey, rev + 1);
		const text = new LazyText(base?.rev ?? 0, base ?? { text: "", runs: [] });
		if (rev - text.rev > MOST_REPLAYED) throw gone();
		while (text.rev < rev) {
			const ops = await log.since(docKey, text.rev, rev, PAGE_OPS);
			if (ops.length === 0) throw gone();
			for (const { op } of ops) text.push(op);
		}
		return text.read().text;
	}

	async #keyOf(docId: DocId): Promise<DocKey> {
		const found = await this.#stores.log.find(docId);
		if (found !== undefined) return found.docKey;
		throw new CollabError("NOT_FOUND", "There is no such document");
	}
}

const gone = (): CollabError =>
	new CollabError(
		"RESYNC_REQUIRED",
		"That part of the history is out of reach",
		{ reason: "horizon" },
	);

const isBeyond = ({ position, selection }: Spot, lines: Lines): boolean =>
	[position, selection?.start, selection?.end].some((place) => {
		if (place === undefined) return false;
		const { line, ch } = lines.placeOf(lines.positionOf(place));
		return line !== place.line || ch !== place.ch;
	});
