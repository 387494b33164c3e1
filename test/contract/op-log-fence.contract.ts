import { describe, expect, it } from "@jest/globals";
import type { EndedWriter, OpLog } from "../../src/documents/op-log.ts";
import type { DocId, SessionId, UserId } from "../../src/shared/ids.ts";
import type { CreateTestDatabase } from "../support/test-database.ts";
import {
	type Desk,
	identityOf,
	newDocId,
	openDesk,
	opsOf,
	wholeLog,
} from "./desk.ts";
import { useOpLogs } from "./use-op-logs.ts";

const START = { head: 0, fence: 0 };

const writerAt = ({ identity: { client, userId } }: Desk): EndedWriter => ({
	client,
	userId,
});

const fenceOf = async (log: OpLog, { docKey, identity }: Desk) =>
	(await log.findWriter(docKey, identity)).fence;

/** Every implementation of `OpLog` ends writers by these rules. */
export function opLogFenceContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`fences of an op log on ${name}`, () => {
		const logs = useOpLogs(create);

		it("[LOG-19] after the fence was raised a group made under the old one changes nothing", async () => {
			const { log, other } = logs;
			const docId = newDocId();
			const desk = await openDesk(log, docId);
			const still = await openDesk(log);
			expect((await log.open(docId)).fence).toBe(0);
			const late = desk.group(0, 2);
			const raised = await other.raiseFence(desk.docKey, START, [
				writerAt(desk),
			]);
			expect(raised).toBe(true);
			expect(await log.commit([late, still.group(0)])).toEqual([
				"fenced",
				"committed",
			]);
			expect(await log.find(docId)).toMatchObject({ head: 0, fence: 1 });
			const group = desk.group(0, 1, 1);
			expect(await log.commit([group])).toEqual(["committed"]);
			expect(await wholeLog(log, desk.docKey)).toStrictEqual(opsOf([group]));
		});

		it("[LOG-19] of a commit and a raise at the same time exactly one goes through", async () => {
			const { log, other } = logs;
			for (let i = 0; i < 20; i++) {
				const desk = await openDesk(log);
				const [[outcome], isRaised] = await Promise.all([
					log.commit([desk.group(0)]),
					other.raiseFence(desk.docKey, START, [writerAt(desk)]),
				]);
				expect([outcome, isRaised]).toEqual(
					isRaised ? ["fenced", true] : ["committed", false],
				);
			}
		});

		it("[LOG-20] a raise from another head or fence does nothing, nor does one of a document that is not there", async () => {
			const { log } = logs;
			const desk = await openDesk(log);
			await log.commit([desk.group(0)]);
			const ended = [writerAt(desk)];
			for (const at of [START, { head: 1, fence: 1 }, { head: 2, fence: 0 }])
				expect(await log.raiseFence(desk.docKey, at, ended)).toBe(false);
			expect(await log.raiseFence(2_000_000_000, START, ended)).toBe(false);
			expect(await fenceOf(log, desk)).toBe(0);
		});

		it("[LOG-21] tells under which fence a writer was ended last, in that document and for that person", async () => {
			const { log } = logs;
			const docId = newDocId();
			const desk = await openDesk(log, docId);
			const { client } = desk.identity;
			const all = Array.from({ length: 12 }, (_, i) => ({
				client: `client-${docId}-${i}` as typeof client,
				userId: "ann" as UserId,
			}));
			await log.raiseFence(desk.docKey, START, [writerAt(desk), ...all]);
			await log.raiseFence(desk.docKey, { head: 0, fence: 1 }, all);
			await log.raiseFence(desk.docKey, { head: 0, fence: 2 }, [
				{ client, userId: "ben" as UserId },
			]);
			expect(await fenceOf(log, desk)).toBe(1);
			// Nothing of these has ever been written.
			for (const { client: name } of all) {
				const identity = { ...desk.identity, client: name };
				expect(await log.findWriter(desk.docKey, identity)).toEqual({
					writer: undefined,
					lastSeq: -1,
					fence: 2,
				});
			}
			const { docKey } = await openDesk(log);
			expect((await log.findWriter(docKey, desk.identity)).fence).toBe(0);
		});

		it("[LOG-22] looking a writer up registers nothing, and finds what is registered", async () => {
			const { log } = logs;
			const { docKey } = await openDesk(log);
			const client = `client-${newDocId()}`;
			const [ann, ben] = [identityOf("ann", client), identityOf("ben", client)];
			const unknown = { writer: undefined, lastSeq: -1, fence: 0 };
			expect(await log.findWriter(docKey, ann)).toEqual(unknown);
			const writer = await log.openWriter(docKey, ben);
			expect(await log.findWriter(docKey, ben)).toEqual({
				writer,
				lastSeq: -1,
				fence: 0,
			});
			const next = { ...ben, sessionId: "session-next" as SessionId };
			expect(await log.findWriter(docKey, next)).toEqual(unknown);
			await expect(log.findWriter(docKey, ann)).rejects.toMatchObject({
				code: "FORBIDDEN",
			});
		});

		it("[LOG-23] tells the heads of documents by their ids, in one go, and makes none", async () => {
			const { log } = logs;
			const ids = [newDocId(), newDocId(), newDocId()] as const;
			const desk = await openDesk(log, ids[0]);
			await log.commit([desk.group(0, 3)]);
			await openDesk(log, ids[1]);
			expect(await log.headsById(ids)).toEqual(
				new Map<DocId, number>([
					[ids[0], 3],
					[ids[1], 0],
				]),
			);
			expect(await log.headsById([])).toEqual(new Map());
			expect(await log.find(ids[2])).toBeUndefined();
		});
	});
}
