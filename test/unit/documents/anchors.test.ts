import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { DocumentAnchors } from "../../../src/documents/document-anchors.ts";
import { DOC, DocumentsLab, type Owner } from "../../support/documents-lab.ts";
import type { Seat } from "../../support/documents-seat.ts";

let owner: Owner;
let ann: Seat;
let anchors: DocumentAnchors;
/** Ops that were read from the log for anchors. */
let read: number;

beforeEach(async () => {
	const lab = new DocumentsLab();
	owner = lab.owner();
	ann = await owner.join("ann");
	read = 0;
	anchors = new DocumentAnchors(owner.directory, {
		log: {
			find: (docId) => lab.disk.find(docId),
			since: async (...asked) => {
				const ops = await lab.disk.since(...asked);
				read += ops.length;
				return ops;
			},
		},
		snapshots: lab.snapshots,
	});
	await owner.commit(ann.edit(["one\ntwo\nthree"], { revision: 0 }));
});
afterEach(() => owner.directory.close());

const place = (line: number, ch: number) => ({ line, ch });
const TWO = { selection: { start: place(1, 0), end: place(1, 3) } };
const refusal = (code: string) => expect.objectContaining({ code });

describe("places in a document", () => {
	it("[COMMENT-18] hold over thousands of ops, in the texts of any revision on the way", async () => {
		const { anchor } = await anchors.put(DOC, TWO);
		await owner.fill(ann, 2_500, "\n");
		const old = await anchors.put(DOC, TWO, 1);
		const between = await anchors.put(
			DOC,
			{ selection: { start: place(1_001, 0), end: place(1_001, 3) } },
			1_001,
		);
		const { revision, standings } = await anchors.locate(DOC, [
			{ anchor, quote: "two" },
			{ anchor: between.anchor, quote: "two" },
		]);
		const selection = { start: place(2_501, 0), end: place(2_501, 3) };
		expect(revision).toBe(2_501);
		for (const standing of [...standings, old, between])
			expect(standing).toMatchObject({
				selection,
				anchor: { rev: 2_501, orphaned: false },
			});
		expect([old.quote, between.quote]).toEqual(["two", "two"]);
	});

	it("[COMMENT-19] cost the ops since their own revision, once for all of them", async () => {
		await owner.fill(ann, 300);
		const { anchor } = await anchors.put(DOC, TWO);
		expect(read).toBe(0);
		await owner.fill(ann, 100);
		const many = Array.from({ length: 50 }, () => ({ anchor }));
		await anchors.locate(DOC, many);
		expect(read).toBe(100);
		await anchors.locate(DOC, []);
		expect(read).toBe(100);
	});

	it("[COMMENT-3] are of the revision that is named, and of none that is not there", async () => {
		await owner.commit(ann.edit([8, "and "], { revision: 1 }));
		const put = await anchors.put(
			DOC,
			{
				position: place(2, 0),
				selection: { start: place(1, 2), end: place(2, 3) },
			},
			1,
		);
		expect(put).toMatchObject({
			revision: 2,
			quote: "o\nthr",
			position: place(2, 4),
			selection: { start: place(1, 2), end: place(2, 7) },
		});
		await expect(anchors.put(DOC, TWO, 3)).rejects.toEqual(
			refusal("REVISION_AHEAD"),
		);
	});
});
