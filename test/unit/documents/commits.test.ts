import { describe, expect, it } from "@jest/globals";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DOC, DocumentsLab, type Owner } from "../../support/documents-lab.ts";

/** Plays the database: it takes no group that holds `poison`. */
async function commitUntilQuiet(owner: Owner): Promise<number> {
	let rows = 0;
	for (;;) {
		await turns();
		if (owner.line.heldCommits === 0) return rows;
		const commit = await owner.line.nextCommit();
		const texts = JSON.stringify(commit.groups);
		rows = Math.max(rows, ...commit.groups.map((group) => group.rows.length));
		if (texts.includes("poison")) commit.say("refused");
		else await commit.succeed();
	}
}

describe("a commit", () => {
	it("[DOC-11] nothing is answered, told or shown while it runs", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		owner.line.holdsCommits = true;
		const answers: string[] = [];
		const submitted = owner.commit(ann.edit(["a"], { revision: 0 }));
		void submitted.then((answer) => answers.push(answer));
		const commit = await owner.line.nextCommit();
		await turns();
		expect(answers).toEqual([]);
		expect(owner.toldRevs).toEqual([]);
		const ben = await owner.join("ben");
		expect(ben.joined).toMatchObject({ revision: 0, vectorClock: {} });
		expect(ben.joined.state).toMatchObject({ text: "" });
		expect(await owner.text()).toBe("");
		expect(await owner.directory.opsSince(DOC, 0)).toEqual([]);
		await commit.succeed();
		expect(await submitted).toBe("committed 1");
		expect(owner.toldRevs).toEqual([1]);
	});

	it("[DOC-11] what the disk shows before the commit is reported is waited for", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		owner.line.holdsCommits = true;
		const submitted = owner.commit(ann.edit(["a"], { revision: 0 }));
		const commit = await owner.line.nextCommit();
		await commit.land();
		const joining = owner.join("ben");
		await turns();
		commit.say("committed");
		expect((await joining).joined.revision).toBe(1);
		expect(await submitted).toBe("committed 1");
	});

	it("[DOC-11] ops are told in the order of their revisions, each before its author is answered", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		const seen: string[] = [];
		owner.onPublish = () => seen.push("told");
		const answered = [ann, ben, ann].map((seat) =>
			owner
				.commit(seat.edit(["x"], { revision: 0, settled: 0 }))
				.then((answer) => seen.push(answer)),
		);
		await Promise.all(answered);
		expect(owner.toldRevs).toEqual([1, 2, 3]);
		expect(seen.slice(0, 3)).toEqual(["told", "told", "told"]);
	});

	it("[DOC-11] a channel that fails takes no answer away", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		owner.onPublish = () => {
			throw new Error("the bus is gone");
		};
		const edits = [0, 1].map(() =>
			ann.edit(["a"], { revision: 0, settled: 0 }),
		);
		expect(await outcomes(owner.submit(...edits))).toEqual([
			"committed 1",
			"committed 2",
		]);
		expect(owner.logged).toContain("a message could not be published");
	});

	it("[DOC-11] holds 500 rows; the others follow in their order", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		owner.line.holdsCommits = true;
		const edits = Array.from({ length: 1_100 }, () =>
			ann.edit(["x"], { revision: 0, settled: 0 }),
		);
		const answers = outcomes(owner.submit(...edits));
		expect(await commitUntilQuiet(owner)).toBe(500);
		expect(await answers).toEqual(edits.map((_, i) => `committed ${i + 1}`));
		expect(owner.toldRevs).toEqual(edits.map((_, i) => i + 1));
	});

	it("[DOC-13] a row that the database refuses is refused alone", async () => {
		const owner = new DocumentsLab().owner();
		const seats = [];
		for (const name of ["ann", "ben", "cat", "dan"])
			seats.push(await owner.join(name));
		owner.line.holdsCommits = true;
		const answers = outcomes(
			owner.submit(
				...seats.map((seat, i) =>
					seat.edit([i === 1 ? "poison" : `${i}`], { revision: 0 }),
				),
			),
		);
		await commitUntilQuiet(owner);
		expect(await answers).toEqual([
			"committed 1",
			"OPERATION_INVALID storage",
			"committed 2",
			"committed 3",
		]);
		owner.line.holdsCommits = false;
		expect(await owner.text()).toBe("320");
	});

	it("[DOC-13] other documents of the flush do not notice", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben", { docId: "other" as typeof DOC });
		owner.line.holdsCommits = true;
		const answers = outcomes(
			owner.submit(
				ann.edit(["poison"], { revision: 0 }),
				ben.edit(["b"], { revision: 0 }),
			),
		);
		const commit = await owner.line.nextCommit();
		const [, good] = commit.groups;
		expect(commit.groups).toHaveLength(2);
		await owner.line.write(good as (typeof commit.groups)[number]);
		commit.say("refused", "committed");
		expect(await answers).toEqual(["OPERATION_INVALID storage", "committed 1"]);
	});

	it("[DOC-13] after it ops share commits again", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		owner.line.holdsCommits = true;
		const refused = outcomes(
			owner.submit(
				ann.edit(["poison"], { revision: 0 }),
				ben.edit(["b"], { revision: 0 }),
			),
		);
		await commitUntilQuiet(owner);
		expect(await refused).toEqual(["OPERATION_INVALID storage", "committed 1"]);
		const cat = await owner.join("cat");
		const pair = [1, 2].map(() => cat.edit(["c"], { revision: 1, settled: 0 }));
		const later = outcomes(owner.submit(...pair));
		expect(await commitUntilQuiet(owner)).toBe(2);
		expect(await later).toEqual(["committed 2", "committed 3"]);
	});
});
