import { afterAll, beforeAll } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import type { OpLog } from "../../src/documents/op-log.ts";
import type { CreateTestDatabase } from "../support/test-database.ts";
import { opLogOf } from "./desk.ts";

export interface OpLogs {
	log: OpLog;
	/** Writes beside `log`: over connections of its own where the database takes more than one process. */
	other: OpLog;
}

/** Two op logs over one new database, for the tests of the enclosing `describe`. */
export function useOpLogs(create: CreateTestDatabase): OpLogs {
	const logs = {} as OpLogs;
	let end = async (): Promise<void> => {};
	beforeAll(async () => {
		const { config, remove } = await create();
		const database = await openDatabase(config);
		const second: Database =
			config.kind === "sqlite" ? database : await openDatabase(config);
		Object.assign(logs, { log: opLogOf(database), other: opLogOf(second) });
		end = async () => {
			await database.close();
			if (second !== database) await second.close();
			remove();
		};
	}, 60_000);
	afterAll(() => end());
	return logs;
}
