import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { versionStoreContract } from "./version-store.contract.ts";

versionStoreContract("SQLite", createSqlite);
versionStoreContract("PostgreSQL", createPostgres);
