import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
	type Approval,
	type PendingApproval,
	step,
} from "../../src/approvals/approval.ts";
import type { ApprovalStore } from "../../src/approvals/approval-store.ts";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlApprovalStore } from "../../src/db/sql-approval-store.ts";
import { SqlDocumentEraser } from "../../src/db/sql-document-eraser.ts";
import { SqlFactFeed } from "../../src/db/sql-facts.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import type { ApprovalId } from "../../src/protocol/schemas/approval.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";
import type { NewFact } from "../../src/shared/ports/fact-feed.ts";
import {
	actorOf,
	decisionOf,
	NOW_MS,
	pendingApproval,
	userOf,
} from "../support/approvals.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { newDocId } from "./desk.ts";

const cancel = {
	kind: "cancel",
	cancellation: { by: actorOf("ann"), comment: "No more" },
	atMs: NOW_MS + 2,
} as const;

const factOf = (
	{ docId, approvalId }: Approval,
	kind = "approval:requested",
): NewFact => ({
	kind,
	docId,
	actor: userOf("ann"),
	payload: { approvalId },
	atMs: NOW_MS,
});

/** Every implementation of `ApprovalStore` keeps these rules. */
export function approvalStoreContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`approval store on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;
		let store: ApprovalStore;

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
			store = new SqlApprovalStore(database);
		}, 60_000);
		afterAll(async () => {
			await database.close();
			made.remove();
		});

		const advance = (
			from: Approval,
			to: Approval,
			facts: readonly NewFact[] = [],
		) => store.advance(from, to, facts);

		async function newDocument(
			kind: "document" | "room" = "document",
		): Promise<DocId> {
			const docId = newDocId();
			await new SqlRoomStore(database).create(
				{
					roomId: docId,
					kind,
					title: docId,
					visibility: "private",
					metadata: {},
					createdAtMs: 0,
				},
				"ann" as UserId,
			);
			return docId;
		}

		async function added(
			parts: Partial<PendingApproval> = {},
		): Promise<PendingApproval> {
			const docId = parts.docId ?? (await newDocument());
			const approval = pendingApproval({ ...parts, docId });
			await store.add(approval, factOf(approval));
			return approval;
		}

		it("[APPROVAL-1] what was asked is there as it was asked, with all of its parts or none", async () => {
			const whole = await added({
				message: "Please review; '\" 📐",
				policy: { quorum: 2 },
				dueAtMs: NOW_MS + 31_536_000_000,
			});
			const bare = await added();
			expect(await store.find(whole.approvalId)).toStrictEqual(whole);
			expect(await store.find(bare.approvalId)).toStrictEqual(bare);
			expect(await store.find("approval_none" as ApprovalId)).toBeUndefined();
		});

		it("[APPROVAL-1] nothing is asked about a document that does not exist, or about a generic room", async () => {
			for (const docId of [newDocId(), await newDocument("room")]) {
				const approval = pendingApproval({ docId });
				await expect(
					store.add(approval, factOf(approval)),
				).rejects.toMatchObject({
					code: "NOT_FOUND",
				});
				expect(await store.find(approval.approvalId)).toBeUndefined();
			}
		});

		it("[APPROVAL-3] decisions are kept in their order, with their comments, and the outcome with its time", async () => {
			const asked = await added();
			const one = step(asked, {
				kind: "decide",
				decision: decisionOf("cy", "granted", { comment: "Fine 👍" }),
			}) as PendingApproval;
			expect(await advance(asked, one)).toBe(true);
			expect(await store.find(asked.approvalId)).toStrictEqual(one);
			const two = step(one, { kind: "decide", decision: decisionOf("bob") });
			expect(await advance(one, two)).toBe(true);
			expect(two.state).toBe("approved");
			expect(await store.find(asked.approvalId)).toStrictEqual(two);
		});

		it("[APPROVAL-6] of steps taken at once from one state exactly one is taken", async () => {
			const names = Array.from({ length: 8 }, (_, i) => `user-${i}`);
			const asked = await added({ approvers: names.map(userOf) });
			const steps: readonly Approval[] = [
				...names.map((who) =>
					step(asked, { kind: "decide", decision: decisionOf(who) }),
				),
				step(asked, cancel),
			];
			const taken = await Promise.all(
				steps.map((next) => advance(asked, next)),
			);
			expect(taken.filter(Boolean)).toHaveLength(1);
			const stored = await store.find(asked.approvalId);
			expect(stored).toStrictEqual(steps[taken.indexOf(true)]);
		});

		it("[APPROVAL-6] what is completed stays as it is", async () => {
			const asked = await added();
			const cancelled = step(asked, cancel);
			expect(await advance(asked, cancelled)).toBe(true);
			const late = step(asked, { kind: "decide", decision: decisionOf("bob") });
			expect(await advance(asked, late)).toBe(false);
			expect(await store.find(asked.approvalId)).toStrictEqual(cancelled);
		});

		it("[APPROVAL-10] lists a document's approvals, newest first, page by page", async () => {
			const docId = await newDocument();
			await added({ requestedAtMs: NOW_MS + 9 });
			const asked = [];
			for (const requestedAtMs of [5, 3, 3, 7, 1])
				asked.push(await added({ docId, requestedAtMs }));
			const newestFirst = asked.sort((a, b) =>
				a.requestedAtMs === b.requestedAtMs
					? b.approvalId.localeCompare(a.approvalId)
					: b.requestedAtMs - a.requestedAtMs,
			);
			const decided = step(newestFirst[1] as PendingApproval, {
				kind: "decide",
				decision: decisionOf("bob", "rejected"),
			});
			await advance(newestFirst[1] as PendingApproval, decided);
			const all = newestFirst.map((one, i) => (i === 1 ? decided : one));
			expect(await store.list(docId, 10)).toStrictEqual(all);
			for (const [i, { approvalId }] of all.entries())
				expect(await store.list(docId, 2, approvalId)).toStrictEqual(
					all.slice(i + 1, i + 3),
				);
			const [elsewhere] = await store.list((await added()).docId, 1);
			expect(await store.list(docId, 9, elsewhere?.approvalId)).toEqual([]);
		});

		it("[APPROVAL-8] lists the pending ones of a document that are not of its latest version, oldest first, up to a limit", async () => {
			const docId = await newDocument();
			const [third, first, second] = [
				await added({ docId, requestedAtMs: 3 }),
				await added({ docId, requestedAtMs: 1 }),
				await added({ docId, requestedAtMs: 2 }),
			];
			const gone = await added({ docId, requestedAtMs: 0 });
			await advance(gone, step(gone, cancel));
			await added({ docId, requestedAtMs: 4, version: "1.10.0" });
			const listed = (limit: number) => store.listSuperseded(limit, docId);
			// The versions of a document that has none are not superseded.
			expect(await listed(9)).toEqual([]);
			await database.kysely
				.updateTable("rooms")
				.set({ version: "1.10.0" })
				.where("room_id", "=", docId)
				.execute();
			expect(await listed(9)).toStrictEqual([first, second, third]);
			expect(await listed(2)).toStrictEqual([first, second]);
			const elsewhere = await newDocument();
			expect(await store.listSuperseded(9, elsewhere)).toEqual([]);
			const everywhere = await store.listSuperseded(9);
			expect(everywhere).toStrictEqual([first, second, third]);
		});

		it("[APPROVAL-12] every step leaves its facts with it, and one that is not taken none", async () => {
			const asked = await added();
			const { docId } = asked;
			const one = step(asked, { kind: "decide", decision: decisionOf("bob") });
			const facts = ["approval:rejected", "approval:completed"].map((kind) =>
				factOf(asked, kind),
			);
			expect(await advance(asked, one, facts)).toBe(true);
			expect(await advance(asked, one, facts)).toBe(false);
			const nowhere = pendingApproval({ docId: newDocId() });
			await store.add(nowhere, factOf(nowhere)).catch(() => {});
			const all = await new SqlFactFeed(database).since(0, 1_000);
			expect(all.filter((fact) => fact.docId === nowhere.docId)).toEqual([]);
			expect(all.filter((fact) => fact.docId === docId)).toMatchObject([
				factOf(asked),
				...facts,
			]);
		});

		it("[APPROVAL-7] finds what is due, the longest first, and when the next one will be", async () => {
			await added();
			const [late, next, later] = [
				await added({ dueAtMs: 2_000 }),
				await added({ dueAtMs: 1_000 }),
				await added({ dueAtMs: 3_000 }),
			];
			const gone = await added({ dueAtMs: 500 });
			await advance(gone, step(gone, { ...cancel, atMs: 1 }));
			expect(await store.findNextDueAtMs()).toBe(1_000);
			expect(await store.listDue(999, 9)).toEqual([]);
			expect(await store.listDue(2_000, 9)).toStrictEqual([next, late]);
			expect(await store.listDue(2_000, 1)).toStrictEqual([next]);
			for (const one of [next, late, later])
				await advance(one, step(one, { kind: "expire", atMs: 3_000 }));
			expect(await store.listDue(9_000, 9)).toEqual([]);
		});

		it("[APPROVAL-11] goes with its document", async () => {
			const asked = await added();
			const one = step(asked, { kind: "decide", decision: decisionOf("bob") });
			await advance(asked, one);
			await new SqlDocumentEraser(database).erase(asked.docId);
			expect(await store.find(asked.approvalId)).toBeUndefined();
			expect(await store.list(asked.docId, 9)).toEqual([]);
		});
	});
}
