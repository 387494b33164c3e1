import type { PostgresPool, PostgresPoolClient } from "kysely";
import type { Pool, PoolClient, QueryConfig } from "pg";
import { databaseClosed } from "./database-closed.ts";
import { postgresError, sparesConnection } from "./postgres-errors.ts";

const CONNECT_TIMEOUT_MS = 4_000;
/** A connection whose server has vanished would otherwise hang for the kernel's quarter of an hour. */
const QUERY_TIMEOUT_MS = 15_000;
/** The server gives up first: what its client has given up must not be carried out later. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** Its node has stalled or vanished in a transaction, and others wait for its locks. */
const IDLE_IN_TRANSACTION_MS = 20_000;
const IDLE_TIMEOUT_MS = 60_000;
const INT8_OID = 20;

async function openPool(url: string, forMigration: boolean): Promise<Pool> {
	const { default: pg } = await import("pg");
	const pool = new pg.Pool({
		connectionString: url,
		application_name: "prdtool",
		max: forMigration ? 1 : 10,
		connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
		idleTimeoutMillis: IDLE_TIMEOUT_MS,
		keepAlive: true,
		...(forMigration
			? {}
			: {
					query_timeout: QUERY_TIMEOUT_MS,
					statement_timeout: STATEMENT_TIMEOUT_MS,
					idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
				}),
		types: {
			// 64-bit columns hold times and seqs, all of them safe integers.
			getTypeParser: (oid: number, format?: "text" | "binary") =>
				oid === INT8_OID && format !== "binary"
					? Number
					: pg.types.getTypeParser(oid, format),
		},
	});
	// A connection that breaks tells its query, if any, and leaves the pool; unheard, the event would end the process.
	pool.on("error", () => {});
	pool.on("connect", (client) => client.on("error", () => {}));
	return pool;
}

/** One of the pool's connections as Kysely uses it, with the product's errors. */
class LeasedConnection {
	readonly #client: PoolClient;
	readonly #released: () => void;
	#broken = false;

	constructor(client: PoolClient, released: () => void) {
		this.#client = client;
		this.#released = released;
	}

	async query(text: string, values: readonly unknown[]): Promise<unknown> {
		try {
			return await this.#client.query(text, [...values]);
		} catch (error) {
			this.#broken ||= !sparesConnection(error);
			throw postgresError(error);
		}
	}

	release(destroy = false): void {
		this.#client.release(destroy || this.#broken);
		this.#released();
	}
}

/** The connections of this process to one PostgreSQL database; opened on demand. */
export class Connections {
	readonly #pool: Pool;
	readonly #running = new Set<Promise<unknown>>();
	#closed: Promise<void> | undefined;

	private constructor(pool: Pool) {
		this.#pool = pool;
	}

	/** For daily work, or (`forMigration`) one that may wait long for the lock of another node's migration. */
	static async open(url: string, forMigration = false): Promise<Connections> {
		return new Connections(await openPool(url, forMigration));
	}

	/** Runs one statement. Throws the driver's own errors, for those who must tell them apart. */
	async query<Row extends object>(
		config: QueryConfig,
	): Promise<{ readonly rows: readonly Row[] }> {
		if (this.#closed !== undefined) throw databaseClosed();
		return this.#track(this.#pool.query<Row>(config));
	}

	/** For Kysely, whose end does nothing: who opened the connections closes them. */
	get forKysely(): PostgresPool {
		return {
			options: this.#pool.options,
			connect: () => this.#lease(),
			end: async () => {},
		};
	}

	/** Lets running statements and transactions finish. */
	close(): Promise<void> {
		// The pool forgets requests that still wait for a connection when it ends.
		this.#closed ??= Promise.allSettled(this.#running).then(() =>
			this.#pool.end(),
		);
		return this.#closed;
	}

	async #lease(): Promise<PostgresPoolClient> {
		if (this.#closed !== undefined) throw databaseClosed();
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#track(promise);
		try {
			const client = await this.#pool.connect();
			// Kysely's type also asks for cursors, which nobody here opens.
			return new LeasedConnection(
				client,
				resolve,
			) as unknown as PostgresPoolClient;
		} catch (error) {
			resolve();
			throw postgresError(error);
		}
	}

	#track<Result>(running: Promise<Result>): Promise<Result> {
		const forget = (): void => {
			this.#running.delete(running);
		};
		this.#running.add(running);
		running.then(forget, forget);
		return running;
	}
}
