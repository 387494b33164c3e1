import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlDocumentEraser } from "../../src/db/sql-document-eraser.ts";
import { SqlOpLog } from "../../src/db/sql-op-log.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import { SqlSnapshotStore } from "../../src/db/sql-snapshot-store.ts";
import type { UserId } from "../../src/shared/ids.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { newDocId, openDesk, opLogOf, wholeLog } from "./desk.ts";

/** Every implementation of `DocumentEraser` keeps these rules. */
export function documentEraserContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`document eraser on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;
		let epochs = 0;
		/** Without the rooms that the tests' own log makes. */
		let log: SqlOpLog;
		let rooms: SqlRoomStore;
		let snapshots: SqlSnapshotStore;
		let eraser: SqlDocumentEraser;

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
			const clock = { nowMs: () => 1 };
			log = new SqlOpLog({ database, clock, newId: () => `e${++epochs}` });
			rooms = new SqlRoomStore(database);
			snapshots = new SqlSnapshotStore(database);
			eraser = new SqlDocumentEraser(database);
		}, 60_000);
		afterAll(async () => {
			await database.close();
			made.remove();
		});

		/** A document with a log, a snapshot and a second member. */
		const written = async () => {
			const desk = await openDesk(opLogOf(database));
			const docId = await idOf(desk.docKey);
			await log.commit([desk.group(0, 3)]);
			const snapshot = { rev: 3, text: "abc", runs: [], clock: new Map() };
			await snapshots.put(desk.docKey, snapshot);
			await rooms.setRole(docId, "bob" as UserId, "edit");
			return { desk, docId };
		};
		const idOf = async (docKey: number) => {
			const row = await database.kysely
				.selectFrom("documents")
				.select("doc_id")
				.where("id", "=", docKey)
				.executeTakeFirstOrThrow();
			return row.doc_id as ReturnType<typeof newDocId>;
		};

		it("[ERASE-1] a document goes with its log, its snapshots, its room and its members, and no other", async () => {
			const [gone, kept] = [await written(), await written()];
			expect(await eraser.erase(gone.docId)).toBe(true);
			expect(await log.find(gone.docId)).toBeUndefined();
			expect(await rooms.find(gone.docId)).toBeUndefined();
			expect(await rooms.findRole(gone.docId, "bob" as UserId)).toBeUndefined();
			expect(await wholeLog(log, gone.desk.docKey)).toEqual([]);
			expect(await snapshots.latest(gone.desk.docKey)).toBeUndefined();
			expect(await wholeLog(log, kept.desk.docKey)).toHaveLength(3);
			expect((await snapshots.latest(kept.desk.docKey))?.text).toBe("abc");
			expect(await rooms.findRole(kept.docId, "bob" as UserId)).toBe("edit");
			expect(await eraser.erase(gone.docId)).toBe(false);
		});

		it("[ERASE-2] a document made again under the id is empty and of another epoch", async () => {
			const { docId, desk } = await written();
			const before = await log.find(docId);
			await eraser.erase(docId);
			const after = await opLogOf(database).open(docId);
			expect(after).toMatchObject({ head: 0, horizon: 0 });
			expect(after.epoch).not.toBe(before?.epoch);
			expect(await wholeLog(log, after.docKey)).toEqual([]);
			expect(desk.docKey).toBeGreaterThan(0);
		});

		it("[ERASE-3] what is committed to a deleted document is fenced", async () => {
			const { docId, desk } = await written();
			await eraser.erase(docId);
			expect(await log.commit([desk.group(3)])).toEqual(["fenced"]);
			expect(await wholeLog(log, desk.docKey)).toEqual([]);
		});

		it("[ERASE-4] no document is made where there is no room", async () => {
			const { docId } = await written();
			await eraser.erase(docId);
			for (const id of [docId, newDocId()])
				await expect(log.open(id)).rejects.toMatchObject({ code: "NOT_FOUND" });
			expect(await log.find(docId)).toBeUndefined();
		});

		it("[ERASE-5] commits and snapshots that race with a deletion lose nothing but themselves", async () => {
			for (let round = 0; round < 10; round++) {
				const { docId, desk } = await written();
				const snapshot = { rev: 4, text: "abcd", runs: [], clock: new Map() };
				const [, erased] = await Promise.allSettled([
					log.commit([desk.group(3)]),
					eraser.erase(docId),
					snapshots.put(desk.docKey, snapshot),
					log.openWriter(desk.docKey, { ...desk.identity }),
				]);
				expect(erased).toEqual({ status: "fulfilled", value: true });
				expect(await log.find(docId)).toBeUndefined();
				expect(await wholeLog(log, desk.docKey)).toEqual([]);
			}
		});

		it("[ERASE-6] a generic room is not deleted as a document", async () => {
			const roomId = newDocId();
			const room = {
				roomId,
				kind: "room",
				title: "Talk",
				visibility: "private",
				metadata: {},
				createdAtMs: 1,
			} as const;
			await rooms.create(room, "ann" as UserId);
			expect(await eraser.erase(roomId)).toBe(false);
			expect(await rooms.find(roomId)).toStrictEqual(room);
		});
	});
}
