import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { roomStoreContract } from "./room-store.contract.ts";

roomStoreContract("SQLite", createSqlite);
roomStoreContract("PostgreSQL", createPostgres);
