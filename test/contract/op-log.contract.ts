import { describe, expect, it } from "@jest/globals";
import type { OpLog } from "../../src/documents/op-log.ts";
import type { CommittedOp } from "../../src/ot/committed-op.ts";
import type { UserId } from "../../src/shared/ids.ts";
import type { CreateTestDatabase } from "../support/test-database.ts";
import {
	countOf,
	type Desk,
	identityOf,
	newDocId,
	openDesk,
	opsOf,
	wholeLog,
} from "./desk.ts";
import { useOpLogs } from "./use-op-logs.ts";

/** Ops whose text, formatting or notes a careless store would alter. */
const DELICATE: readonly Partial<CommittedOp>[] = [
	{ op: { t: ["👩‍🚀 \u2028\u2029 \\ \" ' \u0001 \ud800 \u0000 é"], m: [] } },
	{
		op: { t: [3, { d: 2 }, "x"], m: [] },
		astral: { t: [1, 0, 0], m: [], d: [3, 4] },
	},
	{
		op: {
			t: [],
			m: [
				1,
				{
					n: 2,
					a: {
						bold: true,
						size: 0.1,
						ratio: 1e-7,
						link: null,
						title: "ü\u2028",
					},
				},
			],
		},
		astral: { t: [], m: [0, 2], d: [] },
	},
	{ op: { t: ["long ".repeat(13_000)], m: [] } },
	{ op: { t: [], m: [] }, baseRev: 0, payloadHash: "-_9zZ" },
];

/** Every implementation of `OpLog` keeps these rules. */
export function opLogContract(name: string, create: CreateTestDatabase): void {
	describe(`op log on ${name}`, () => {
		const logs = useOpLogs(create);

		it("[LOG-1] reads committed ops back exactly as they were appended, in order", async () => {
			const { log } = logs;
			const desk = await openDesk(log);
			const rows = DELICATE.map((parts, index) => desk.row(index + 1, parts));
			const group = desk.groupOf(0, rows);
			expect(await log.commit([group])).toEqual(["committed"]);
			expect(await wholeLog(log, desk.docKey)).toStrictEqual(opsOf([group]));
		});

		it("[LOG-2] gives out the ops of a range, exclusive below and inclusive above, up to a limit", async () => {
			const { log } = logs;
			const desk = await openDesk(log);
			await log.commit([desk.group(0, 9)]);
			const revs = async (since: number, upTo: number, limit: number) =>
				(await log.since(desk.docKey, since, upTo, limit)).map(
					({ rev }) => rev,
				);
			expect(await revs(3, 6, 100)).toEqual([4, 5, 6]);
			expect(await revs(3, 9, 2)).toEqual([4, 5]);
			expect(await revs(9, 9, 100)).toEqual([]);
		});

		it("[LOG-3] a group on a stale head changes nothing, while the rest of its flush commits", async () => {
			const { log } = logs;
			const [moved, still] = [await openDesk(log), await openDesk(log)];
			const first = moved.group(0, 2);
			await log.commit([first]);
			const rest = still.group(0, 3);
			expect(await log.commit([moved.group(1), rest, moved.group(5)])).toEqual([
				"fenced",
				"committed",
				"fenced",
			]);
			expect(await wholeLog(log, moved.docKey)).toStrictEqual(opsOf([first]));
			expect(await wholeLog(log, still.docKey)).toStrictEqual(opsOf([rest]));
			expect(await log.heads([moved.docKey, still.docKey])).toEqual([2, 3]);
		});

		it("[LOG-6] a row that the database does not take is refused with its group, and with no other", async () => {
			const { log } = logs;
			const desks = await openDesks(log, 7);
			const groups = desks.map((desk) => desk.group(0, 2));
			const poisoned = desks[3] as Desk;
			groups[3] = poisoned.groupOf(0, [
				poisoned.row(1),
				poisoned.row(2, {}, 1.5),
			]);
			const outcomes = await log.commit(groups);
			expect(outcomes[3]).toBe("refused");
			expect(countOf(outcomes, "committed")).toBe(6);
			expect(await log.heads(desks.map(({ docKey }) => docKey))).toEqual([
				2, 2, 2, 0, 2, 2, 2,
			]);
			expect(await log.commit([poisoned.group(0)])).toEqual(["committed"]);
		});

		it("[LOG-7] an op id is committed once per document: a group that repeats one is refused", async () => {
			const { log } = logs;
			const [desk, other] = await openDesks(log, 2);
			await log.commit([desk.groupOf(0, [desk.row(1, {}, 7)])]);
			const again = desk.groupOf(1, [desk.row(2, {}, 8), desk.row(3, {}, 7)]);
			expect(await log.commit([again, other.group(0)])).toEqual([
				"refused",
				"committed",
			]);
			expect(await log.settleHead(desk.docKey)).toBe(1);
			expect(await wholeLog(log, desk.docKey)).toHaveLength(1);
		});

		it("[LOG-8] a group that does not continue its head without a gap is refused", async () => {
			const { log } = logs;
			const [desk, other] = await openDesks(log, 2);
			const gap = desk.groupOf(0, [desk.row(1), desk.row(3)]);
			const empty = desk.groupOf(0, []);
			expect(await log.commit([gap, other.group(0), empty])).toEqual([
				"refused",
				"committed",
				"refused",
			]);
			expect(await log.settleHead(desk.docKey)).toBe(0);
		});

		it("[LOG-9] finds a committed op by its op id", async () => {
			const { log } = logs;
			const desk = await openDesk(log);
			const group = desk.group(0, 3);
			await log.commit([group]);
			const { client } = desk.identity;
			expect(await log.findByOpId(desk.docKey, client, 1)).toStrictEqual(
				opsOf([group])[1],
			);
			expect(await log.findByOpId(desk.docKey, client, 3)).toBeUndefined();
			const elsewhere = await openDesk(log, newDocId(), desk.identity);
			expect(await log.findByOpId(elsewhere.docKey, client, 1)).toBeUndefined();
		});

		it("[LOG-10] a document is created once, with head 0 and an epoch of its own", async () => {
			const { log } = logs;
			const docId = newDocId();
			expect(await log.find(docId)).toBeUndefined();
			const opened = await Promise.all([log.open(docId), log.open(docId)]);
			expect(opened[0]).toEqual(opened[1]);
			expect(opened[0]).toMatchObject({ head: 0, horizon: 0 });
			expect((await log.open(newDocId())).epoch).not.toBe(opened[0].epoch);
			expect(await log.find(docId)).toEqual(opened[0]);
		});

		it("[LOG-11] registering a writer again gives the same keys, and the seq that it has reached", async () => {
			const { log } = logs;
			const docId = newDocId();
			const desk = await openDesk(log, docId);
			expect(desk.writer.lastSeq).toBe(-1);
			await log.commit([
				desk.groupOf(0, [
					desk.row(1, {}, 3),
					desk.row(2, {}, 900_000_000_000_000),
				]),
			]);
			expect(await log.openWriter(desk.docKey, desk.identity)).toEqual({
				...desk.writer,
				lastSeq: 900_000_000_000_000,
			});
			const elsewhere = await openDesk(log, newDocId(), desk.identity);
			expect(elsewhere.writer).toMatchObject({
				clientKey: desk.writer.clientKey,
				lastSeq: -1,
			});
		});

		it("[LOG-12] a client id belongs to the user who came with it first", async () => {
			const { log } = logs;
			const docId = newDocId();
			const { docKey, identity } = await openDesk(log, docId);
			for (const thief of [
				{ ...identity, userId: "bob" as UserId },
				{
					...identityOf("bob", identity.client),
					sessionId: identity.sessionId,
				},
			])
				await expect(log.openWriter(docKey, thief)).rejects.toMatchObject({
					code: "FORBIDDEN",
					data: { reason: "client" },
				});
			const racers = ["cy", "di"].map((user) =>
				log.openWriter(docKey, identityOf(user, `raced-${docId}`)),
			);
			const settled = await Promise.allSettled(racers);
			expect(settled.map(({ status }) => status).toSorted()).toEqual([
				"fulfilled",
				"rejected",
			]);
		});

		it("[LOG-13] a session that comes back as another replica writes under its new name", async () => {
			const { log } = logs;
			const docId = newDocId();
			const desk = await openDesk(log, docId);
			const renamed = {
				...desk.identity,
				replicaId: "ann~2" as typeof desk.identity.replicaId,
			};
			const again = await openDesk(log, docId, renamed);
			await log.commit([desk.groupOf(0, [desk.row(1), again.row(2, {}, 1)])]);
			const ops = await wholeLog(log, desk.docKey);
			expect(ops.map(({ replicaId }) => replicaId)).toEqual(["ann", "ann~2"]);
		});

		it("[LOG-18] tells who wrote in a session last, in that document", async () => {
			const { log } = logs;
			const docId = newDocId();
			const identity = identityOf("ann", `client-${docId}`);
			const { docKey } = await openDesk(log, docId, identity);
			const { sessionId } = identity;
			const found = await log.findSession(docKey, sessionId);
			expect(found).toEqual({ userId: "ann", replicaId: "ann" });
			const replicaId = "ann~2" as typeof identity.replicaId;
			await log.openWriter(docKey, { ...identity, replicaId });
			expect(await log.findSession(docKey, sessionId)).toEqual({
				userId: "ann",
				replicaId,
			});
			const { docKey: other } = await openDesk(log);
			expect(await log.findSession(other, sessionId)).toBeUndefined();
		});

		it("[LOG-14] tells heads in the order asked, 0 for what does not exist", async () => {
			const { log } = logs;
			const desks = await openDesks(log, 3);
			await log.commit(desks.map((desk, index) => desk.group(0, index + 1)));
			const [a, b, c] = desks.map(({ docKey }) => docKey) as [
				number,
				number,
				number,
			];
			expect(await log.heads([c, 2_000_000_000, a, b, c])).toEqual([
				3, 0, 1, 2, 3,
			]);
			expect(await log.heads([])).toEqual([]);
			expect(await log.settleHead(c)).toBe(3);
			expect(await log.settleHead(2_000_000_000)).toBe(0);
		});

		it("[LOG-17] of several groups of one document in a flush, the log holds exactly those that are answered as committed", async () => {
			const { log } = logs;
			for (const [first, second] of [
				[0, 0],
				[0, 2],
				[2, 0],
			] as const) {
				const desk = await openDesk(log);
				const groups = [desk.group(first, 2), desk.group(second, 2)];
				const outcomes = await log.commit(groups);
				const committed = groups.filter(
					(_, index) => outcomes[index] === "committed",
				);
				expect(countOf(outcomes, "refused")).toBe(0);
				expect(committed.length).toBeGreaterThan(0);
				expect(await wholeLog(log, desk.docKey)).toStrictEqual(
					opsOf(committed),
				);
				expect(await log.settleHead(desk.docKey)).toBe(2 * committed.length);
			}
		});
	});
}

async function openDesks(
	log: OpLog,
	count: number,
): Promise<readonly [Desk, Desk, ...Desk[]]> {
	const [first, second] = [await openDesk(log), await openDesk(log)];
	const more: Desk[] = [];
	while (more.length + 2 < count) more.push(await openDesk(log));
	return [first, second, ...more];
}
