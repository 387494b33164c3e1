import { describe, expect, it } from "@jest/globals";
import { CollabError } from "../../../src/protocol/errors.ts";
import type { DocId } from "../../../src/shared/ids.ts";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DocumentsLab } from "../../support/documents-lab.ts";

const DOWN = new CollabError("UNAVAILABLE", "down");

describe("when the log cannot be read back", () => {
	it("[DOC-14] submissions are played again as soon as it can", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const { answer, commit } = await owner.underway(await owner.join("ann"));
		owner.line.broken = DOWN;
		commit.break();
		await turns();
		lab.clock.advance(300);
		await turns();
		owner.line.broken = undefined;
		lab.clock.advance(400);
		expect(await answer).toBe("committed 1");
		await turns();
		lab.clock.advance(5_000);
		// Neither waits for the disk any more, nor tells of it.
		expect(lab.clock.waiting).toBe(0);
	});

	it("[DOC-14] they are unknown after 10 s, and so are their repeats until it answers", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		const { edit, answer, commit } = await owner.underway(ann);
		await commit.land();
		owner.line.broken = DOWN;
		commit.break();
		await turns();
		expect(await owner.commit(edit)).toBe("unknown");
		for (let i = 0; i < 7; i++) {
			await turns();
			lab.clock.advance(3_200);
		}
		expect(await answer).toBe("unknown");
		expect(await owner.commit(edit)).toBe("unknown");
		owner.line.broken = undefined;
		expect(await owner.commit(edit)).toBe("known 1");
		expect(await owner.text()).toBe("a");
	});

	it("[DOC-14] what could not be looked up in the log stays unknown", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const { edit, answer, commit } = await owner.underway(ann);
		await commit.land();
		const { findWriter } = owner.line.gates;
		findWriter.shut();
		commit.break();
		await findWriter.arrival();
		findWriter.refuse(DOWN);
		expect(await answer).toBe("unknown");
		findWriter.open();
		owner.line.broken = DOWN;
		expect(await owner.commit(edit)).toBe("unknown");
		owner.line.broken = undefined;
		expect(await owner.commit(edit)).toBe("known 1");
	});

	it("[DOC-14] new ones are refused as unavailable, and joins too", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ben = await owner.join("ben");
		const { commit, answer } = await owner.underway(await owner.join("ann"));
		owner.line.broken = DOWN;
		commit.break();
		await turns();
		const edit = ben.edit(["b"], { revision: 0 });
		expect(await owner.commit(edit)).toBe("UNAVAILABLE");
		await expect(owner.join("cat")).rejects.toMatchObject({
			code: "UNAVAILABLE",
		});
		owner.line.broken = undefined;
		expect(await owner.commit(edit)).toBe("committed 2");
		expect(await answer).toBe("committed 1");
	});

	it("[DOC-14] a document with too many waiting refuses, and no other does", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben", { docId: "other" as DocId });
		const { openWriter } = owner.line.gates;
		openWriter.shut();
		const place = { revision: 0, settled: 0 };
		const waiting = Array.from({ length: 10_001 }, () =>
			owner.submit(ann.edit(["a"], place)),
		);
		const late = outcomes(
			owner.submit(ann.edit(["a"], place), ben.edit(["b"], place)),
		);
		openWriter.open();
		expect(await late).toEqual(["UNAVAILABLE", "committed 1"]);
		expect(
			(await outcomes(Promise.all(waiting).then((all) => all.flat()))).at(-1),
		).toBe("committed 10001");
	});
});
