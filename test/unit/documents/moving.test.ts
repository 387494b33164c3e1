import { describe, expect, it } from "@jest/globals";
import type { DocId } from "../../../src/shared/ids.ts";
import { turns } from "../../support/documents-answers.ts";
import { DOC, DocumentsLab } from "../../support/documents-lab.ts";

const OTHER = "other" as DocId;
const none = (): boolean => false;

describe("a document that moves to another node", () => {
	it("[DOC-32] finishes what it has under way, stores its text and is forgotten", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		const { answer, commit } = await owner.underway(ann);
		const moving = owner.directory.moveAway(none);
		await turns();
		expect(lab.snapshots.stored).toEqual([]);
		await commit.succeed();
		await moving;
		expect(await answer).toBe("committed 1");
		expect(lab.snapshots.stored).toEqual([1]);
		expect(lab.clock.waiting).toBe(0);
		// Nothing is left of the sessions either: the name is free.
		expect((await owner.join("twin", { user: "ann" })).joined.replicaId).toBe(
			"ann",
		);
		expect(owner.line.asked.get("open")).toBe(2);
	});

	it("[DOC-32] those that stay are not touched", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		await owner.join("ben", { docId: OTHER });
		await owner.directory.moveAway((docId) => docId === DOC);
		expect(await owner.commit(ann.edit(["a"], { revision: 0 }))).toBe(
			"committed 1",
		);
		expect(owner.line.asked.get("open")).toBe(2);
		await owner.text(OTHER);
		expect(owner.line.asked.get("open")).toBe(3);
	});

	it("[DOC-32] who goes on in it meanwhile is served", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		lab.snapshots.gate.shut();
		const moving = owner.directory.moveAway(none);
		await lab.snapshots.gate.arrival();
		const late = owner.commit(ann.edit([1, "b"], { revision: 1 }));
		lab.snapshots.gate.open();
		await moving;
		expect(await late).toBe("committed 2");
		expect(await lab.owner().text()).toBe("ab");
	});
});

describe("what is asked of documents", () => {
	it("[DOC-33] heads above the told ones come in one question, and no document wakes", async () => {
		const lab = new DocumentsLab();
		const writer = lab.owner();
		const ann = await writer.join("ann");
		await writer.submit(ann.edit(["a"], { revision: 0 }));
		await writer.join("ben", { docId: OTHER });
		const owner = lab.owner();
		const heads = await owner.directory.heads([
			[DOC, 0],
			[OTHER, 0],
			["nowhere" as DocId, 0],
		]);
		expect(heads).toEqual([[DOC, 1]]);
		expect(await owner.directory.heads([[DOC, 1]])).toEqual([]);
		expect([...owner.line.asked]).toEqual([["headsById", 2]]);
	});

	it("[DOC-34] joins, readers and edits that come at once load a sleeping document once", async () => {
		const lab = new DocumentsLab();
		const first = lab.owner();
		const ann = await first.join("ann");
		await first.submit(ann.edit(["a"], { revision: 0 }));
		const owner = lab.owner();
		const [ben, cat, text, late, ops] = await Promise.all([
			owner.join("ben"),
			owner.join("cat"),
			owner.text(),
			owner.commit(ann.edit([1, "b"], { revision: 1 })),
			owner.directory.opsSince(DOC, 0),
		]);
		expect(late).toBe("committed 2");
		expect(ben.joined.revision + cat.joined.revision).toBeGreaterThan(1);
		expect(text.startsWith("a")).toBe(true);
		expect(ops[0]?.head.rev).toBe(1);
		expect(owner.line.asked.get("open")).toBe(1);
	});
});

describe("the head of a document", () => {
	it("[DOC-31] is told again 0.5, 2 and 5 s after the last op, then no more", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		const told: [number, readonly number[]][] = [];
		for (let ms = 0; ms < 8_000; ms += 100) {
			const before = owner.toldHeads.length;
			lab.clock.advance(100);
			if (owner.toldHeads.length > before)
				told.push([ms + 100, owner.toldHeads.slice(before)]);
		}
		expect(told).toEqual([
			[500, [1]],
			[2_000, [1]],
			[5_000, [1]],
		]);
		expect(lab.clock.waiting).toBe(0);
	});

	it("[DOC-31] waits for the typist, by one timer", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		for (let i = 0; i < 20; i++) {
			await owner.submit(ann.edit(["a"], { revision: i }));
			expect(lab.clock.waiting).toBe(1);
			lab.clock.advance(300);
		}
		expect(owner.toldHeads).toEqual([]);
		lab.clock.advance(200);
		expect(owner.toldHeads).toEqual([20]);
	});

	it("[DOC-31] is told once more, and not later, when the document goes away; never after its deletion", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		await owner.directory.moveAway(none);
		lab.clock.advance(10_000);
		expect(owner.toldHeads).toEqual([1]);
		const ben = await owner.join("ben");
		await owner.submit(ben.edit(["b"], { revision: 1 }));
		await owner.directory.erase(DOC, async () => {});
		lab.clock.advance(10_000);
		expect(owner.toldHeads).toEqual([1]);
	});
});
