import type { Database } from "better-sqlite3";
import {
	type CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	type DialectAdapter,
	type Driver,
	type Kysely,
	type QueryCompiler,
	type QueryResult,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
} from "kysely";
import { CollabError } from "../protocol/errors.ts";
import { databaseClosed } from "./database-closed.ts";
import { thrownSqliteError } from "./sqlite-errors.ts";
import type { WriterThread } from "./sqlite-writer-thread.ts";
import { StatementCache } from "./statement-cache.ts";

/** Selects that Kysely built run here, on the read connection; everything else, raw SQL included, on the writer. */
class SplitConnection implements DatabaseConnection {
	readonly #writer: WriterThread;
	readonly #reader: Database;
	readonly #statements: StatementCache;

	constructor(writer: WriterThread, reader: Database) {
		this.#writer = writer;
		this.#reader = reader;
		this.#statements = new StatementCache(reader);
	}

	async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
		const { sql, parameters } = query;
		if (query.query.kind === "SelectQueryNode")
			return { rows: this.#read<Row>(sql, parameters) };
		const { rows, changes, insertId } = await this.#writer.ask({
			kind: "run",
			statement: { sql, parameters },
		});
		return {
			rows: rows as Row[],
			numAffectedRows: BigInt(changes),
			insertId: BigInt(insertId),
		};
	}

	#read<Row>(sql: string, parameters: readonly unknown[]): Row[] {
		if (!this.#reader.open) throw databaseClosed();
		try {
			return this.#statements.get(sql).all(...parameters) as Row[];
		} catch (error) {
			throw thrownSqliteError(error);
		}
	}

	// biome-ignore lint/correctness/useYield: the interface asks for a generator
	async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
		throw noTransactions();
	}
}

const noTransactions = (): CollabError =>
	new CollabError("INTERNAL", "Use batch or commit", {
		reason: "transaction",
	});

class SplitDriver implements Driver {
	readonly #connection: SplitConnection;

	constructor(connection: SplitConnection) {
		this.#connection = connection;
	}

	async init(): Promise<void> {}
	async acquireConnection(): Promise<DatabaseConnection> {
		return this.#connection;
	}
	/** An open transaction would have to keep everybody else's statements out of the writer. */
	async beginTransaction(): Promise<void> {
		throw noTransactions();
	}
	async commitTransaction(): Promise<void> {
		throw noTransactions();
	}
	async rollbackTransaction(): Promise<void> {
		throw noTransactions();
	}
	async releaseConnection(): Promise<void> {}
	async destroy(): Promise<void> {}
}

/** Statements need not wait for each other: the writer keeps their order. */
class SplitAdapter extends SqliteAdapter {
	override get supportsMultipleConnections(): boolean {
		return true;
	}
}

/** Kysely on top of the writer thread and a read-only connection of this thread. */
export class SplitSqliteDialect implements Dialect {
	readonly #connection: SplitConnection;

	constructor(writer: WriterThread, reader: Database) {
		this.#connection = new SplitConnection(writer, reader);
	}

	createDriver(): Driver {
		return new SplitDriver(this.#connection);
	}
	createQueryCompiler(): QueryCompiler {
		return new SqliteQueryCompiler();
	}
	createAdapter(): DialectAdapter {
		return new SplitAdapter();
	}
	createIntrospector(db: Kysely<unknown>): SqliteIntrospector {
		return new SqliteIntrospector(db);
	}
}
