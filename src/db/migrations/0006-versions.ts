import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { DatabaseKind } from "../database.ts";

/** Versions of documents with all that their git commits are made of, and the name of the latest beside the room's. */
export const versions0006 = (kind: DatabaseKind): Migration => ({
	async up(db: Kysely<unknown>) {
		const long = kind === "postgres" ? "bigint" : "integer";
		await db.schema.alterTable("rooms").addColumn("version", "text").execute();
		await db.schema
			.createTable("versions")
			.addColumn("doc_id", "text", (c) =>
				c.notNull().references("rooms.room_id").onDelete("cascade"),
			)
			.addColumn("number", "integer", (c) => c.notNull())
			.addColumn("version", "text", (c) => c.notNull())
			.addColumn("revision", "integer", (c) => c.notNull())
			.addColumn("changelog", "text", (c) => c.notNull())
			.addColumn("author_id", "text", (c) => c.notNull())
			.addColumn("author_name", "text", (c) => c.notNull())
			.addColumn("created_at", long, (c) => c.notNull())
			.addColumn("commit_hash", "text", (c) => c.notNull())
			.addColumn("parent", "text")
			.addColumn("tree", "text", (c) => c.notNull())
			.addColumn("message", "text", (c) => c.notNull())
			.addColumn("text", "text", (c) => c.notNull())
			.addColumn("runs", "text", (c) => c.notNull())
			.addColumn("authors", "text")
			.addPrimaryKeyConstraint("versions_pkey", ["doc_id", "number"])
			.addUniqueConstraint("versions_name", ["doc_id", "version"])
			.modifyEnd(kind === "postgres" ? sql`` : sql`strict`)
			.execute();
	},
});
