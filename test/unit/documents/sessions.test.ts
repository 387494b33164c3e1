import { describe, expect, it } from "@jest/globals";
import { outcomes, turns } from "../../support/documents-answers.ts";
import { DOC, DocumentsLab, type Owner } from "../../support/documents-lab.ts";
import type { Seat } from "../../support/documents-seat.ts";

const ANN = { user: "ann", client: "client-ann" };

describe("sessions in a document", () => {
	it("[DOC-19] one that left is refused", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		owner.directory.leave(DOC, ann.sessionId);
		expect(await owner.commit(ann.edit(["a"], { revision: 0 }))).toBe(
			"RESYNC_REQUIRED ended",
		);
	});

	it("[DOC-19] a client that joins again ends its earlier session, and no other", async () => {
		const owner = new DocumentsLab().owner();
		const before = await owner.join("ann1", ANN);
		const tab = await owner.join("ann2", { ...ANN, client: "client-tab" });
		const ben = await owner.join("ben", { user: "ben", client: ANN.client });
		const after = await owner.join("ann3", ANN);
		expect(await owner.commit(before.edit(["a"], { revision: 0 }))).toBe(
			"RESYNC_REQUIRED ended",
		);
		expect(await owner.commit(tab.edit(["b"], { revision: 0 }))).toBe(
			"committed 1",
		);
		expect(await owner.commit(after.edit(["c"], { revision: 0 }))).toBe(
			"committed 2",
		);
		// The name is another user's: his session lives, his op ids do not.
		expect(await owner.commit(ben.edit(["d"], { revision: 0 }))).toBe(
			"FORBIDDEN client",
		);
	});

	it("[DOC-19] an edit that waited while its session ended is refused", async () => {
		const owner = new DocumentsLab().owner();
		const before = await owner.join("ann1", ANN);
		const cat = await owner.join("cat");
		const { heads, openWriter } = owner.line.gates;
		heads.shut();
		const joining = owner.join("ann2", ANN);
		await heads.arrival();
		openWriter.shut();
		const busy = owner.commit(cat.edit(["c"], { revision: 0 }));
		await openWriter.arrival();
		heads.open();
		await turns();
		// The join has its turn next, then this one.
		const late = owner.commit(before.edit(["a"], { revision: 0 }));
		openWriter.open();
		expect(await busy).toBe("committed 1");
		expect((await joining).joined.revision).toBe(0);
		expect(await late).toBe("RESYNC_REQUIRED ended");
	});

	it("[DOC-19] a session that joins again goes on from its new join", async () => {
		const owner = new DocumentsLab().owner();
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		owner.directory.leave(DOC, ann.sessionId);
		const again = await owner.join("ann");
		const edit = again.edit([1, "b"], {
			revision: 1,
			opId: `${ann.sessionId}:2` as never,
		});
		expect(await owner.commit(edit)).toBe("committed 2");
	});

	it("[DOC-20] each gets a replica of its own; a free one is given again", async () => {
		const owner = new DocumentsLab().owner();
		const names = async (session: string) =>
			(await owner.join(session, { user: "ann" })).joined.replicaId;
		expect(await names("1")).toBe("ann");
		expect(await names("2")).toBe("ann~2");
		expect(await names("3")).toBe("ann~3");
		expect((await owner.join("ben")).joined.replicaId).toBe("ben");
		owner.directory.leave(DOC, "s_2" as never);
		expect(await names("4")).toBe("ann~2");
		expect(await names("4")).toBe("ann~2");
	});

	it("[DOC-20] two who join at once get two", async () => {
		const owner = new DocumentsLab().owner();
		const seats = await Promise.all(
			["1", "2"].map((session) => owner.join(session, { user: "ann" })),
		);
		expect(seats.map(({ joined }) => joined.replicaId).sort()).toEqual([
			"ann",
			"ann~2",
		]);
	});
});

describe("a session whose document was loaded anew", () => {
	/** Another node writes, and a join makes this one notice. */
	async function moved(one: Owner, two: Owner): Promise<Seat> {
		const ben = await two.join("ben");
		const { revision } = ben.joined;
		await two.submit(ben.edit([revision, "B"], { revision }));
		return one.join("eve");
	}

	it("[DOC-22] goes on by revision", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		await one.submit(ann.edit(["a"], { revision: 0 }));
		await moved(one, two);
		const next = ann.edit([1, "b"], { revision: 1 });
		expect(await one.commit(next)).toBe("committed 3");
		expect(await one.text()).toBe("abB");
	});

	it("[DOC-22] goes on by clock", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		await one.submit(ann.edit(["a"], { clock: { ann: 1 } }));
		await moved(one, two);
		// Not seen Ben's op yet; then seen it.
		const next = ann.edit([1, "b"], { clock: { ann: 2 } });
		expect(await one.commit(next)).toBe("committed 3");
		const last = ann.edit([3, "c"], { clock: { ann: 3, ben: 1 } });
		expect(await one.commit(last)).toBe("committed 4");
		expect(await one.text()).toBe("abBc");
	});

	it("[DOC-22] is told to join again when its last op was made without one before it", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		const cat = await one.join("cat");
		await one.submit(cat.edit(["c"], { revision: 0 }));
		await one.submit(ann.edit(["a"], { clock: { ann: 1 } }));
		await moved(one, two);
		const next = ann.edit([1, "b"], { clock: { ann: 2 } });
		expect(await one.commit(next)).toBe("RESYNC_REQUIRED bridge");
	});

	it("[DOC-22] with something outstanding is told to join again, and then goes on", async () => {
		const lab = new DocumentsLab();
		const [one, two] = [lab.owner(), lab.owner()];
		const ann = await one.join("ann");
		await one.submit(ann.edit(["a"], { revision: 0 }));
		await moved(one, two);
		const place = { revision: 1, settled: 0 };
		expect(await one.commit(ann.edit([1, "b"], place))).toBe(
			"RESYNC_REQUIRED moved",
		);
		const again = await one.join("ann2", { user: "ann" });
		expect(await one.commit(again.edit([1, "b"], { revision: 2 }))).toBe(
			"committed 3",
		);
	});

	it("[DOC-22] by clock, when a repeated op comes first and the join is far back", async () => {
		const lab = new DocumentsLab();
		const one = lab.owner();
		const ann = await one.join("ann");
		const eve = await one.join("eve");
		const own = ann.edit(["a"], { clock: { ann: 1 } });
		await one.submit(own);
		await one.fill(eve, 3_000);
		const two = lab.owner();
		expect(await two.commit({ ...own, seq: 2, settled: 1 })).toBe("known 1");
		const next = ann.edit(["b"], { seq: 3, clock: { ann: 2, eve: 3_000 } });
		expect(await outcomes(two.submit(next))).toEqual(["committed 3002"]);
	});
});
