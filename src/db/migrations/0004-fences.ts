import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { DatabaseKind } from "../database.ts";

/** What ends earlier writers: a number per document, and the writers that were ended with its value then. */
export const fences0004 = (kind: DatabaseKind): Migration => ({
	async up(db: Kysely<unknown>) {
		await db.schema
			.alterTable("documents")
			.addColumn("fence", "integer", (c) => c.notNull().defaultTo(0))
			.execute();
		await db.schema
			.createTable("fences")
			.addColumn("doc", "integer", (c) => c.notNull())
			.addColumn("client_id", "text", (c) => c.notNull())
			.addColumn("user_id", "text", (c) => c.notNull())
			.addColumn("fence", "integer", (c) => c.notNull())
			.addPrimaryKeyConstraint("fences_pkey", ["doc", "client_id", "user_id"])
			.modifyEnd(kind === "postgres" ? sql`` : sql`strict, without rowid`)
			.execute();
	},
});
