import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

/** What a room's makers want to remember with it: a JSON object as text. */
export const roomMetadata0002 = (): Migration => ({
	async up(db: Kysely<unknown>) {
		await db.schema
			.alterTable("rooms")
			.addColumn("metadata", "text", (c) => c.notNull().defaultTo(sql`'{}'`))
			.execute();
	},
});
