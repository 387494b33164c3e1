import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { DatabaseKind } from "../database.ts";

/** Comments with who is mentioned in them and what people feel about them; they go with their document. */
export const comments0008 = (kind: DatabaseKind): Migration => ({
	async up(db: Kysely<unknown>) {
		const types = TYPES[kind];
		await createComments(db, types);
		await createMentions(db, types);
		await createReactions(db, types);
	},
});

interface ColumnTypes {
	readonly key: "integer" | "bigserial";
	readonly long: "integer" | "bigint";
	readonly table: ReturnType<typeof sql>;
	readonly keyedTable: ReturnType<typeof sql>;
}

const TYPES: Readonly<Record<DatabaseKind, ColumnTypes>> = {
	sqlite: {
		key: "integer",
		long: "integer",
		table: sql`strict`,
		keyedTable: sql`strict, without rowid`,
	},
	postgres: {
		key: "bigserial",
		long: "bigint",
		table: sql``,
		keyedTable: sql``,
	},
};

async function createComments(
	db: Kysely<unknown>,
	{ key, long, table }: ColumnTypes,
): Promise<void> {
	await db.schema
		.createTable("comments")
		.addColumn("id", key, (c) => c.primaryKey())
		.addColumn("comment_id", "text", (c) => c.notNull().unique())
		.addColumn("doc_id", "text", (c) =>
			c.notNull().references("rooms.room_id").onDelete("cascade"),
		)
		.addColumn("thread_id", "text", (c) =>
			c.notNull().references("comments.comment_id").onDelete("cascade"),
		)
		.addColumn("author_id", "text", (c) => c.notNull())
		.addColumn("author", "text", (c) => c.notNull())
		.addColumn("content", "text", (c) => c.notNull())
		.addColumn("anchor_rev", "integer")
		.addColumn("anchor", "text")
		.addColumn("quote", "text")
		.addColumn("resolved", "text")
		.addColumn("created_at", long, (c) => c.notNull())
		.addColumn("edited_at", long)
		.addCheckConstraint(
			"comments_anchor",
			sql`(anchor is null) = (anchor_rev is null)`,
		)
		.modifyEnd(table)
		.execute();
	for (const column of ["doc_id", "thread_id"])
		await db.schema
			.createIndex(`comments_${column}`)
			.on("comments")
			.columns([column, "id"])
			.execute();
}

async function createMentions(
	db: Kysely<unknown>,
	{ long, keyedTable }: ColumnTypes,
): Promise<void> {
	await db.schema
		.createTable("comment_mentions")
		.addColumn("comment_id", "text", (c) =>
			c.notNull().references("comments.comment_id").onDelete("cascade"),
		)
		.addColumn("user_id", "text", (c) => c.notNull())
		.addColumn("nth", "integer", (c) => c.notNull())
		.addColumn("seen_at", long)
		.addPrimaryKeyConstraint("comment_mentions_pkey", ["comment_id", "user_id"])
		.modifyEnd(keyedTable)
		.execute();
}

async function createReactions(
	db: Kysely<unknown>,
	{ long, keyedTable }: ColumnTypes,
): Promise<void> {
	await db.schema
		.createTable("comment_reactions")
		.addColumn("comment_id", "text", (c) =>
			c.notNull().references("comments.comment_id").onDelete("cascade"),
		)
		.addColumn("reaction", "text", (c) => c.notNull())
		.addColumn("user_id", "text", (c) => c.notNull())
		.addColumn("at", long, (c) => c.notNull())
		.addPrimaryKeyConstraint("comment_reactions_pkey", [
			"comment_id",
			"reaction",
			"user_id",
		])
		.modifyEnd(keyedTable)
		.execute();
}
