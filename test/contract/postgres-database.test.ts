import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { sql } from "kysely";
import pg, { type PoolClient } from "pg";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { commitGroups } from "../../src/db/postgres-commit.ts";
import { Connections } from "../../src/db/postgres-pool.ts";
import type { OpLog } from "../../src/documents/op-log.ts";
import { createPostgresDatabase } from "../support/postgres.ts";
import { type Desk, newDocId, openDesk, opLogOf, wholeLog } from "./desk.ts";

/** Resolves once a statement of another connection waits for a lock; returns its process id. */
async function waitingProcess(pool: pg.Pool): Promise<number> {
	for (;;) {
		const { rows } = await pool.query<{ pid: number }>(
			"select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
		);
		if (rows[0] !== undefined) return rows[0].pid;
	}
}

/** The connections, with every failure of a query noted by its code. */
const noting = (connections: Connections, codes: string[]) =>
	({
		query: (config: { text: string }) =>
			connections.query(config).catch((error: { code: string }) => {
				codes.push(error.code);
				throw error;
			}),
	}) as unknown as Connections;

describe("PostgreSQL database", () => {
	let url: string;
	let database: Database;
	let log: OpLog;
	let pool: pg.Pool;
	let connections: Connections;

	/** Holds the row lock of a document, as a flush of another node would. */
	async function holdLock({ docKey }: Desk): Promise<PoolClient> {
		const client = await pool.connect();
		await client.query("begin");
		await client.query("update documents set head = head where id = $1", [
			docKey,
		]);
		return client;
	}

	beforeAll(async () => {
		url = await createPostgresDatabase();
		// Several nodes start on an empty database at once.
		const [first, ...others] = await Promise.all(
			[1, 2, 3].map(() => openDatabase({ kind: "postgres", url })),
		);
		for (const other of others) await other.close();
		if (first === undefined) throw new Error("Not opened");
		database = first;
		log = opLogOf(database);
		connections = await Connections.open(url);
		pool = new pg.Pool({ connectionString: url });
	}, 60_000);
	afterAll(async () => {
		await pool.end();
		await connections.close();
		await database.close();
	});

	it("[DB-11] tells what durability is really in force", async () => {
		expect(database.durability()).toEqual({
			survivesPowerLoss: true,
			settings: {
				synchronous_commit: "on",
				fsync: "on",
				full_page_writes: "on",
			},
		});
		const name = new URL(url).pathname.slice(1);
		await pool.query(`alter database ${name} set synchronous_commit = off`);
		const weak = await openDatabase({ kind: "postgres", url });
		await pool.query(`alter database ${name} reset synchronous_commit`);
		expect(weak.durability()).toMatchObject({
			survivesPowerLoss: false,
			settings: { synchronous_commit: "off" },
		});
		await weak.close();
	});

	it("[DB-12] flushes that share documents in opposite order do not deadlock", async () => {
		const desks = await Promise.all(
			Array.from({ length: 20 }, () => openDesk(log)),
		);
		// In a small table rows are found, and so locked, in the same order whatever is asked.
		await pool.query(
			"insert into documents (doc_id, head, epoch, horizon, created_at) select 'many-' || n, 0, '', 0, 0 from generate_series(1, 20000) n",
		);
		await pool.query("analyze documents");
		const codes: string[] = [];
		const noted = noting(connections, codes);
		for (let round = 0; round < 15; round += 1) {
			const heads = await log.heads(desks.map(({ docKey }) => docKey));
			const groups = desks.map((desk, index) => desk.group(heads[index] ?? 0));
			await Promise.all(
				Array.from({ length: 8 }, (_, index) =>
					commitGroups(noted, index % 2 === 0 ? groups : groups.toReversed()),
				),
			);
		}
		expect(codes).toEqual([]);
		expect(await log.heads(desks.map(({ docKey }) => docKey))).toEqual(
			desks.map(() => 15),
		);
	}, 60_000);

	it("[DB-13] a flush that was the victim of a deadlock or a serialization failure is repeated", async () => {
		const desk = await openDesk(log);
		const failures = ["40P01", "40001"];
		const failing = {
			query: (config: { text: string }) => {
				const code = failures.pop();
				return code === undefined
					? connections.query(config)
					: Promise.reject(
							Object.assign(new Error(code), { code, severity: "ERROR" }),
						);
			},
		} as unknown as Connections;
		expect(await commitGroups(failing, [desk.group(0)])).toEqual(["committed"]);
		expect(failures).toEqual([]);
	});

	it("[DB-14] text that PostgreSQL cannot hold is refused with its group, and with no other", async () => {
		const desks = await Promise.all(
			Array.from({ length: 5 }, () => openDesk(log)),
		);
		const groups = desks.map((desk, index) =>
			desk.groupOf(0, [
				desk.row(1, index === 2 ? { payloadHash: "nul\u0000" } : {}),
			]),
		);
		expect(await log.commit(groups)).toEqual([
			"committed",
			"committed",
			"refused",
			"committed",
			"committed",
		]);
	});

	it("[DB-15] the settled head waits for a statement that still runs", async () => {
		const desk = await openDesk(log);
		const holder = await holdLock(desk);
		await holder.query("update documents set head = 41 where id = $1", [
			desk.docKey,
		]);
		const settled = log.settleHead(desk.docKey);
		await waitingProcess(pool);
		expect(await log.heads([desk.docKey])).toEqual([0]);
		await holder.query("commit");
		holder.release();
		expect(await settled).toBe(41);
	});

	it("[DB-16] a flush whose connection is lost rejects as unavailable, and the next one goes through", async () => {
		const desk = await openDesk(log);
		const holder = await holdLock(desk);
		const flush = log.commit([desk.group(0)]);
		const lost = expect(flush).rejects.toMatchObject({ code: "UNAVAILABLE" });
		await pool.query("select pg_terminate_backend($1)", [
			await waitingProcess(pool),
		]);
		await lost;
		await holder.query("rollback");
		holder.release();
		expect(await log.settleHead(desk.docKey)).toBe(0);
		expect(await log.commit([desk.group(0)])).toEqual(["committed"]);
		expect(await wholeLog(log, desk.docKey)).toHaveLength(1);
	});

	it("[DB-17] reads report a lost connection as unavailable, and the next one goes through", async () => {
		const desk = await openDesk(log);
		const holder = await holdLock(desk);
		const read = log.settleHead(desk.docKey);
		const lost = expect(read).rejects.toMatchObject({ code: "UNAVAILABLE" });
		await pool.query("select pg_terminate_backend($1)", [
			await waitingProcess(pool),
		]);
		await lost;
		await holder.query("rollback");
		holder.release();
		expect(await log.settleHead(desk.docKey)).toBe(0);
	});

	it("[DB-18] a server that cannot be reached, or does not answer, is reported within 5 s", async () => {
		const silent = createServer().listen(0, "127.0.0.1");
		await once(silent, "listening");
		const address = silent.address();
		const port = typeof address === "object" && address ? address.port : 0;
		for (const bad of [
			`postgres://postgres@127.0.0.1:${port}/test`,
			"postgres://postgres@127.0.0.1:1/test",
			`${url}_missing`,
		]) {
			const before = performance.now();
			await expect(
				openDatabase({ kind: "postgres", url: bad }),
			).rejects.toMatchObject({ code: "UNAVAILABLE" });
			expect(performance.now() - before).toBeLessThan(5_000);
		}
		silent.close();
	}, 20_000);

	it("[DB-19] a connection that breaks inside a transaction makes it unavailable, and harms nothing else", async () => {
		const broken = database.kysely
			.transaction()
			.execute(async (transaction) => {
				const mine = await sql<{
					pid: number;
				}>`select pg_backend_pid() as pid`.execute(transaction);
				const { pid } = mine.rows[0] ?? { pid: 0 };
				await pool.query("select pg_terminate_backend($1, 5000)", [pid]);
				await transaction.selectFrom("documents").selectAll().execute();
			});
		await expect(broken).rejects.toMatchObject({ code: "UNAVAILABLE" });
		expect(await log.find(newDocId())).toBeUndefined();
	});
});
