import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { documentEraserContract } from "./document-eraser.contract.ts";

documentEraserContract("SQLite", createSqlite);
documentEraserContract("PostgreSQL", createPostgres);
