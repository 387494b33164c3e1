import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { DatabaseKind } from "../database.ts";

/** What has happened in documents, for those who react to it. */
export const facts0007 = (kind: DatabaseKind): Migration => ({
	async up(db: Kysely<unknown>) {
		const isPostgres = kind === "postgres";
		await db.schema
			.createTable("facts")
			.addColumn("id", isPostgres ? "bigserial" : "integer", (c) =>
				// A reader's place must never be given to another fact, also when the last ones are gone.
				isPostgres ? c.primaryKey() : c.primaryKey().autoIncrement(),
			)
			.addColumn("kind", "text", (c) => c.notNull())
			.addColumn("doc_id", "text", (c) =>
				c.notNull().references("rooms.room_id").onDelete("cascade"),
			)
			.addColumn("actor", "text", (c) => c.notNull())
			.addColumn("payload", "text", (c) => c.notNull())
			.addColumn("at", isPostgres ? "bigint" : "integer", (c) => c.notNull())
			.modifyEnd(isPostgres ? sql`` : sql`strict`)
			.execute();
		await db.schema
			.createIndex("facts_doc")
			.on("facts")
			.column("doc_id")
			.execute();
	},
});
