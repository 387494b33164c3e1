import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Asked } from "../../../src/protocol/asked.ts";
import type { ClientData } from "../../../src/protocol/events.ts";
import type {
	ApprovalId,
	Verdict,
} from "../../../src/protocol/schemas/approval.ts";
import type { Person } from "../../../src/shared/person.ts";
import { NOW_MS, userOf } from "../../support/approvals.ts";
import { ApprovalsLab, personOf } from "../../support/approvals-lab.ts";

let lab: ApprovalsLab;
let replica: ReturnType<ApprovalsLab["replica"]>;

beforeEach(async () => {
	lab = await ApprovalsLab.open();
	replica = lab.replica();
});
afterEach(async () => {
	await lab.close();
});

type Fields = Partial<ClientData<"approval:request">>;

const asking = (fields: Fields = {}): Asked<"approval:request"> => ({
	event: "approval:request",
	person: personOf("ann"),
	data: {
		prdId: lab.docId,
		version: "1.3.0",
		approvers: ["bob", "cy"].map(userOf),
		...fields,
	},
});
const request = (fields: Fields = {}) =>
	replica.approvals.request(asking(fields));
const decide = (
	approvalId: ApprovalId,
	person: Person,
	verdict: Verdict = "granted",
	{ approvals } = replica,
) =>
	approvals.decide(
		{ event: "approval:grant", person, data: { approvalId } },
		verdict,
	);
const cancel = (approvalId: ApprovalId, person: Person) =>
	replica.approvals.cancel({
		event: "approval:cancel",
		person,
		data: { approvalId, comment: "No more" },
	});
const list = async (fields: Partial<ClientData<"approval:list">> = {}) =>
	replica.approvals.list({
		event: "approval:list",
		person: personOf("owner"),
		data: { prdId: lab.docId, ...fields },
	});
const code = (expected: string, data?: object) =>
	expect.objectContaining({
		code: expected,
		...(data === undefined ? {} : { data }),
	});
const [bob, cy] = [personOf("bob"), personOf("cy")];

describe("asking for an approval", () => {
	it("[APPROVAL-9] makes a version above the latest, takes the latest as it is, and refuses one below", async () => {
		const first = await request();
		expect(first).toMatchObject({
			version: "1.3.0",
			contentHash: "hash of 1.3.0",
			requester: { id: "ann", name: "ANN" },
			policy: "all",
			requestedAt: new Date(NOW_MS).toISOString(),
		});
		const again = await request();
		expect(again.approvalId).not.toBe(first.approvalId);
		await expect(request({ version: "1.2.9" })).rejects.toEqual(
			code("INVALID_STATE"),
		);
		expect(lab.news).toEqual(["approval:requested", "approval:requested"]);
	});

	it("[APPROVAL-9] of several who make the version at once one does, and all ask about it", async () => {
		const all = await Promise.all([request(), request(), request()]);
		expect(new Set(all.map(({ contentHash }) => contentHash)).size).toBe(1);
		expect(lab.news).toEqual(Array(3).fill("approval:requested"));
	});

	it("[APPROVAL-14] takes no due date that has passed or is over a year away, and no quorum above the approvers", async () => {
		const iso = (ms: number) => new Date(NOW_MS + ms).toISOString();
		const yearMs = 366 * 86_400_000;
		for (const dueAt of [iso(0), iso(-1), iso(yearMs + 1)])
			await expect(request({ dueAt })).rejects.toEqual(
				code("VALIDATION_FAILED", { field: "dueAt" }),
			);
		await expect(request({ policy: { quorum: 3 } })).rejects.toEqual(
			code("VALIDATION_FAILED", { field: "policy" }),
		);
		expect((await list()).approvals).toEqual([]);
		await request({ dueAt: iso(yearMs), policy: { quorum: 2 } });
	});

	it("[APPROVAL-15] takes the role of an editor", async () => {
		lab.roles.set("ann", "comment");
		await expect(request()).rejects.toEqual(code("FORBIDDEN"));
		lab.roles.delete("ann");
		await expect(request()).rejects.toEqual(code("FORBIDDEN"));
	});
});

describe("deciding", () => {
	it("[APPROVAL-6] of people who decide at once, at several replicas, every decision counts", async () => {
		const names = Array.from({ length: 12 }, (_, i) => `user-${i}`);
		const { approvalId } = await request({ approvers: names.map(userOf) });
		const others = [replica, lab.replica(), lab.replica()];
		await Promise.all(
			names.map((name, i) =>
				decide(approvalId, personOf(name), "granted", others[i % 3]),
			),
		);
		const [listed] = (await list()).approvals;
		expect(listed).toMatchObject({ state: "approved" });
		expect(listed?.decisions).toHaveLength(12);
		expect(lab.news.filter((one) => one === "approval:granted")).toHaveLength(
			12,
		);
		expect(lab.news.slice(-1)).toEqual(["approval:completed approved"]);
		expect(lab.news.filter((one) => one.includes("completed"))).toHaveLength(1);
	});

	it("[APPROVAL-2] one person who decides twice at once has decided once", async () => {
		const { approvalId } = await request();
		const both = await Promise.allSettled([
			decide(approvalId, bob),
			decide(approvalId, bob, "rejected", lab.replica()),
		]);
		const refused = both.filter(({ status }) => status === "rejected");
		expect(refused).toEqual([
			expect.objectContaining({ reason: code("INVALID_STATE") }),
		]);
		expect((await list()).approvals[0]?.decisions).toHaveLength(1);
	});

	it("[APPROVAL-15] a token that names documents decides only where it may comment", async () => {
		const { approvalId } = await request();
		for (const claim of [{}, { other: "edit" }, { [lab.docId]: "view" }])
			await expect(decide(approvalId, personOf("bob", claim))).rejects.toEqual(
				code("FORBIDDEN"),
			);
		await decide(approvalId, personOf("bob", { "doc-*": "comment" }));
		await decide(approvalId, cy);
	});

	it("[APPROVAL-1] there is nothing to decide about an approval that does not exist", async () => {
		const approvalId = "approval_none" as ApprovalId;
		for (const trying of [decide(approvalId, bob), cancel(approvalId, bob)])
			await expect(trying).rejects.toEqual(code("NOT_FOUND"));
	});

	it("[APPROVAL-5] the requester and an owner cancel; nobody else does", async () => {
		const first = await request();
		lab.roles.set("bob", "edit");
		for (const who of [bob, cy])
			await expect(cancel(first.approvalId, who)).rejects.toEqual(
				code("FORBIDDEN"),
			);
		const cancelled = await cancel(first.approvalId, personOf("owner"));
		expect(cancelled).toMatchObject({
			cancelledBy: { id: "owner", name: "OWNER" },
			comment: "No more",
		});
		// Also when the requester has no role any more.
		const second = await request();
		lab.roles.delete("ann");
		await cancel(second.approvalId, personOf("ann"));
		const { approvals } = await list();
		expect(approvals.map(({ state }) => state)).toEqual([
			"cancelled",
			"cancelled",
		]);
		expect(lab.news.slice(-2)).toEqual([
			"approval:cancelled",
			"approval:completed cancelled",
		]);
	});
});

describe("the trail", () => {
	it("[APPROVAL-12] names every step and whose it was, in order, and nothing that was written to it", async () => {
		const first = await request({ message: "private words" });
		await decide(first.approvalId, bob);
		await decide(first.approvalId, cy, "rejected");
		const second = await request();
		await cancel(second.approvalId, personOf("owner"));
		const third = await request();
		await lab.release("1.4.0");
		await list();
		const facts = await lab.facts();
		expect(
			facts.map(({ kind, actor, payload }) => [
				kind,
				actor,
				payload.approvalId,
				payload.outcome,
			]),
		).toEqual([
			["approval:requested", "ann", first.approvalId, undefined],
			["approval:granted", "bob", first.approvalId, undefined],
			["approval:rejected", "cy", first.approvalId, undefined],
			["approval:completed", "cy", first.approvalId, "rejected"],
			["approval:requested", "ann", second.approvalId, undefined],
			["approval:cancelled", "owner", second.approvalId, undefined],
			["approval:completed", "owner", second.approvalId, "cancelled"],
			["approval:requested", "ann", third.approvalId, undefined],
			["approval:completed", "ann", third.approvalId, "superseded"],
		]);
		const text = JSON.stringify(facts);
		for (const words of ["private words", "No more"])
			expect(text).not.toContain(words);
		for (const { docId, payload } of facts) {
			expect(docId).toBe(lab.docId);
			expect(payload.contentHash).toBe("hash of 1.3.0");
		}
	});
});

describe("what ends an approval by itself", () => {
	const dueIn = (ms: number) => new Date(NOW_MS + ms).toISOString();

	it("[APPROVAL-8] a newer version; what nobody was told of is noticed by whoever decides or looks", async () => {
		const [first, second] = [await request(), await request()];
		await lab.release("1.4.0");
		await expect(decide(first.approvalId, bob)).rejects.toEqual(
			code("INVALID_STATE", { state: "superseded" }),
		);
		expect(lab.news.slice(2)).toEqual(["approval:completed superseded"]);
		const { approvals } = await list();
		expect(approvals.map(({ state }) => state)).toEqual([
			"superseded",
			"superseded",
		]);
		expect(lab.told.at(-1)).toMatchObject({
			actor: "ann",
			data: { approvalId: second.approvalId },
		});
	});

	it("[APPROVAL-8] more of them than are read at once", async () => {
		await request();
		const asked = await lab.store.list(lab.docId, 1);
		for (let i = 0; i < 230; i++) {
			const approvalId = `approval_${i}` as ApprovalId;
			const [one] = asked;
			if (one?.state !== "pending") throw new Error("it is pending");
			await lab.store.add(
				{ ...one, approvalId },
				{
					kind: "approval:requested",
					docId: lab.docId,
					actor: userOf("ann"),
					payload: {},
					atMs: NOW_MS,
				},
			);
		}
		await lab.release("1.4.0");
		await replica.progress.supersede(lab.docId);
		expect(lab.news.filter((one) => one.includes("superseded"))).toHaveLength(
			231,
		);
	});

	it("[APPROVAL-7] the due date, to the millisecond, at whatever replica", async () => {
		const { approvalId } = await request({ dueAt: dueIn(1_000) });
		lab.clock.advance(999);
		await decide(approvalId, bob);
		lab.clock.advance(1);
		await expect(decide(approvalId, cy)).rejects.toEqual(
			code("INVALID_STATE", { state: "expired" }),
		);
		expect((await list()).approvals[0]).toMatchObject({
			state: "expired",
			completedAt: dueIn(1_000),
		});
	});

	it("[APPROVAL-7] several replicas that sweep at once tell of it once", async () => {
		await request({ dueAt: dueIn(1_000) });
		await request({ dueAt: dueIn(2_000) });
		lab.clock.advance(5_000);
		const all = [replica, lab.replica(), lab.replica()];
		await Promise.all(all.map(({ progress }) => progress.sweep()));
		expect(lab.news.slice(2)).toEqual(
			Array(2).fill("approval:completed expired"),
		);
	});

	it("[APPROVAL-7] a service that starts ends what has become due, and wakes up for what will be", async () => {
		await request({ dueAt: dueIn(1_000) });
		await request({ dueAt: dueIn(10_000) });
		lab.clock.advance(5_000);
		const { dueDates } = lab.replica();
		await dueDates.run();
		expect(lab.news.slice(2)).toEqual(["approval:completed expired"]);
		const ended = lab.completed();
		lab.clock.advance(5_000);
		await ended;
		expect(lab.news.slice(3)).toEqual(["approval:completed expired"]);
		dueDates.close();
		expect(lab.clock.waiting).toBe(0);
	});

	it("[APPROVAL-7] a due date that is asked for at another replica is noticed within half a minute", async () => {
		const { dueDates } = lab.replica();
		await dueDates.run();
		await request({ dueAt: dueIn(1_000) });
		const ended = lab.completed();
		lab.clock.advance(30_000);
		await ended;
		dueDates.close();
		// At its own one it is known at once.
		const own = lab.replica().dueDates;
		await own.run();
		const next = dueIn(31_000);
		await request({ dueAt: next });
		own.expect(Date.parse(next));
		const endedNext = lab.completed();
		lab.clock.advance(1_000);
		await endedNext;
		own.close();
	});

	it("[APPROVAL-7] a database that is away is tried again, and told to the log once", async () => {
		await request({ dueAt: dueIn(1_000) });
		lab.clock.advance(1_000);
		const { dueDates } = lab.replica();
		const listDue = lab.store.listDue.bind(lab.store);
		lab.store.listDue = () => Promise.reject(new Error("away"));
		await dueDates.run();
		await dueDates.run();
		expect(lab.warnings).toHaveLength(1);
		lab.store.listDue = listDue;
		const ended = lab.completed();
		lab.clock.advance(5_000);
		await ended;
		dueDates.close();
	});
});

describe("a document's list of approvals", () => {
	it("[APPROVAL-10] leads on page by page, also where one answer does not hold many", async () => {
		const ids = [];
		const approvers = Array.from({ length: 50 }, (_, i) =>
			userOf(`${"u".repeat(124)}${i}`),
		);
		for (let i = 0; i < 60; i++) {
			const message = "m".repeat(2_000);
			ids.unshift((await request({ approvers, message })).approvalId);
			lab.clock.advance(1);
		}
		const seen: ApprovalId[] = [];
		const sizes: number[] = [];
		let cursor: ApprovalId | undefined;
		do {
			const page = await list(cursor === undefined ? {} : { cursor });
			sizes.push(page.approvals.length);
			seen.push(...page.approvals.map(({ approvalId }) => approvalId));
			cursor = page.nextCursor;
		} while (cursor !== undefined);
		expect(seen).toEqual(ids);
		expect(Math.max(...sizes)).toBeLessThan(50);
		expect(Math.min(...sizes)).toBeGreaterThan(0);
	});

	it("[APPROVAL-15] is for those who may see the document, approvers or not", async () => {
		await request();
		const asked = {
			event: "approval:list",
			person: bob,
			data: { prdId: lab.docId },
		} as const;
		await expect(replica.approvals.list(asked)).rejects.toEqual(
			code("FORBIDDEN"),
		);
		lab.roles.set("bob", "view");
		expect((await replica.approvals.list(asked)).approvals).toHaveLength(1);
	});
});
