import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { opLogContract } from "./op-log.contract.ts";
import { opLogCrowdContract } from "./op-log-crowd.contract.ts";
import { opLogFenceContract } from "./op-log-fence.contract.ts";
import { opLogSurvivalContract } from "./op-log-survival.contract.ts";

for (const contract of [
	opLogContract,
	opLogCrowdContract,
	opLogFenceContract,
	opLogSurvivalContract,
]) {
	contract("SQLite", createSqlite);
	contract("PostgreSQL", createPostgres);
}
