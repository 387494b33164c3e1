import { describe, expect, it } from "@jest/globals";
import type { OpMessage } from "../../../src/protocol/document-message.ts";
import { DOC, DocumentsLab, type Owner } from "../../support/documents-lab.ts";

const revsOf = (ops: readonly OpMessage[]) => ops.map(({ head }) => head.rev);
const range = (from: number, to: number) =>
	Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function joinedAt(owner: Owner, rev: number, epoch?: string) {
	const since = { rev, ...(epoch === undefined ? {} : { epoch }) };
	const { joined } = await owner.join(`reader${rev}${epoch ?? ""}`, { since });
	return joined.state;
}

describe("a reader who comes back", () => {
	it("[DOC-21] gets every op since its revision, in order", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.fill(ann, 20);
		const state = await joinedAt(owner, 7);
		if (state.kind !== "ops") throw new Error(state.kind);
		expect(revsOf(state.ops)).toEqual(range(8, 20));
		expect(await joinedAt(owner, 20)).toEqual({ kind: "ops", ops: [] });
	});

	it("[DOC-21] gets them from the log when they are no longer in memory", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		await owner.fill(ann, 2_600);
		const cold = lab.owner();
		for (const at of [owner, cold]) {
			const state = await joinedAt(at, 1_700);
			if (state.kind !== "ops") throw new Error(state.kind);
			expect(revsOf(state.ops)).toEqual(range(1_701, 2_600));
			expect(state.ops.at(0)?.head.clock).toEqual({ ann: 1_701 });
		}
		const [op] = await lab.owner().directory.opsSince(DOC, 2_590);
		expect(op?.head).toMatchObject({ rev: 2_591, clock: { ann: 2_591 } });
	});

	it("[DOC-21] gets the same messages from the log as were told live, flags aside", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben");
		await owner.submit(ann.edit(["a😀b"], { revision: 0 }));
		await owner.submit(ben.edit([1, "c"], { revision: 1 }));
		await owner.submit(ann.edit([{ d: 2 }], { revision: 1 }));
		const cold = await lab.owner().directory.opsSince(DOC, 0);
		const live = owner.told.map(({ head: { changed, ...head }, body }) => ({
			head,
			body,
		}));
		expect(owner.told[2]?.head.changed).toBe(true);
		expect(cold).toEqual(live);
	});

	it.each([
		["more than 1,000 ops behind", 1_001, 0, undefined],
		["ahead of the log", 3, 9, undefined],
		["of another history", 3, 1, "another epoch"],
	])("[DOC-21] gets the text when it is %s", async (_why, ops, rev, epoch) => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.fill(ann, ops);
		expect(await joinedAt(owner, rev, epoch)).toEqual({
			kind: "snapshot",
			text: "x".repeat(ops),
			runs: [{ n: ops, a: {} }],
		});
	});

	it("[DOC-21] gets the text when the ops are longer", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.fill(ann, 10, "y".repeat(30_000));
		expect((await joinedAt(owner, 0)).kind).toBe("snapshot");
		expect((await joinedAt(owner, 5)).kind).toBe("ops");
	});

	it("[DOC-21] gets ops of its own history", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.fill(ann, 3);
		expect((await joinedAt(owner, 1, ann.joined.epoch)).kind).toBe("ops");
	});

	it("[DOC-21] reads up to 1,000 ops back, and nothing when it is too long", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.fill(ann, 1_900);
		const ops = await owner.directory.opsSince(DOC, 900);
		expect(revsOf(ops)).toEqual(range(901, 1_900));
		expect(await owner.directory.opsSince(DOC, 1_900)).toEqual([]);
		expect(await owner.directory.opsSince(DOC, 5_000)).toEqual([]);
		await owner.fill(ann, 1_000);
		expect(await owner.directory.opsSince(DOC, 0)).toEqual([]);
	});

	it("[DOC-21] gets the clock of its revision, not of what is on its way", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		owner.line.holdsCommits = true;
		const running = owner.commit(ann.edit([1, "b"], { revision: 1 }));
		const commit = await owner.line.nextCommit();
		const { joined } = await owner.join("ben", { since: { rev: 0 } });
		expect(joined).toMatchObject({ revision: 1, vectorClock: { ann: 1 } });
		if (joined.state.kind !== "ops") throw new Error(joined.state.kind);
		expect(revsOf(joined.state.ops)).toEqual([1]);
		await commit.succeed();
		expect(await running).toBe("committed 2");
	});
});
