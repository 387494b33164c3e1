import { describe, expect, it } from "@jest/globals";
import { CollabError } from "../../../src/protocol/errors.ts";
import type { OpId } from "../../../src/shared/ids.ts";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DocumentsLab } from "../../support/documents-lab.ts";

const CLIENT = { user: "ann", client: "client-ann" };

describe("an op id that comes again", () => {
	it("[DOC-9] gets the first answer while the first waits for the disk", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const edit = ann.edit(["a"], { revision: 0 });
		owner.line.holdsCommits = true;
		const first = owner.commit(edit);
		const commit = await owner.line.nextCommit();
		const second = owner.commit(edit);
		await turns();
		await commit.succeed();
		expect(await Promise.all([first, second])).toEqual([
			"committed 1",
			"committed 1",
		]);
		await turns();
		expect(owner.line.heldCommits).toBe(0);
		expect(owner.toldRevs).toEqual([1]);
	});

	it("[DOC-9] gets its revision after the commit, also twice in one call", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const edit = ann.edit(["a"], { revision: 0 });
		expect(await outcomes(owner.submit(edit, edit))).toEqual([
			"committed 1",
			"committed 1",
		]);
		expect(await owner.commit(edit)).toBe("known 1");
		expect(await owner.text()).toBe("a");
	});

	it("[DOC-9] gets its revision under the client's next session", async () => {
		const owner = new DocumentsLab().owner();
		const before = await owner.join("ann1", CLIENT);
		const edit = before.edit(["a"], { revision: 0 });
		expect(await owner.commit(edit)).toBe("committed 1");
		const after = await owner.join("ann2", CLIENT);
		const again = after.edit(["a"], { revision: 0, opId: edit.opId });
		expect(await owner.commit(again)).toBe("known 1");
		// It has its place in the session's order: the next one goes on from there.
		const next = after.edit([1, "b"], { revision: 1, settled: 0 });
		expect(await owner.commit(next)).toBe("committed 2");
	});

	it("[DOC-9] is committed once when it was on its way under the session before", async () => {
		const owner = new DocumentsLab().owner();
		const before = await owner.join("ann1", CLIENT);
		const edit = before.edit(["a"], { revision: 0 });
		owner.line.holdsCommits = true;
		const first = owner.commit(edit);
		const commit = await owner.line.nextCommit();
		const joining = owner.join("ann2", { ...CLIENT, since: { rev: 0 } });
		await turns();
		await commit.succeed();
		expect(await first).toBe("committed 1");
		// The join has waited for it: the client is told of it now, or never.
		const after = await joining;
		expect(after.joined).toMatchObject({
			revision: 1,
			state: { ops: [{ head: { opId: edit.opId } }] },
		});
		const again = after.edit(["a"], { revision: 0, opId: edit.opId });
		expect(await owner.commit(again)).toBe("known 1");
	});

	it("[DOC-9] gets the revision that another owner has given it", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const atOne = await one.join("ann1", CLIENT);
		const atTwo = await two.join("ann2", CLIENT);
		const edit = atOne.edit(["a"], { revision: 0 });
		expect(await one.commit(edit)).toBe("committed 1");
		const again = atTwo.edit(["a"], { revision: 0, opId: edit.opId });
		expect(await two.commit(again)).toBe("known 1");
		expect(await two.text()).toBe("a");
	});

	it("[DOC-9] is new when an earlier number was left out", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann", CLIENT);
		const at = (seq: number) => `client-ann:${seq}` as OpId;
		const edits = [9, 4].map((seq) =>
			ann.edit(["x"], { revision: 0, opId: at(seq), settled: 0 }),
		);
		expect(await outcomes(owner.submit(...edits))).toEqual([
			"committed 1",
			"committed 2",
		]);
	});

	it("[DOC-9] is told without reading the whole log, however old it is", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const edit = ann.edit(["a"], { revision: 0 });
		await owner.submit(edit);
		await owner.fill(ann, 10_500);
		await turns();
		const read = owner.line.asked.get("since");
		expect(await owner.commit(edit)).toBe("known 1");
		expect(owner.line.asked.get("since")).toBe(read);
	}, 20_000);

	it("[DOC-9] is not refused when the log cannot say what became of it", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const edit = ann.edit(["a"], { revision: 0 });
		await owner.submit(edit);
		owner.line.broken = new CollabError("UNAVAILABLE", "down");
		expect(await owner.commit(edit)).toBe("unknown");
		owner.line.broken = undefined;
		expect(await owner.commit(edit)).toBe("known 1");
	});

	it("[DOC-10] is refused with another payload: while it waits, after the commit, after a reload", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann1", CLIENT);
		const edit = ann.edit(["a"], { revision: 0 });
		const other = { ...edit, edit: { ...edit.edit, op: ["b"] } } as typeof edit;
		owner.line.holdsCommits = true;
		const first = owner.commit(edit);
		const commit = await owner.line.nextCommit();
		expect(await owner.commit(other)).toBe("ALREADY_EXISTS op_id_reused");
		await commit.succeed();
		expect(await first).toBe("committed 1");
		expect(await owner.commit(other)).toBe("ALREADY_EXISTS op_id_reused");
		expect(await lab.owner().commit(other)).toBe("ALREADY_EXISTS op_id_reused");
		expect(await owner.text()).toBe("a");
	});

	it("[DOC-10] is refused with other formatting too", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const edit = ann.edit(["a"], { revision: 0 });
		await owner.submit(edit);
		const bold = { n: 1, a: { bold: true } };
		const other = {
			...edit,
			edit: { form: "native" as const, op: ["a"], marks: [bold] },
		};
		expect(await owner.commit(other)).toBe("ALREADY_EXISTS op_id_reused");
	});

	it("[DOC-9] clients that went are forgotten, and their op ids still known", async () => {
		const owner = new DocumentsLab().owner();
		const first = await owner.join("ann0");
		const edit = first.edit(["a"], { revision: 0 });
		await owner.submit(edit);
		const asked = owner.line.asked.get("findWriter") ?? 0;
		for (let i = 1; i <= 2_000; i++) {
			const seat = await owner.join(`ann${i}`, { user: "ann" });
			await owner.submit(seat.edit(["x"], { revision: i }));
			owner.directory.leave(seat.docId, seat.sessionId);
		}
		expect(await owner.commit(edit)).toBe("known 1");
		expect(owner.line.asked.get("findWriter")).toBe(asked + 2_001);
	}, 20_000);
});
