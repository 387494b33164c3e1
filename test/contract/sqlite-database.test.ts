import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { sql } from "kysely";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import {
	startWriter,
	WriterThread,
} from "../../src/db/sqlite-writer-thread.ts";
import type { CollabError } from "../../src/protocol/errors.ts";
import { createDataDir, type DataDir } from "../support/sqlite.ts";
import { CommittingChild } from "./child.ts";
import { newDocId, openDesk, opLogOf, wholeLog } from "./desk.ts";

const LOCKED = { code: "UNAVAILABLE", data: { reason: "locked" } };
const IN_TIME_MS = 2_000;

describe("SQLite database", () => {
	let dataDir: DataDir;
	let opened: Database[];
	const open = async (
		synchronous: "FULL" | "NORMAL" = "FULL",
	): Promise<Database> => {
		const database = await openDatabase({
			kind: "sqlite",
			dataDir: dataDir.path,
			synchronous,
		});
		opened.push(database);
		return database;
	};

	beforeEach(() => {
		dataDir = createDataDir();
		opened = [];
	});
	afterEach(async () => {
		for (const database of opened) await database.close();
		dataDir.remove();
	});

	it("[DB-1] tells what durability is really in force", async () => {
		const full = await open();
		expect(full.durability()).toEqual({
			survivesPowerLoss: true,
			settings: { synchronous: "FULL", journal_mode: "wal" },
		});
		await full.close();
		expect((await open("NORMAL")).durability()).toMatchObject({
			survivesPowerLoss: false,
			settings: { synchronous: "NORMAL" },
		});
	});

	it("[DB-2] a second opening of the same directory is refused at once while the first lives", async () => {
		await open();
		const before = performance.now();
		await expect(open()).rejects.toMatchObject(LOCKED);
		expect(performance.now() - before).toBeLessThan(IN_TIME_MS);
	});

	it("[DB-3] another process is refused while the first lives, and admitted after its kill -9", async () => {
		const docId = newDocId();
		await using child = new CommittingChild(
			{ kind: "sqlite", dataDir: dataDir.path, synchronous: "FULL" },
			docId,
		);
		await child.advance(1);
		const before = performance.now();
		await expect(open()).rejects.toMatchObject(LOCKED);
		expect(performance.now() - before).toBeLessThan(IN_TIME_MS);
		await child.kill();
		const log = opLogOf(await open());
		const head = await log.find(docId);
		expect(head?.head).toBeGreaterThanOrEqual(child.acknowledged);
	}, 30_000);

	it("[DB-4] a full disk rejects the whole flush as unavailable and leaves nothing of it", async () => {
		const database = await open();
		const { kysely } = database;
		const log = opLogOf(database);
		const [small, large] = [await openDesk(log), await openDesk(log)];
		await log.commit([small.group(0)]);
		await sql`pragma max_page_count = 1`.execute(kysely);
		const long = large.row(1, { op: { t: ["x".repeat(100_000)], m: [] } });
		await expect(
			log.commit([small.group(1), large.groupOf(0, [long])]),
		).rejects.toMatchObject({
			code: "UNAVAILABLE",
			data: { cause: "SQLITE_FULL" },
		});
		expect(await log.heads([small.docKey, large.docKey])).toEqual([1, 0]);
		expect(await wholeLog(log, small.docKey)).toHaveLength(1);
		await sql`pragma max_page_count = 1000000`.execute(kysely);
		expect(
			await log.commit([small.group(1), large.groupOf(0, [long])]),
		).toEqual(["committed", "committed"]);
	});

	it("[DB-5] a read-only database rejects flushes as unavailable and still reads", async () => {
		const database = await open();
		const log = opLogOf(database);
		const desk = await openDesk(log);
		await log.commit([desk.group(0)]);
		await sql`pragma query_only = on`.execute(database.kysely);
		await expect(log.commit([desk.group(1)])).rejects.toMatchObject({
			code: "UNAVAILABLE",
			data: { cause: "SQLITE_READONLY" },
		});
		expect(await wholeLog(log, desk.docKey)).toHaveLength(1);
	});

	it("[DB-6] when the writer dies, what is pending and what comes later is unavailable, and that is told once", async () => {
		await (await open()).close();
		const file = join(dataDir.path, "prdtool.db");
		const worker = startWriter({ file, synchronous: "FULL" });
		const fatal: CollabError[] = [];
		const thread = new WriterThread(worker, (error) => fatal.push(error));
		await thread.ready;
		const statement = { sql: "select 1", parameters: [] };
		const exited = new Promise((resolve) => worker.once("exit", resolve));
		// A message that is no request throws where nothing catches.
		worker.postMessage(null);
		const died = { code: "UNAVAILABLE", data: { reason: "writer" } };
		const pending = [1, 2].map(() => thread.ask({ kind: "run", statement }));
		for (const { reason } of (await Promise.allSettled(
			pending,
		)) as PromiseRejectedResult[])
			expect(reason).toMatchObject(died);
		await exited;
		await expect(thread.ask({ kind: "run", statement })).rejects.toMatchObject(
			died,
		);
		expect(fatal).toHaveLength(1);
	});

	it("[DB-22] the settled head counts the commits that were asked before it", async () => {
		const log = opLogOf(await open());
		const desk = await openDesk(log);
		expect(await log.settleHead(desk.docKey)).toBe(0);
		// Large enough to be under way still when the head is read.
		const large = desk.group(0, 3_000);
		const asked = [log.commit([large]), log.settleHead(desk.docKey)];
		expect(await Promise.all(asked)).toEqual([["committed"], 3_000]);
	});

	it("[DB-23] a data directory that cannot be made is unavailable, and says which", async () => {
		const file = join(dataDir.path, "a-file");
		writeFileSync(file, "");
		const inFile = join(file, "data");
		await expect(
			openDatabase({ kind: "sqlite", dataDir: inFile, synchronous: "FULL" }),
		).rejects.toMatchObject({
			code: "UNAVAILABLE",
			message: expect.stringContaining(inFile),
			data: { reason: "directory" },
		});
	});
});
