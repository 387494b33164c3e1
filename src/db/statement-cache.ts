import type { Database, Statement } from "better-sqlite3";

const LIMIT_STATEMENTS = 256;

/** Prepared statements of one SQLite connection by their text; emptied when it grows past its limit. */
export class StatementCache {
	readonly #db: Database;
	readonly #statements = new Map<string, Statement<unknown[]>>();

	constructor(db: Database) {
		this.#db = db;
	}

	get(sql: string): Statement<unknown[]> {
		const known = this.#statements.get(sql);
		if (known !== undefined) return known;
		if (this.#statements.size >= LIMIT_STATEMENTS) this.#statements.clear();
		const statement = this.#db.prepare<unknown[]>(sql);
		this.#statements.set(sql, statement);
		return statement;
	}
}
