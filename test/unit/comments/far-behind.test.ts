import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { CommentList } from "../../../src/comments/comment-list.ts";
import { openStores } from "../../../src/db/open-stores.ts";
import { DocumentAnchors } from "../../../src/documents/document-anchors.ts";
import type { TextAnchor } from "../../../src/ot/text-anchor.ts";
import type { Asked } from "../../../src/protocol/asked.ts";
import { ANN, makeDocument, newComment } from "../../support/comments.ts";
import { DOC, DocumentsLab, type Owner } from "../../support/documents-lab.ts";
import type { Seat } from "../../support/documents-seat.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { createDataDir, type DataDir } from "../../support/sqlite.ts";

let dir: DataDir;
let stores: Awaited<ReturnType<typeof openStores>>;
let owner: Owner;
let ann: Seat;
let shown: CommentList;

beforeEach(async () => {
	dir = createDataDir();
	stores = await openStores(
		{ kind: "sqlite", dataDir: dir.path, synchronous: "NORMAL" },
		{ clock: new ManualClock(), newId: randomUUID, onFatal: () => {} },
	);
	await makeDocument(stores.rooms, DOC);
	owner = new DocumentsLab(stores.opLog, stores.snapshots).owner();
	const anchors = new DocumentAnchors(owner.directory, {
		log: stores.opLog,
		snapshots: stores.snapshots,
	});
	shown = new CommentList({
		store: stores.comments,
		text: {
			anchor: (docId, spot, revision) => anchors.put(docId, spot, revision),
			locate: (docId, all) => anchors.locate(docId, all),
		},
		admit: async () => ({ role: "view" }),
	});
	ann = await owner.join("ann");
	await owner.commit(ann.edit(["one two three"], { revision: 0 }));
});
afterEach(async () => {
	await owner.directory.close();
	await stores.close();
	dir.remove();
});

const asked: Asked<"comment:list"> = {
	event: "comment:list",
	person: { userId: ANN, name: "Ann", roles: [] },
	data: { prdId: DOC },
};
const anchor: TextAnchor = {
	rev: 1,
	position: 4,
	bias: "after",
	range: { start: 4, end: 7 },
	orphaned: false,
};

describe("an anchor far behind the head", () => {
	it("[COMMENT-19] is stored where it has come to when it is read, and not before it is far behind", async () => {
		const comment = newComment(DOC, { anchor, quote: "two" });
		await stores.comments.add(comment);
		const stored = async () =>
			(await stores.comments.find(comment.commentId))?.anchor;
		await owner.fill(ann, 400);
		await shown.list(asked);
		expect(await stored()).toEqual(anchor);
		await owner.fill(ann, 200);
		const { comments } = await shown.list(asked);
		expect(comments).toMatchObject([
			{ range: { position: 604, length: 3 }, revision: 601 },
		]);
		expect(await stored()).toEqual({
			...anchor,
			rev: 601,
			position: 604,
			range: { start: 604, end: 607 },
		});
	});
});
