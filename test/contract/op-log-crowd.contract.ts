import { describe, expect, it } from "@jest/globals";
import type { OpLog } from "../../src/documents/op-log.ts";
import type { CommittedOp } from "../../src/ot/committed-op.ts";
import type { DocId } from "../../src/shared/ids.ts";
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

/** What `OpLog` keeps when many write at once. */
export function opLogCrowdContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`op log in a crowd on ${name}`, () => {
		const logs = useOpLogs(create);

		it("[LOG-4] of two writers on one document exactly one wins each revision", async () => {
			const { log, other } = logs;
			const docId = newDocId();
			const writers = [
				{ log, desk: await openDesk(log, docId) },
				{ log: other, desk: await openDesk(other, docId) },
			];
			const won: CommittedOp[] = [];
			for (let head = 0; head < 40; head += 1) {
				const groups = writers.map(({ desk }) => desk.group(head));
				const outcomes = await Promise.all(
					writers.map(
						async (writer, index) =>
							(await writer.log.commit(groups.slice(index, index + 1)))[0] ??
							"refused",
					),
				);
				expect(outcomes.toSorted()).toEqual(["committed", "fenced"]);
				won.push(
					...opsOf(
						groups.filter((_, index) => outcomes[index] === "committed"),
					),
				);
			}
			const [first] = writers;
			expect(await wholeLog(log, first?.desk.docKey ?? 0)).toStrictEqual(won);
		});

		it("[LOG-5] concurrent flushes over shared documents all get through and lose nothing", async () => {
			const both = [logs.log, logs.other];
			const { log } = logs;
			const docIds = Array.from({ length: 8 }, newDocId);
			await Promise.all(
				Array.from({ length: 50 }, (_, index) =>
					appendOnceToEach(
						both[index % 2] ?? log,
						docIds,
						`crowd-${index}-${docIds[0]}`,
					),
				),
			);
			for (const docId of docIds) {
				const { docKey, head } = await log.open(docId);
				const ops = await wholeLog(log, docKey);
				expect(head).toBe(50);
				expect(ops.map(({ rev }) => rev)).toEqual(
					ops.map((_, index) => index + 1),
				);
				expect(new Set(ops.map(({ opId }) => opId)).size).toBe(50);
			}
		}, 60_000);
	});
}

const shuffled = <Item>(items: readonly Item[]): readonly Item[] =>
	items
		.map((item) => ({ item, at: Math.random() }))
		.toSorted((a, b) => a.at - b.at)
		.map(({ item }) => item);

/** Appends one op to each document in flushes of random order, again for those that were fenced. */
async function appendOnceToEach(
	log: OpLog,
	docIds: readonly DocId[],
	client: string,
): Promise<void> {
	let desks: readonly Desk[] = await Promise.all(
		docIds.map((docId) => openDesk(log, docId, identityOf("ann", client))),
	);
	while (desks.length > 0) {
		desks = shuffled(desks);
		const heads = await log.heads(desks.map(({ docKey }) => docKey));
		const outcomes = await log.commit(
			desks.map((desk, index) =>
				desk.groupOf(heads[index] ?? 0, [
					desk.row((heads[index] ?? 0) + 1, {}, 0),
				]),
			),
		);
		desks = desks.filter((_, index) => outcomes[index] === "fenced");
	}
}
