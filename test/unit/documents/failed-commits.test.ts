import { describe, expect, it } from "@jest/globals";
import { CollabError } from "../../../src/protocol/errors.ts";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DocumentsLab } from "../../support/documents-lab.ts";

const _DOWN = new CollabError("UNAVAILABLE", "down");

describe("after a commit that failed", () => {
	it.each(["broken", "fenced"])(
		"[DOC-12] a single submission is committed on the next try (%s)",
		async (how) => {
			const owner = new DocumentsLab().owner();
			const { answer, commit } = await owner.underway(await owner.join("ann"));
			if (how === "broken") commit.break();
			else commit.say("fenced");
			expect(await answer).toBe("committed 1");
			expect(owner.toldRevs).toEqual([1]);
			expect(await owner.text()).toBe("a");
		},
	);

	it("[DOC-12] one that took effect is found in the log, and the channel hears of it", async () => {
		const owner = new DocumentsLab().owner();
		const { answer, commit } = await owner.underway(await owner.join("ann"));
		await commit.land();
		commit.break();
		expect(await answer).toBe("known 1");
		expect(owner.toldHeads).toEqual([1]);
		expect(await owner.text()).toBe("a");
	});

	it("[DOC-12] a session with several is told to join again, but for what is in the log", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		const { answer, commit } = await owner.underway(ann);
		const more = outcomes(
			owner.submit(
				ann.edit([1, "b"], { revision: 0, settled: 0 }),
				ben.edit(["B"], { revision: 0 }),
			),
		);
		await turns();
		await commit.land();
		commit.break();
		expect(await answer).toBe("known 1");
		expect(await more).toEqual(["RESYNC_REQUIRED bridge", "committed 2"]);
		const again = await owner.join("ann2", { user: "ann" });
		expect(await owner.commit(again.edit(["!"], { revision: 2 }))).toBe(
			"committed 3",
		);
	});

	it("[DOC-12] what is being judged at that moment is played again too", async () => {
		const owner = new DocumentsLab().owner();
		const ben = await owner.join("ben");
		const { answer, commit } = await owner.underway(await owner.join("ann"));
		const { openWriter } = owner.line.gates;
		openWriter.shut();
		const second = owner.commit(ben.edit(["b"], { revision: 0 }));
		await openWriter.arrival();
		commit.break();
		await turns();
		openWriter.open();
		expect(await answer).toBe("committed 1");
		expect(await second).toBe("committed 2");
	});

	it("[DOC-12] one that waits behind it goes on in its context", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const { answer, commit } = await owner.underway(ann);
		const { settleHead } = owner.line.gates;
		settleHead.shut();
		commit.break();
		await settleHead.arrival();
		const next = owner.commit(ann.edit([1, "b"], { revision: 0, settled: 0 }));
		settleHead.open();
		expect(await answer).toBe("committed 1");
		expect(await next).toBe("committed 2");
		expect(await owner.text()).toBe("ab");
	});

	it("[DOC-12] a commit that fails while the last one is played again loses nothing", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const [ann, ben] = [await owner.join("ann"), await owner.join("ben")];
		owner.line.holdsCommits = true;
		const answers = outcomes(
			owner.submit(
				ann.edit(["a"], { revision: 0 }),
				ben.edit(["b"], { revision: 0 }),
			),
		);
		const first = await owner.line.nextCommit();
		first.break();
		await turns();
		const second = await owner.line.nextCommit();
		const { findWriter } = owner.line.gates;
		findWriter.shut();
		second.break();
		await turns();
		lab.clock.advance(100);
		await findWriter.arrival();
		findWriter.open();
		await (await owner.line.nextCommit()).succeed();
		expect(await answers).toEqual(["committed 1", "committed 2"]);
	});

	it("[DOC-12] a late report on a document thrown away meanwhile harms nobody", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		const { answer, commit } = await one.underway(ann);
		await commit.land();
		const atTwo = await two.join("ben");
		await two.submit(atTwo.edit(["b"], { revision: 1 }));
		one.line.holdsCommits = true;
		const cat = await one.join("cat");
		expect(cat.joined.revision).toBe(2);
		expect(await answer).toBe("known 1");
		const pair = [1, 2].map(() => cat.edit(["c"], { revision: 2, settled: 0 }));
		const later = outcomes(one.submit(...pair));
		await turns();
		commit.break();
		await (await one.line.nextCommit()).succeed();
		expect(await later).toEqual(["committed 3", "committed 4"]);
	});

	it("[DOC-12] two who wait for what the disk shows are both let go", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		const ben = await two.join("ben");
		const { answer } = await one.underway(ann);
		await two.submit(ben.edit(["b"], { revision: 0 }));
		const cat = one.join("cat");
		await turns();
		await two.submit(ben.edit(["b"], { revision: 1 }));
		const dan = one.join("dan");
		expect((await dan).joined.revision).toBe(2);
		expect((await cat).joined.revision).toBe(2);
		void answer;
	});
});
