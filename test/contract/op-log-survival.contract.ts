import { describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { DocId } from "../../src/shared/ids.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { CommittingChild } from "./child.ts";
import { newDocId, openDesk, opLogOf, opsOf, wholeLog } from "./desk.ts";

/** What `OpLog` keeps when its process ends, politely or not. */
export function opLogSurvivalContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`op log after the end of its process on ${name}`, () => {
		it("[LOG-15] everything is there after close and reopen", async () => {
			const own = await create();
			const docId = newDocId();
			const before = await openDatabase(own.config);
			const desk = await openDesk(opLogOf(before), docId);
			const group = desk.group(0, 5);
			await opLogOf(before).commit([group]);
			const opened = await opLogOf(before).open(docId);
			await before.close();
			const after = await openDatabase(own.config);
			expect(await opLogOf(after).open(docId)).toEqual(opened);
			expect(await wholeLog(opLogOf(after), desk.docKey)).toStrictEqual(
				opsOf([group]),
			);
			await after.close();
			own.remove();
		}, 30_000);

		it("[LOG-16] 20 times killed while committing: every acknowledged revision is there, without a gap", async () => {
			const own = await create();
			const docId = newDocId();
			for (let kill = 0; kill < 20; kill += 1) {
				await using child = new CommittingChild(own.config, docId);
				await child.advance(1 + ((kill * 7) % 23));
				await child.kill();
				await expectWhole(own, docId, child.acknowledged);
			}
			own.remove();
		}, 120_000);
	});
}

async function expectWhole(
	{ config }: TestDatabase,
	docId: DocId,
	acknowledged: number,
): Promise<void> {
	const database = await openDatabase(config);
	const log = opLogOf(database);
	const { docKey } = await log.open(docId);
	const head = await log.settleHead(docKey);
	const revs = (await wholeLog(log, docKey)).map(({ rev }) => rev);
	await database.close();
	expect(head).toBeGreaterThanOrEqual(acknowledged);
	expect(acknowledged).toBeGreaterThan(0);
	expect(revs).toEqual(Array.from({ length: head }, (_, index) => index + 1));
}
