import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { factFeedContract } from "./fact-feed.contract.ts";

factFeedContract("SQLite", createSqlite);
factFeedContract("PostgreSQL", createPostgres);
