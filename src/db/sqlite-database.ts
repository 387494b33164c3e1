import { mkdirSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase, { type Database as Connection } from "better-sqlite3";
import {
	type DialectAdapter,
	Kysely,
	SqliteAdapter,
	SqliteDialect,
} from "kysely";
import type { CommitGroup, CommitOutcome } from "../documents/op-log.ts";
import { CollabError } from "../protocol/errors.ts";
import type {
	BatchStep,
	Database,
	DatabaseConfig,
	Durability,
} from "./database.ts";
import { migrate } from "./migrate.ts";
import { type Cell, cellsOf, commitGapless } from "./op-row.ts";
import type { Schema } from "./schema.ts";
import { SplitSqliteDialect } from "./sqlite-dialect.ts";
import { thrownSqliteError } from "./sqlite-errors.ts";
import { DirectoryLock } from "./sqlite-lock.ts";
import type { FlatFlush, InForce, WriterSettings } from "./sqlite-messages.ts";
import { startWriter, WriterThread } from "./sqlite-writer-thread.ts";

type SqliteConfig = DatabaseConfig & { readonly kind: "sqlite" };

/** SQLite rolls table changes back like any other; Kysely's adapter does not count on it. */
class MigratingDialect extends SqliteDialect {
	override createAdapter(): DialectAdapter {
		return new (class extends SqliteAdapter {
			override get supportsTransactionalDdl(): boolean {
				return true;
			}
		})();
	}
}

function makeDirectory(dataDir: string): void {
	try {
		mkdirSync(dataDir, { recursive: true });
	} catch (cause) {
		throw new CollabError(
			"UNAVAILABLE",
			`The data directory ${dataDir} cannot be made`,
			{ reason: "directory" },
			{ cause },
		);
	}
}

async function migrateFile(file: string): Promise<void> {
	const connection = new SqliteDatabase(file);
	connection.pragma("journal_mode = WAL");
	connection.pragma("synchronous = FULL");
	const kysely = new Kysely<unknown>({
		dialect: new MigratingDialect({ database: connection }),
	});
	try {
		await migrate("sqlite", kysely);
	} finally {
		await kysely.destroy();
		connection.close();
	}
}

function requireLevel(inForce: InForce, { synchronous }: WriterSettings): void {
	if (inForce.synchronous === synchronous) return;
	throw new CollabError(
		"UNAVAILABLE",
		`SQLite runs with synchronous=${inForce.synchronous} instead of ${synchronous}`,
		{ reason: "durability" },
	);
}

function flatten(groups: readonly CommitGroup[]): FlatFlush {
	const heads: number[] = [];
	const cells: Cell[] = [];
	for (const { docKey, head, fence, rows } of groups) {
		heads.push(docKey, head, fence, rows.length);
		for (const row of rows) cells.push(...cellsOf(row));
	}
	return { groups: heads, cells };
}

/** SQLite in one directory: a writer thread, a read connection on this thread, and a lock that keeps others out. */
export class SqliteSide implements Database {
	readonly kind = "sqlite";
	readonly kysely: Kysely<Schema>;
	readonly #lock: DirectoryLock;
	readonly #writer: WriterThread;
	readonly #reader: Connection;
	readonly #inForce: InForce;

	private constructor(
		lock: DirectoryLock,
		writer: WriterThread,
		reader: Connection,
		inForce: InForce,
	) {
		this.#lock = lock;
		this.#writer = writer;
		this.#reader = reader;
		this.#inForce = inForce;
		this.kysely = new Kysely<Schema>({
			dialect: new SplitSqliteDialect(writer, reader),
		});
	}

	/** Throws `UNAVAILABLE`: locked by another process, not writable, or less durable than configured. */
	static async open(
		{ dataDir, synchronous }: SqliteConfig,
		onFatal: (error: CollabError) => void,
	): Promise<SqliteSide> {
		makeDirectory(dataDir);
		const lock = DirectoryLock.take(dataDir);
		try {
			const file = join(dataDir, "prdtool.db");
			await migrateFile(file);
			return await SqliteSide.#connect(lock, { file, synchronous }, onFatal);
		} catch (error) {
			lock.release();
			throw error instanceof CollabError ? error : thrownSqliteError(error);
		}
	}

	static async #connect(
		lock: DirectoryLock,
		settings: WriterSettings,
		onFatal: (error: CollabError) => void,
	): Promise<SqliteSide> {
		const writer = new WriterThread(startWriter(settings), onFatal);
		try {
			const inForce = await writer.ready;
			requireLevel(inForce, settings);
			const reader = new SqliteDatabase(settings.file, { readonly: true });
			return new SqliteSide(lock, writer, reader, inForce);
		} catch (error) {
			await writer.close();
			throw error;
		}
	}

	batch(steps: readonly BatchStep[]): Promise<readonly number[]> {
		return this.#writer.ask({
			kind: "batch",
			steps: steps.map(({ query, required = false }) => ({
				sql: query.sql,
				parameters: query.parameters,
				required,
			})),
		});
	}

	commit(groups: readonly CommitGroup[]): Promise<readonly CommitOutcome[]> {
		return commitGapless(groups, (gapless) =>
			this.#writer.ask({ kind: "commit", flush: flatten(gapless) }),
		);
	}

	durability(): Durability {
		return {
			survivesPowerLoss: this.#inForce.synchronous === "FULL",
			settings: { ...this.#inForce },
		};
	}

	/** Lets everything that was asked before finish. */
	async close(): Promise<void> {
		this.#reader.close();
		await this.#writer.close();
		this.#lock.release();
	}
}
