import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlSnapshotStore } from "../../src/db/sql-snapshot-store.ts";
import type { Snapshot } from "../../src/documents/snapshot-store.ts";
import type { ReplicaId } from "../../src/shared/ids.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { newDocId, opLogOf } from "./desk.ts";

const snapshotAt = (rev: number, text = `text at ${rev}`): Snapshot => ({
	rev,
	text,
	runs: [{ n: [...text].length, a: {} }],
	clock: new Map([["ann" as ReplicaId, rev]]),
});

/** Every implementation of `SnapshotStore` keeps these rules. */
export function snapshotStoreContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`snapshot store on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;
		let store: SqlSnapshotStore;
		const newDocKey = async (): Promise<number> =>
			(await opLogOf(database).open(newDocId())).docKey;
		const revsOf = async (docKey: number): Promise<number[]> => {
			const rows = await database.kysely
				.selectFrom("snapshots")
				.select("rev")
				.where("doc", "=", docKey)
				.orderBy("rev")
				.execute();
			return rows.map(({ rev }) => rev);
		};

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
			store = new SqlSnapshotStore(database);
		}, 60_000);
		afterAll(async () => {
			await database.close();
			made.remove();
		});

		it("[SNAP-1] reads the newest snapshot back exactly", async () => {
			const docKey = await newDocKey();
			expect(await store.latest(docKey)).toBeUndefined();
			const snapshot: Snapshot = {
				rev: 12,
				text: "👩‍🚀 \u2028 \\ ' \r\n".repeat(50_000),
				runs: [
					{ n: 2, a: {} },
					{ n: 7, a: { bold: true, size: 0.1, link: null, title: "ü" } },
				],
				clock: new Map([
					["ann" as ReplicaId, 7],
					["__proto__" as ReplicaId, 3],
					["ann~2" as ReplicaId, 2],
				]),
			};
			await store.put(docKey, snapshotAt(3));
			await store.put(docKey, snapshot);
			expect(await store.latest(docKey)).toStrictEqual(snapshot);
		});

		it("[SNAP-2] keeps the two newest snapshots of a document, and those of others", async () => {
			const [docKey, other] = [await newDocKey(), await newDocKey()];
			await store.put(other, snapshotAt(1));
			for (const rev of [1, 5, 9, 7, 3])
				await store.put(docKey, snapshotAt(rev));
			expect(await revsOf(docKey)).toEqual([7, 9]);
			expect(await revsOf(other)).toEqual([1]);
		});

		it("[SNAP-3] storing a snapshot again changes nothing", async () => {
			const docKey = await newDocKey();
			await Promise.all([1, 2, 3].map(() => store.put(docKey, snapshotAt(4))));
			expect(await revsOf(docKey)).toEqual([4]);
			expect(await store.latest(docKey)).toStrictEqual(snapshotAt(4));
		});

		it("[SNAP-2] the one before is found by a revision that it lies below", async () => {
			const docKey = await newDocKey();
			await store.put(docKey, snapshotAt(4));
			await store.put(docKey, snapshotAt(7));
			expect(await store.latest(docKey, 8)).toStrictEqual(snapshotAt(7));
			expect(await store.latest(docKey, 7)).toStrictEqual(snapshotAt(4));
			expect(await store.latest(docKey, 4)).toBeUndefined();
		});

		it("[SNAP-4] a damaged snapshot is reported, not given out; storing it again repairs it", async () => {
			for (const damage of [
				{ text: "text at 5" },
				{ runs: "[]" },
				{ clock: '[["bob",4]]' },
				{ rev: 5 },
			]) {
				const docKey = await newDocKey();
				await store.put(docKey, snapshotAt(4));
				await database.kysely
					.updateTable("snapshots")
					.set(damage)
					.where("doc", "=", docKey)
					.execute();
				await expect(store.latest(docKey)).rejects.toMatchObject({
					code: "INTERNAL",
					data: { reason: "corrupt" },
				});
				await store.put(docKey, snapshotAt(damage.rev ?? 4));
				expect(await store.latest(docKey)).toStrictEqual(
					snapshotAt(damage.rev ?? 4),
				);
			}
		});
	});
}
