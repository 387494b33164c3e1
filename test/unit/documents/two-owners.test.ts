import { describe, expect, it } from "@jest/globals";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DocumentsLab } from "../../support/documents-lab.ts";

describe("two owners of one document", () => {
	it("[DOC-8] take turns: who has been overtaken reads back and goes on", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		const ben = await two.join("ben");
		for (let i = 0; i < 5; i++) {
			expect(await one.commit(ann.edit(["a"], { revision: 2 * i }))).toBe(
				`committed ${2 * i + 1}`,
			);
			expect(await two.commit(ben.edit(["b"], { revision: 2 * i }))).toBe(
				`committed ${2 * i + 2}`,
			);
		}
		expect(await one.text()).toBe("bababababa");
		expect(await two.text()).toBe("bababababa");
	});

	it("[DOC-8] commit at once: each op stands in the log once", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const seats = [];
		for (const [i, owner] of [one, two, one, two, one, two].entries())
			seats.push({ owner, seat: await owner.join(`p${i}`) });
		const answers = await Promise.all(
			seats.map(({ owner, seat }, i) =>
				owner.commit(seat.edit([`${i}`], { revision: 0 })),
			),
		);
		const revisions = answers.map((answer) => Number(answer.split(" ")[1]));
		expect(revisions.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
		const text = await one.text();
		expect([...text].toSorted().join("")).toBe("012345");
		expect(await two.text()).toBe(text);
	});

	it("[DOC-8] a join sees what the other has written, also while a commit runs", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		const ben = await two.join("ben");
		one.line.holdsCommits = true;
		const own = one.commit(ann.edit(["a"], { revision: 0 }));
		const commit = await one.line.nextCommit();
		await two.submit(ben.edit(["b"], { revision: 0 }));
		await two.submit(ben.edit([1, "b"], { revision: 1 }));
		const cat = await one.join("cat");
		expect(cat.joined.revision).toBe(2);
		expect(cat.joined.state).toMatchObject({ text: "bb" });
		commit.say("fenced");
		await (await one.line.nextCommit()).succeed();
		expect(await own).toBe("committed 3");
		expect(one.toldRevs).toEqual([3]);
	});

	it("[DOC-8] an overtaken session with several in flight joins again; nothing of it is in the log", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		const ben = await two.join("ben");
		one.line.holdsCommits = true;
		const place = { revision: 0, settled: 0 };
		const several = outcomes(
			one.submit(ann.edit(["a"], place), ann.edit(["a"], place)),
		);
		const commit = await one.line.nextCommit();
		await two.submit(ben.edit(["b"], { revision: 0 }));
		commit.say("fenced");
		expect(await several).toEqual([
			"RESYNC_REQUIRED bridge",
			"RESYNC_REQUIRED bridge",
		]);
		await turns();
		expect(one.line.heldCommits).toBe(0);
		expect(await one.text()).toBe("b");
	});

	it("[DOC-8] one op id at both is committed once, and both answer its revision", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const who = { user: "ann", client: "client-ann" };
		const atOne = await one.join("ann1", who);
		const atTwo = await two.join("ann2", who);
		one.line.holdsCommits = true;
		const edit = atOne.edit(["a"], { revision: 0 });
		const first = one.commit(edit);
		const commit = await one.line.nextCommit();
		const again = atTwo.edit(["a"], { revision: 0, opId: edit.opId });
		expect(await two.commit(again)).toBe("committed 1");
		commit.say("fenced");
		expect(await first).toBe("known 1");
		expect(await one.text()).toBe("a");
	});

	it("[DOC-8] one of several that the other has committed meanwhile is answered, not refused", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const who = { user: "ann", client: "client-ann" };
		const cat = await one.join("cat");
		await one.submit(cat.edit(["c"], { revision: 0 }));
		const atOne = await one.join("ann1", who);
		const atTwo = await two.join("ann2", who);
		one.line.holdsCommits = true;
		const place = { revision: 1, settled: 0 };
		const first = atOne.edit(["a"], place);
		const second = atOne.edit([1, "b"], place);
		const answers = outcomes(one.submit(first, second));
		const commit = await one.line.nextCommit();
		const { since } = one.line.gates;
		since.shut();
		commit.break();
		await since.arrival();
		const again = atTwo.edit(["a"], { revision: 1, opId: first.opId });
		expect(await two.commit(again)).toBe("committed 2");
		since.open();
		expect(await answers).toEqual(["known 2", "RESYNC_REQUIRED bridge"]);
		expect(await one.text()).toBe("ac");
	});
});
