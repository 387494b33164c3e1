import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateTestDatabase } from "./test-database.ts";

export interface DataDir {
	readonly path: string;
	remove(): void;
}

/** An empty data directory of its own. */
export function createDataDir(): DataDir {
	const path = mkdtempSync(join(tmpdir(), "prdtool-data-"));
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const createSqlite: CreateTestDatabase = async () => {
	const { path, remove } = createDataDir();
	return {
		config: { kind: "sqlite", dataDir: path, synchronous: "FULL" },
		remove,
	};
};
