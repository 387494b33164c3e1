import { describe, expect, it } from "@jest/globals";
import type { DocId } from "../../../src/shared/ids.ts";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DOC, DocumentsLab } from "../../support/documents-lab.ts";

const LARGE = "x".repeat(50_000);

describe("ops that are large", () => {
	it("[DOC-29] are not all fetched for one old base, nor for a reader", async () => {
		const lab = new DocumentsLab();
		const first = lab.owner();
		const ann = await first.join("ann");
		const ben = await first.join("ben");
		// 1,000 ops of 50,000 characters, each taken away again by the next.
		for (let rev = 0; rev < 2_000; rev += 2)
			await first.submit(
				ann.edit([LARGE], { revision: rev, settled: 0 }),
				ann.edit([{ d: LARGE.length }], { revision: rev, settled: 0 }),
			);
		await first.directory.close();
		const owner = lab.owner();
		const old = ben.edit(["b"], { revision: 1 });
		expect(await owner.commit(old)).toBe("RESYNC_REQUIRED horizon");
		expect(await owner.directory.opsSince(DOC, 1_100)).toEqual([]);
		const cat = await owner.join("cat", { since: { rev: 1_100 } });
		expect(cat.joined.state).toMatchObject({ kind: "snapshot", text: "" });
		expect(owner.line.asked.get("since")).toBeLessThan(8);
		const near = await owner.join("dan", { since: { rev: 2_000 } });
		expect(near.joined.state).toMatchObject({ kind: "ops" });
	}, 60_000);
});

describe("a slow document", () => {
	it("[DOC-30] holds back nobody else for more than a second, and answers when asked again", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		const ben = await owner.join("ben", { docId: "other" as DocId });
		const { openWriter } = owner.line.gates;
		await owner.submit(ben.edit(["b"], { revision: 0 }));
		openWriter.shut();
		const edit = ann.edit(["a"], { revision: 0 });
		let answered = false;
		const both = outcomes(
			owner.submit(edit, ben.edit(["b"], { revision: 1 })),
		).finally(() => {
			answered = true;
		});
		await openWriter.arrival();
		await turns();
		lab.clock.advance(999);
		await turns();
		expect(answered).toBe(false);
		lab.clock.advance(1);
		expect(await both).toEqual(["unknown", "committed 2"]);
		const again = owner.commit(edit);
		openWriter.open();
		expect(await again).toBe("committed 1");
		expect(await owner.text()).toBe("a");
	});
});
