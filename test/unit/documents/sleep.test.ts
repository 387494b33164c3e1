import { afterEach, describe, expect, it } from "@jest/globals";
import type { DocId } from "../../../src/shared/ids.ts";
import { turns } from "../../support/documents-answers.ts";
import { DOC, DocumentsLab, type Owner } from "../../support/documents-lab.ts";

const owners: Owner[] = [];
afterEach(async () => {
	for (const owner of owners.splice(0)) await owner.directory.close();
});

/** An owner whose documents go to sleep by the clock. */
function sleepy(lab: DocumentsLab, memoryBytes?: number): Owner {
	const owner = lab.owner({}, memoryBytes);
	owner.directory.start();
	owners.push(owner);
	return owner;
}

async function pass(lab: DocumentsLab, ms: number): Promise<void> {
	for (let passed = 0; passed < ms; passed += 10_000) {
		lab.clock.advance(10_000);
		await turns();
	}
}

const loads = (owner: Owner) => owner.line.asked.get("open") ?? 0;

describe("a document that nobody uses", () => {
	it("[DOC-17] sleeps a minute after its last reader left, and wakes from its snapshot", async () => {
		const lab = new DocumentsLab();
		const owner = sleepy(lab);
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		await pass(lab, 120_000);
		expect(lab.snapshots.stored).toEqual([]);
		owner.directory.leave(DOC, ann.sessionId);
		await pass(lab, 60_000);
		expect(lab.snapshots.stored).toEqual([1]);
		const read = owner.line.asked.get("since") ?? 0;
		const ben = await owner.join("ben");
		expect(ben.joined).toMatchObject({ revision: 1, vectorClock: { ann: 1 } });
		expect(ben.joined.state).toMatchObject({ text: "a" });
		expect(owner.line.asked.get("since") ?? 0).toBe(read);
		expect(loads(owner)).toBe(2);
	});

	it("[DOC-17] does not sleep while a commit of it is on its way", async () => {
		const lab = new DocumentsLab();
		const owner = sleepy(lab);
		const ann = await owner.join("ann");
		owner.line.holdsCommits = true;
		const running = owner.commit(ann.edit(["a"], { revision: 0 }));
		const commit = await owner.line.nextCommit();
		owner.directory.leave(DOC, ann.sessionId);
		await pass(lab, 120_000);
		await commit.succeed();
		// Nobody waits for it so long.
		expect(await running).toBe("unknown");
		expect(loads(owner)).toBe(1);
		await pass(lab, 20_000);
		expect(lab.snapshots.stored).toEqual([1]);
	});

	it("[DOC-17] an edit and a join that come while it falls asleep wake it", async () => {
		const lab = new DocumentsLab();
		const owner = sleepy(lab);
		const [ann, ben] = [await owner.join("ann"), await owner.join("ben")];
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		owner.directory.leave(DOC, ann.sessionId);
		owner.directory.leave(DOC, ben.sessionId);
		lab.snapshots.gate.shut();
		await pass(lab, 60_000);
		await lab.snapshots.gate.arrival();
		const joining = owner.join("cat", { user: "ann" });
		const edit = owner.commit({
			...ben.edit([1, "b"], { revision: 1 }),
			sessionId: "s_dan" as never,
			opId: "s_dan:1" as never,
		});
		lab.snapshots.gate.open();
		expect((await joining).joined).toMatchObject({ replicaId: "ann" });
		expect(await edit).toBe("committed 2");
		await pass(lab, 20_000);
		expect((await owner.join("eve", { user: "ann" })).joined.replicaId).toBe(
			"ann~2",
		);
	});

	it("[DOC-20] a join that waits for the disk keeps its document, however long it takes", async () => {
		const lab = new DocumentsLab();
		const owner = sleepy(lab);
		await owner.directory.read(DOC);
		const { heads } = owner.line.gates;
		heads.shut();
		const joining = owner.join("1", { user: "ann" });
		await heads.arrival();
		await pass(lab, 120_000);
		heads.open();
		expect((await joining).joined.replicaId).toBe("ann");
		const second = await owner.join("2", { user: "ann" });
		expect(second.joined.replicaId).toBe("ann~2");
	});

	it("[DOC-17] a snapshot that cannot be stored takes nothing away", async () => {
		const lab = new DocumentsLab();
		const owner = sleepy(lab);
		const ann = await owner.join("ann");
		await owner.submit(ann.edit(["a"], { revision: 0 }));
		owner.directory.leave(DOC, ann.sessionId);
		lab.snapshots.gate.shut();
		await pass(lab, 60_000);
		await lab.snapshots.gate.arrival();
		lab.snapshots.gate.refuse(new Error("disk full"));
		lab.snapshots.gate.open();
		await turns();
		expect(owner.logged).toContain("a snapshot could not be stored");
		expect(await owner.text()).toBe("a");
		expect(loads(owner)).toBe(2);
	});

	it("[DOC-17] under memory pressure the longest unused sleeps, and its sessions go on", async () => {
		const lab = new DocumentsLab();
		// A little less than three documents take.
		const owner = sleepy(lab, 3 * 8_192);
		const [oldest, ...rest] = Array.from({ length: 3 }, (_, i) =>
			owner.join(`p${i}`, { docId: `doc${i}` as DocId }),
		);
		const seat = await (oldest as (typeof rest)[number]);
		await Promise.all(rest);
		await owner.submit(seat.edit(["a"], { revision: 0 }));
		lab.clock.advance(5_000);
		for (let i = 1; i < 3; i++) await owner.text(`doc${i}` as DocId);
		const before = loads(owner);
		expect(lab.snapshots.stored).toEqual([]);
		lab.clock.advance(5_000);
		await turns();
		expect(lab.snapshots.stored).toEqual([1]);
		expect(await owner.commit(seat.edit([1, "b"], { revision: 1 }))).toBe(
			"committed 2",
		);
		expect(loads(owner)).toBe(before + 1);
		const twin = await owner.join("twin", {
			user: "p0",
			docId: "doc0" as DocId,
		});
		expect(twin.joined.replicaId).toBe("p0~2");
	});

	it("[DOC-17] close finishes what is on its way and stores it", async () => {
		const lab = new DocumentsLab();
		const owner = lab.owner();
		const ann = await owner.join("ann");
		owner.line.holdsCommits = true;
		const running = owner.commit(ann.edit(["a"], { revision: 0 }));
		const closing = owner.directory.close();
		await (await owner.line.nextCommit()).succeed();
		await closing;
		expect(await running).toBe("committed 1");
		expect(lab.snapshots.stored).toEqual([1]);
		expect(lab.clock.waiting).toBe(0);
	});
});
