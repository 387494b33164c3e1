import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { sql } from "kysely";
import pg from "pg";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import type { OpLog } from "../../src/documents/op-log.ts";
import type { RoomStore } from "../../src/rooms/room-store.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";
import { createPostgresDatabase, startPostgres } from "../support/postgres.ts";
import { CommittingChild } from "./child.ts";
import { newDocId, openDesk, opLogOf, wholeLog } from "./desk.ts";

const ann = "ann" as UserId;

async function newRoom(rooms: RoomStore): Promise<DocId> {
	const roomId = newDocId();
	await rooms.create(
		{
			roomId,
			kind: "room",
			title: "before",
			visibility: "private",
			metadata: {},
			createdAtMs: 0,
		},
		ann,
	);
	return roomId;
}

describe("a PostgreSQL server that is busy with others", () => {
	let url: string;
	let database: Database;
	let rooms: RoomStore;
	let other: pg.Client;

	beforeAll(async () => {
		url = await createPostgresDatabase();
		const name = new URL(url).pathname.slice(1);
		const first = new pg.Client({ connectionString: url });
		await first.connect();
		// Who waits for a lock finds a deadlock at once; `other` never does.
		await first.query(`alter database ${name} set deadlock_timeout = '20ms'`);
		await first.end();
		database = await openDatabase({ kind: "postgres", url });
		rooms = new SqlRoomStore(database);
		other = new pg.Client({ connectionString: url });
		await other.connect();
		await other.query("set deadlock_timeout = '1h'");
	}, 60_000);
	afterAll(async () => {
		await other.end();
		await database.close();
	});

	/** Resolves once a statement of ours waits for a lock of `other`. */
	async function untilWaiting(): Promise<void> {
		for (;;) {
			const { rows } = await other.query(
				"select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
			);
			if (rows.length > 0) return;
		}
	}
	const setTitle = (roomId: DocId, title: string) =>
		other.query("update rooms set title = $2 where room_id = $1", [
			roomId,
			title,
		]);
	const titlesOf = async (ids: readonly DocId[]) =>
		(await Promise.all(ids.map((id) => rooms.find(id)))).map(
			(room) => room?.title,
		);

	it("[DB-13] a batch that was the victim of a deadlock is repeated, as a whole", async () => {
		const ids = [await newRoom(rooms), await newRoom(rooms)] as const;
		const [one, two] = ids;
		const mine = (roomId: DocId) =>
			database.kysely
				.updateTable("rooms")
				.set({ title: sql`title || '+mine'` })
				.where("room_id", "=", roomId)
				.compile();
		await other.query("begin");
		await setTitle(two, "other");
		const batch = database.batch([{ query: mine(one) }, { query: mine(two) }]);
		await untilWaiting();
		await setTitle(one, "other");
		await other.query("commit");
		expect(await batch).toEqual([1, 1]);
		expect(await titlesOf(ids)).toEqual(["other+mine", "other+mine"]);
	});

	it("[DB-13] a room's write that met a serialization failure is repeated", async () => {
		const roomId = await newRoom(rooms);
		const strict = new URL(url);
		strict.searchParams.set(
			"options",
			"-c default_transaction_isolation=serializable",
		);
		const own = await openDatabase({ kind: "postgres", url: strict.href });
		await other.query("begin");
		await setTitle(roomId, "other");
		const written = new SqlRoomStore(own).setTitle(roomId, "mine");
		await untilWaiting();
		await other.query("commit");
		await written;
		expect(await titlesOf([roomId])).toEqual(["mine"]);
		await own.close();
	}, 30_000);

	it("[DB-24] a statement that takes too long is given up by the server, before its client does", async () => {
		const { rows } = await sql<{
			name: string;
			ms: number;
		}>`select name, setting::integer as ms from pg_settings
			where name in ('statement_timeout', 'idle_in_transaction_session_timeout') order by name`.execute(
			database.kysely,
		);
		expect(rows.map(({ ms }) => ms)).toEqual([20_000, 10_000]);
		const hasty = await openDatabase({
			kind: "postgres",
			url: `${url}?statement_timeout=100`,
		});
		const roomId = await newRoom(rooms);
		await other.query("begin");
		await setTitle(roomId, "other");
		await expect(
			new SqlRoomStore(hasty).setTitle(roomId, "late"),
		).rejects.toMatchObject({
			code: "UNAVAILABLE",
			data: { cause: "57014" },
		});
		await other.query("commit");
		expect(await titlesOf([roomId])).toEqual(["other"]);
		await new SqlRoomStore(hasty).setTitle(roomId, "now");
		expect(await titlesOf([roomId])).toEqual(["now"]);
		await hasty.close();
	}, 30_000);
});

describe("PostgreSQL and several processes", () => {
	it("[DB-25] that start at once on an empty database bring it up to date together", async () => {
		const url = await createPostgresDatabase();
		const config = { kind: "postgres", url } as const;
		const documents = [newDocId(), newDocId(), newDocId()];
		const children = documents.map(
			(docId) => new CommittingChild(config, docId),
		);
		await Promise.all(children.map((child) => child.advance(2)));
		for (const child of children) await child.kill();
		const database = await openDatabase(config);
		const log = opLogOf(database);
		for (const [i, docId] of documents.entries()) {
			const { docKey } = await log.open(docId);
			const { length } = await wholeLog(log, docKey);
			expect(length).toBeGreaterThanOrEqual(children[i]?.acknowledged ?? 1);
		}
		await database.close();
	}, 60_000);
});

describe("a PostgreSQL server that crashes and comes back", () => {
	let server: Awaited<ReturnType<typeof startPostgres>>;
	let database: Database;
	let log: OpLog;
	let rooms: RoomStore;
	beforeAll(async () => {
		server = await startPostgres();
		database = await openDatabase({ kind: "postgres", url: server.url });
		log = opLogOf(database);
		rooms = new SqlRoomStore(database);
	}, 60_000);
	afterAll(async () => {
		await database.close();
		await server.stop();
	});

	it("[DB-26] is used again without a restart of ours, and has all that was acknowledged", async () => {
		const desk = await openDesk(log);
		expect(await log.commit([desk.group(0, 3)])).toEqual(["committed"]);
		const roomId = await newRoom(rooms);
		// All connections of the pool are in use when it crashes.
		const sleepers = Array.from({ length: 10 }, () =>
			sql`select pg_sleep(60)`.execute(database.kysely),
		);
		const lost = Promise.allSettled(sleepers);
		const crash = server.restart();
		for (const outcome of await lost)
			expect(outcome).toMatchObject({
				status: "rejected",
				reason: { code: "UNAVAILABLE" },
			});
		await crash;
		expect(await wholeLog(log, desk.docKey)).toHaveLength(3);
		expect(await rooms.findRole(roomId, ann)).toBe("owner");
		const head = await log.settleHead(desk.docKey);
		expect(await log.commit([desk.group(head)])).toEqual(["committed"]);
	}, 60_000);

	it("[DB-26] also with connections that had nothing to do meanwhile", async () => {
		const ids = Array.from({ length: 10 }, () => randomUUID() as DocId);
		await Promise.all(ids.map((id) => rooms.find(id)));
		await server.restart();
		await Promise.all(ids.map((id) => rooms.find(id)));
	}, 60_000);
});
