import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { DatabaseKind } from "../database.ts";

/** Tokens that no longer admit. */
export const revocations0003 = (kind: DatabaseKind): Migration => ({
	async up(db: Kysely<unknown>) {
		const long = kind === "postgres" ? "bigint" : "integer";
		await db.schema
			.createTable("revocations")
			.addColumn("kind", "text", (c) => c.notNull())
			.addColumn("name", "text", (c) => c.notNull())
			.addColumn("revoked_at", long, (c) => c.notNull())
			.addColumn("until", long, (c) => c.notNull())
			.addPrimaryKeyConstraint("revocations_pkey", ["kind", "name"])
			.addCheckConstraint("revocations_kind", sql`kind in ('token', 'user')`)
			.modifyEnd(kind === "postgres" ? sql`` : sql`strict, without rowid`)
			.execute();
		await db.schema
			.createIndex("revocations_until")
			.on("revocations")
			.column("until")
			.execute();
	},
});
