import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { newDocId, openDesk, opLogOf } from "./desk.ts";

/** What both kinds of database keep below the ports. */
export function databaseContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`database on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
		}, 60_000);
		afterAll(async () => {
			await database.close();
			made.remove();
		});

		const insertClient = (clientId: string) =>
			database.kysely
				.insertInto("clients")
				.values({ client_id: clientId, user_id: "ann" })
				.onConflict((conflict) => conflict.column("client_id").doNothing())
				.compile();
		const insertOrphan = () =>
			database.kysely
				.insertInto("room_members")
				.values({ room_id: "no such room", user_id: "ann", role: "view" })
				.compile();
		const clientsLike = async (prefix: string): Promise<number> =>
			(
				await database.kysely
					.selectFrom("clients")
					.select("id")
					.where("client_id", "like", `${prefix}%`)
					.execute()
			).length;

		it("[DB-8] a batch happens whole or not at all", async () => {
			await expect(
				database.batch([
					{ query: insertClient("whole-1") },
					{ query: insertOrphan() },
				]),
			).rejects.toMatchObject({ code: "INTERNAL" });
			expect(await clientsLike("whole-")).toBe(0);
			expect(
				await database.batch([
					{ query: insertClient("whole-1") },
					{ query: insertClient("whole-1") },
					{ query: insertClient("whole-2") },
				]),
			).toEqual([1, 0, 1]);
		});

		it("[DB-9] a batch ends at a required step that changes nothing", async () => {
			await database.batch([{ query: insertClient("required-1") }]);
			expect(
				await database.batch([
					{ query: insertClient("required-1"), required: true },
					{ query: insertClient("required-2") },
				]),
			).toEqual([0]);
			expect(await clientsLike("required-")).toBe(1);
		});

		it("[DB-10] a database of a newer version is not touched", async () => {
			const own = await create();
			const newer = await openDatabase(own.config);
			await newer.kysely
				.withTables<{ kysely_migration: { name: string; timestamp: string } }>()
				.insertInto("kysely_migration")
				.values({ name: "9999-future", timestamp: "2099-01-01T00:00:00.000Z" })
				.execute();
			await newer.close();
			await expect(openDatabase(own.config)).rejects.toMatchObject({
				code: "UNAVAILABLE",
				data: { reason: "migration" },
			});
			own.remove();
		}, 30_000);

		it("[DB-7] close lets a running commit finish; after it everything is unavailable, and nothing is fatal", async () => {
			const own = await create();
			const fatal: unknown[] = [];
			const closing = await openDatabase(own.config, (error) =>
				fatal.push(error),
			);
			const log = opLogOf(closing);
			const desk = await openDesk(log);
			const last = log.commit([desk.group(0)]);
			await closing.close();
			expect(await last).toEqual(["committed"]);
			const unavailable = { code: "UNAVAILABLE" };
			await expect(log.commit([desk.group(1)])).rejects.toMatchObject(
				unavailable,
			);
			await expect(log.find(newDocId())).rejects.toMatchObject(unavailable);
			await expect(log.settleHead(desk.docKey)).rejects.toMatchObject(
				unavailable,
			);
			await closing.close();
			expect(fatal).toEqual([]);
			own.remove();
		}, 30_000);
	});
}
