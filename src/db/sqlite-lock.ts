import { join } from "node:path";
import SqliteDatabase, { type Database } from "better-sqlite3";
import { CollabError } from "../protocol/errors.ts";
import { thrownSqliteError } from "./sqlite-errors.ts";

/** A lock on the data directory that the operating system drops with its process, however that ends. */
export class DirectoryLock {
	readonly #db: Database;

	private constructor(db: Database) {
		this.#db = db;
	}

	/** Throws `UNAVAILABLE` (`reason: "locked"`) at once when another process holds it. */
	static take(dataDir: string): DirectoryLock {
		const file = join(dataDir, "prdtool.lock");
		let db: Database | undefined;
		try {
			db = new SqliteDatabase(file, { timeout: 0 });
			db.exec("begin exclusive");
			return new DirectoryLock(db);
		} catch (cause) {
			db?.close();
			const error = thrownSqliteError(cause);
			if (!String(error.data?.cause).startsWith("SQLITE_BUSY")) throw error;
			throw new CollabError(
				"UNAVAILABLE",
				`Another process is using the data directory ${dataDir}`,
				{ reason: "locked" },
				{ cause },
			);
		}
	}

	release(): void {
		this.#db.close();
	}
}
