import { describe, expect, it } from "@jest/globals";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DocumentsLab } from "../../support/documents-lab.ts";

describe("what an op is based on", () => {
	it("[DOC-15] a revision above the head is ahead, also one that is not on disk yet", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		expect(await owner.commit(ben.edit(["b"], { revision: 1 }))).toBe(
			"REVISION_AHEAD",
		);
		owner.line.holdsCommits = true;
		const first = owner.commit(ann.edit(["a"], { revision: 0 }));
		const commit = await owner.line.nextCommit();
		expect(await owner.commit(ben.edit(["b"], { revision: 1 }))).toBe(
			"REVISION_AHEAD",
		);
		await commit.succeed();
		expect(await first).toBe("committed 1");
	});

	it("[DOC-15] a clock that counts more than the log has is ahead", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		const clock = { ann: 4, ben: 1 };
		expect(await owner.commit(ben.edit(["b"], { clock }))).toBe(
			"REVISION_AHEAD",
		);
	});

	it("[DOC-15] a revision that another owner has made is not ahead", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		const ben = await two.join("ben");
		const cat = await two.join("cat");
		await one.submit(ann.edit(["a"], { revision: 0 }));
		expect(await two.commit(ben.edit([1, "b"], { revision: 1 }))).toBe(
			"committed 2",
		);
		await one.submit(ann.edit([1, "c"], { revision: 1 }));
		const clock = { ann: 2, ben: 1, cat: 1 };
		expect(await two.commit(cat.edit([3, "d"], { clock }))).toBe("committed 4");
		expect(await two.text()).toBe("acbd");
	});

	it("[DOC-15] ops that are no longer in memory are read from the log", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		const [ben, cat] = [await owner.join("ben"), await owner.join("cat")];
		await owner.fill(ann, 2_500);
		expect(lab.snapshots.stored).toEqual([1_000, 2_000]);
		const read = owner.line.asked.get("since") ?? 0;
		expect(await owner.commit(ben.edit(["B"], { revision: 0 }))).toBe(
			"committed 2501",
		);
		expect(owner.line.asked.get("since")).toBe(read + 3);
		const clock = { cat: 1 };
		expect(await owner.commit(cat.edit(["C"], { clock }))).toBe(
			"committed 2502",
		);
		expect((await owner.text()).slice(0, 3)).toBe("CBx");
	});

	it("[DOC-15] they are read right while a snapshot is stored", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		await owner.fill(ann, 2_500);
		lab.snapshots.gate.shut();
		await owner.fill(ann, 500);
		await lab.snapshots.gate.arrival();
		const ben = await owner.join("ben");
		const { since } = owner.line.gates;
		since.shut();
		const old = owner.commit(ben.edit([10, "B"], { revision: 10 }));
		await since.arrival();
		lab.snapshots.gate.open();
		await turns();
		since.open();
		expect(await old).toBe("committed 3001");
		// Everything since was written in front of it.
		expect((await owner.text()).indexOf("B")).toBe(3_000);
	});

	it("[DOC-15] a base 10,000 revisions back is out of reach", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const [ben, cat] = [await owner.join("ben"), await owner.join("cat")];
		await owner.fill(ann, 10_000);
		expect(await owner.commit(ben.edit(["B"], { revision: 0 }))).toBe(
			"committed 10001",
		);
		expect(await owner.commit(cat.edit(["C"], { revision: 0 }))).toBe(
			"RESYNC_REQUIRED horizon",
		);
	}, 20_000);

	it("[DOC-15] an old op sent again may lie below the join", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const first = await owner.join("ben1", {
			user: "ben",
			client: "client-ben",
		});
		const lost = first.edit([1, "b"], { revision: 1 });
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		await owner.submit(ann.edit([1, "c"], { revision: 1 }));
		const again = await owner.join("ben2", {
			user: "ben",
			client: "client-ben",
		});
		expect(again.joined.revision).toBe(2);
		const sent = again.edit([1, "b"], { revision: 1, opId: lost.opId });
		expect(await owner.commit(sent)).toBe("committed 3");
		expect(await owner.text()).toBe("abc");
	});

	it("[DOC-15] formatting and text of a base below the join are moved alike", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		await owner.submit(ann.edit(["word"], { revision: 0 }));
		await owner.submit(ann.edit(["a "], { revision: 1 }));
		const bold = ben.edit([], { revision: 1 });
		const marked = {
			...bold,
			edit: {
				form: "native" as const,
				op: [],
				marks: [{ n: 4, a: { bold: true } }],
			},
		};
		expect(await owner.commit(marked)).toBe("committed 3");
		expect((await owner.directory.read(ann.docId)).runs).toEqual([
			{ n: 2, a: {} },
			{ n: 4, a: { bold: true } },
		]);
	});

	it("[EDIT-6] what was sent behind a refused op presupposes it, and is refused", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const place = { revision: 0, settled: 0 };
		const answers = outcomes(
			owner.submit(
				ann.edit(["abc"], place),
				ann.edit([99, "x"], place),
				ann.edit([3, "y"], place),
				ann.edit([4, "z"], place),
			),
		);
		expect(await answers).toEqual([
			"committed 1",
			"OPERATION_INVALID range",
			"RESYNC_REQUIRED refused",
			"RESYNC_REQUIRED sequence",
		]);
		// All of it answered: the author knows where he is.
		const next = ann.edit([3, "d"], { revision: 1 });
		expect(await owner.commit(next)).toBe("committed 2");
		expect(await owner.text()).toBe("abcd");
	});

	it("[EDIT-6] a refused op that comes again gets its refusal", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const wrong = ann.edit([99, "x"], { revision: 0 });
		expect(await owner.commit(wrong)).toBe("OPERATION_INVALID range");
		await owner.submit(ann.edit(["abc"], { revision: 0 }));
		expect(await owner.commit(wrong)).toBe("OPERATION_INVALID range");
	});
});
