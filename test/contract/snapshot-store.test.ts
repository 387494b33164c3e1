import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { snapshotStoreContract } from "./snapshot-store.contract.ts";

snapshotStoreContract("SQLite", createSqlite);
snapshotStoreContract("PostgreSQL", createPostgres);
