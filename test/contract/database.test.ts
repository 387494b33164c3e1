import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { databaseContract } from "./database.contract.ts";

databaseContract("SQLite", createSqlite);
databaseContract("PostgreSQL", createPostgres);
