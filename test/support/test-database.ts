import type { DatabaseConfig } from "../../src/db/database.ts";

/** An empty database of a test's own. */
export interface TestDatabase {
	readonly config: DatabaseConfig;
	/** Call it after everything that uses the database is closed. */
	remove(): void;
}

export type CreateTestDatabase = () => Promise<TestDatabase>;
