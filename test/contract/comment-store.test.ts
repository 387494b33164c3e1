import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { commentStoreContract } from "./comment-store.contract.ts";

commentStoreContract("SQLite", createSqlite);
commentStoreContract("PostgreSQL", createPostgres);
