import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { approvalStoreContract } from "./approval-store.contract.ts";

approvalStoreContract("SQLite", createSqlite);
approvalStoreContract("PostgreSQL", createPostgres);
