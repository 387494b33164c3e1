import { describe, expect, it } from "@jest/globals";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DocumentsLab } from "../../support/documents-lab.ts";

const ANN = { user: "ann", client: "client-ann" };
const BACK = { ...ANN, since: { rev: 0 } };

describe("what a client had under way when it came back", () => {
	it("[DOC-25] is not committed any more by an owner that has not heard of its return", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const before = await one.join("ann1", ANN);
		const place = { revision: 0, settled: 0 };
		one.line.holdsCommits = true;
		const late = outcomes(
			one.submit(before.edit(["a"], place), before.edit([1, "b"], place)),
		);
		const commit = await one.line.nextCommit();
		const after = await two.join("ann2", BACK);
		expect(after.joined).toMatchObject({ revision: 0, state: { ops: [] } });
		const anew = after.edit(["b"], { revision: 0, seq: 9 });
		await commit.succeed();
		expect(await late).toEqual([
			"RESYNC_REQUIRED ended",
			"RESYNC_REQUIRED ended",
		]);
		expect(await two.commit({ ...anew, seq: 1, settled: 0 })).toBe(
			"committed 1",
		);
		expect(await one.text()).toBe("b");
	});

	it("[DOC-25] is refused when it arrives later, wherever it arrives", async () => {
		const lab = new DocumentsLab();
		const [one, two, three] = [lab.owner(), lab.owner(), lab.owner()];
		const before = await one.join("ann1", ANN);
		await one.submit(before.edit(["a"], { revision: 0 }));
		const late = before.edit(["b"], { revision: 1 });
		await two.join("ann2", BACK);
		for (const owner of [one, two, three])
			expect(await owner.commit(late)).toBe("RESYNC_REQUIRED ended");
		expect(await two.text()).toBe("a");
	});

	it("[DOC-25] is refused although nothing of the client had ever been taken", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const before = await one.join("ann1", ANN);
		await two.join("ann2", BACK);
		const late = before.edit(["a"], { revision: 0 });
		expect(await one.commit(late)).toBe("RESYNC_REQUIRED ended");
		expect(await lab.owner().commit(late)).toBe("RESYNC_REQUIRED ended");
	});

	it("[DOC-25] is refused when the session itself has joined anew", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const before = await one.join("ann");
		const late = before.edit(["a"], { revision: 0 });
		const after = await two.join("ann", { isAnew: true });
		expect(await one.commit(late)).toBe("RESYNC_REQUIRED ended");
		expect(await two.commit(late)).toBe("RESYNC_REQUIRED ended");
		const next = after.edit(["b"], {
			revision: 0,
			opId: `${after.sessionId}:2` as never,
		});
		expect(await two.commit(next)).toBe("committed 1");
	});

	it("[DOC-25] is refused by the owner that knew the session before it joined anew", async () => {
		const owner = new DocumentsLab().owner();
		const before = await owner.join("ann");
		await owner.submit(before.edit(["a"], { revision: 0 }));
		const late = before.edit([1, "b"], { revision: 1 });
		await owner.join("ann", { isAnew: true });
		expect(await owner.commit(late)).toBe("RESYNC_REQUIRED ended");
		expect(await owner.text()).toBe("a");
	});

	it("[DOC-25] gets its first answer if it was committed before", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const before = await one.join("ann1", ANN);
		const edit = before.edit(["a"], { revision: 0 });
		const { line } = one;
		line.holdsCommits = true;
		const first = one.commit(edit);
		const commit = await line.nextCommit();
		await commit.land();
		const after = await two.join("ann2", BACK);
		// The return has waited for nobody: what the other node has committed is in the answer.
		expect(after.joined).toMatchObject({
			revision: 1,
			state: { ops: [{ head: { opId: edit.opId } }] },
		});
		commit.say("committed");
		expect(await first).toBe("committed 1");
		expect(await lab.owner().commit(edit)).toBe("known 1");
	});

	it("[DOC-25] does not take others with it: their op goes on at the owner that was overtaken", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ben = await one.join("ben");
		one.line.holdsCommits = true;
		const edit = one.commit(ben.edit(["b"], { revision: 0 }));
		const commit = await one.line.nextCommit();
		await two.join("ann2", BACK);
		await commit.succeed();
		await (await one.line.nextCommit()).succeed();
		expect(await edit).toBe("committed 1");
		expect(await one.text()).toBe("b");
	});

	it("[DOC-25] a return waits for what its own owner has on the way to the disk, and overtakes nobody there", async () => {
		const owner = new DocumentsLab().owner();
		const ben = await owner.join("ben");
		const { answer, commit } = await owner.underway(ben);
		const joining = owner.join("ann2", BACK);
		await turns();
		expect(owner.line.asked.get("raiseFence")).toBe(undefined);
		await commit.succeed();
		expect(await answer).toBe("committed 1");
		expect((await joining).joined.revision).toBe(1);
		expect(await owner.commit(ben.edit([1, "c"], { revision: 1 }))).toBe(
			"committed 2",
		);
		expect(owner.line.asked.get("open")).toBe(1);
	});

	it("[DOC-25] many who return at once are one write; who comes for the first time is none", async () => {
		const owner = new DocumentsLab().owner();
		await owner.join("cat", { user: "cat", client: "client-cat" });
		await owner.join("dan", { user: "dan", since: { rev: 0 } });
		expect(owner.line.asked.get("raiseFence")).toBe(undefined);
		const { raiseFence } = owner.line.gates;
		raiseFence.shut();
		const joins = Array.from({ length: 20 }, (_, i) =>
			owner.join(`p${i}`, { ...BACK, client: `client-${i}` }),
		);
		await raiseFence.arrival();
		await turns();
		raiseFence.open();
		const fences = (await Promise.all(joins)).map(({ joined }) => joined.fence);
		expect(owner.line.asked.get("raiseFence")).toBe(2);
		expect(new Set(fences)).toEqual(new Set([1, 2]));
	});

	it("[DOC-25] a return that cannot be written fails, and is made good by the next", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann1", ANN);
		const { raiseFence } = owner.line.gates;
		raiseFence.shut();
		const failing = owner.join("ann2", BACK);
		await raiseFence.arrival();
		raiseFence.refuse(new Error("connection lost"));
		await expect(failing).rejects.toThrow("connection lost");
		raiseFence.open();
		const after = await owner.join("ann3", BACK);
		const late = ann.edit(["a"], { revision: 0 });
		expect(await lab.owner().commit(late)).toBe("RESYNC_REQUIRED ended");
		expect(await owner.commit(after.edit(["b"], { revision: 0 }))).toBe(
			"committed 1",
		);
	});

	it("[DOC-25] nobody ends another person's client of the same name", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann1", ANN);
		await one.submit(ann.edit(["a"], { revision: 0 }));
		await two.join("ben", { ...BACK, user: "ben" });
		expect(await one.commit(ann.edit([1, "b"], { revision: 1 }))).toBe(
			"committed 2",
		);
	});
});

describe("a client id", () => {
	it("[DOC-27] is not taken by an op that is refused", async () => {
		const owner = new DocumentsLab().owner();
		const ben = await owner.join("ben", { ...ANN, user: "ben" });
		const wrong = ben.edit([5, "x"], { revision: 0 });
		expect(await owner.commit(wrong)).toMatch(/^OPERATION_INVALID/);
		const ann = await owner.join("ann", ANN);
		expect(await owner.commit(ann.edit(["a"], { revision: 0 }))).toBe(
			"committed 1",
		);
		expect(await owner.commit(ben.edit(["b"], { revision: 0 }))).toBe(
			"FORBIDDEN client",
		);
	});

	it("[DOC-27] goes to one of two who write with it first at the same time, and harms nobody else", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann", ANN);
		const cat = await one.join("cat");
		const ben = await two.join("ben", { ...ANN, user: "ben" });
		await one.submit(cat.edit(["c"], { revision: 0 }));
		let other: Promise<string> | undefined;
		one.line.beforeOpenWriter = async () => {
			other = two.commit(ben.edit(["b"], { revision: 1 }));
			await other;
		};
		const both = await outcomes(
			one.submit(
				cat.edit(["c"], { revision: 1 }),
				ann.edit(["a"], { revision: 0 }),
			),
		);
		expect(both).toEqual([
			expect.stringMatching(/^committed/),
			"FORBIDDEN client",
		]);
		expect(await other).toMatch(/^committed/);
		expect([...(await one.text())].toSorted()).toEqual(["b", "c", "c"]);
		expect(await two.text()).toBe(await one.text());
	});
});
