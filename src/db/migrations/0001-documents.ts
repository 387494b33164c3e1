import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { DatabaseKind } from "../database.ts";

/** Documents with their op logs and snapshots, rooms with their members. */
export const documents0001 = (kind: DatabaseKind): Migration => {
	const types = TYPES[kind];
	return {
		async up(db: Kysely<unknown>) {
			for (const create of TABLES) await create(db, types);
		},
	};
};

interface ColumnTypes {
	readonly key: "integer" | "serial";
	readonly long: "integer" | "bigint";
	readonly table: ReturnType<typeof sql>;
	/** For tables that are one B-tree by their primary key. */
	readonly keyedTable: ReturnType<typeof sql>;
}

const TYPES: Readonly<Record<DatabaseKind, ColumnTypes>> = {
	sqlite: {
		key: "integer",
		long: "integer",
		table: sql`strict`,
		keyedTable: sql`strict, without rowid`,
	},
	postgres: { key: "serial", long: "bigint", table: sql``, keyedTable: sql`` },
};

async function createDocuments(
	db: Kysely<unknown>,
	types: ColumnTypes,
): Promise<void> {
	await db.schema
		.createTable("documents")
		.addColumn("id", types.key, (c) => c.primaryKey())
		.addColumn("doc_id", "text", (c) => c.notNull().unique())
		.addColumn("head", "integer", (c) => c.notNull())
		.addColumn("epoch", "text", (c) => c.notNull())
		.addColumn("horizon", "integer", (c) => c.notNull())
		.addColumn("created_at", types.long, (c) => c.notNull())
		.modifyEnd(types.table)
		.execute();
}

async function createWriters(
	db: Kysely<unknown>,
	types: ColumnTypes,
): Promise<void> {
	await db.schema
		.createTable("clients")
		.addColumn("id", types.key, (c) => c.primaryKey())
		.addColumn("client_id", "text", (c) => c.notNull().unique())
		.addColumn("user_id", "text", (c) => c.notNull())
		.modifyEnd(types.table)
		.execute();
	await db.schema
		.createTable("writers")
		.addColumn("id", types.key, (c) => c.primaryKey())
		.addColumn("doc", "integer", (c) => c.notNull().references("documents.id"))
		.addColumn("session_id", "text", (c) => c.notNull())
		.addColumn("replica_id", "text", (c) => c.notNull())
		.addColumn("user_id", "text", (c) => c.notNull())
		.addColumn("client", "integer", (c) => c.notNull().references("clients.id"))
		.addUniqueConstraint("writers_identity", [
			"doc",
			"session_id",
			"client",
			"replica_id",
		])
		.modifyEnd(types.table)
		.execute();
}

/** The log is one B-tree by document and revision; the second index tells what is committed already. */
async function createOps(
	db: Kysely<unknown>,
	types: ColumnTypes,
): Promise<void> {
	// No foreign keys: they would cost three look-ups per op, and the compare-and-set proves the document already.
	await db.schema
		.createTable("ops")
		.addColumn("doc", "integer", (c) => c.notNull())
		.addColumn("rev", "integer", (c) => c.notNull())
		.addColumn("client", "integer", (c) => c.notNull())
		.addColumn("seq", types.long, (c) => c.notNull())
		.addColumn("writer", "integer", (c) => c.notNull())
		.addColumn("base", "integer", (c) => c.notNull())
		.addColumn("op", "text", (c) => c.notNull())
		.addColumn("marks", "text")
		.addColumn("astral", "text")
		.addColumn("payload_hash", "text", (c) => c.notNull())
		.addColumn("committed_at", types.long, (c) => c.notNull())
		.addPrimaryKeyConstraint("ops_pkey", ["doc", "rev"])
		.addUniqueConstraint("ops_id", ["doc", "client", "seq"])
		.modifyEnd(types.keyedTable)
		.execute();
}

async function createSnapshots(
	db: Kysely<unknown>,
	types: ColumnTypes,
): Promise<void> {
	await db.schema
		.createTable("snapshots")
		.addColumn("doc", "integer", (c) => c.notNull().references("documents.id"))
		.addColumn("rev", "integer", (c) => c.notNull())
		.addColumn("text", "text", (c) => c.notNull())
		.addColumn("runs", "text", (c) => c.notNull())
		.addColumn("clock", "text", (c) => c.notNull())
		.addColumn("checksum", "text", (c) => c.notNull())
		.addPrimaryKeyConstraint("snapshots_pkey", ["doc", "rev"])
		.modifyEnd(types.table)
		.execute();
}

async function createRooms(
	db: Kysely<unknown>,
	types: ColumnTypes,
): Promise<void> {
	await db.schema
		.createTable("rooms")
		.addColumn("room_id", "text", (c) => c.primaryKey().notNull())
		.addColumn("kind", "text", (c) => c.notNull())
		.addColumn("title", "text", (c) => c.notNull())
		.addColumn("visibility", "text", (c) => c.notNull())
		.addColumn("created_at", types.long, (c) => c.notNull())
		.addCheckConstraint("rooms_kind", sql`kind in ('document', 'room')`)
		.addCheckConstraint(
			"rooms_visibility",
			sql`visibility in ('private', 'public')`,
		)
		.modifyEnd(types.table)
		.execute();
}

async function createMembers(
	db: Kysely<unknown>,
	types: ColumnTypes,
): Promise<void> {
	await db.schema
		.createTable("room_members")
		.addColumn("room_id", "text", (c) =>
			c.notNull().references("rooms.room_id").onDelete("cascade"),
		)
		.addColumn("user_id", "text", (c) => c.notNull())
		.addColumn("role", "text", (c) => c.notNull())
		.addPrimaryKeyConstraint("room_members_pkey", ["room_id", "user_id"])
		.addCheckConstraint(
			"room_members_role",
			sql`role in ('view', 'comment', 'edit', 'owner')`,
		)
		.modifyEnd(types.keyedTable)
		.execute();
	await db.schema
		.createIndex("room_members_user")
		.on("room_members")
		.column("user_id")
		.execute();
}

/** In the order of their references. */
const TABLES = [
	createDocuments,
	createWriters,
	createOps,
	createSnapshots,
	createRooms,
	createMembers,
];
