import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { DatabaseKind } from "../database.ts";

/** Approvals of versions, with what each approver has decided; they go with their document. */
export const approvals0005 = (kind: DatabaseKind): Migration => {
	const long = kind === "postgres" ? "bigint" : "integer";
	const end = kind === "postgres" ? sql`` : sql`strict`;
	return {
		async up(db: Kysely<unknown>) {
			await createApprovals(db, long, end);
			await createDecisions(db, long, end);
		},
	};
};

type Long = "bigint" | "integer";
type TableEnd = ReturnType<typeof sql>;

async function createApprovals(
	db: Kysely<unknown>,
	long: Long,
	end: TableEnd,
): Promise<void> {
	await db.schema
		.createTable("approvals")
		.addColumn("approval_id", "text", (c) => c.primaryKey().notNull())
		.addColumn("doc_id", "text", (c) =>
			c.notNull().references("rooms.room_id").onDelete("cascade"),
		)
		.addColumn("version", "text", (c) => c.notNull())
		.addColumn("content_hash", "text", (c) => c.notNull())
		.addColumn("requester", "text", (c) => c.notNull())
		.addColumn("approvers", "text", (c) => c.notNull())
		.addColumn("message", "text")
		.addColumn("policy", "text", (c) => c.notNull())
		.addColumn("state", "text", (c) => c.notNull())
		.addColumn("decided", "integer", (c) => c.notNull())
		.addColumn("requested_at", long, (c) => c.notNull())
		.addColumn("due_at", long)
		.addColumn("completed_at", long)
		.addColumn("cancellation", "text")
		.addCheckConstraint(
			"approvals_state",
			sql`state in ('pending', 'approved', 'rejected', 'cancelled', 'superseded', 'expired')`,
		)
		.addCheckConstraint(
			"approvals_completed",
			sql`(state = 'pending') = (completed_at is null)`,
		)
		.modifyEnd(end)
		.execute();
	await db.schema
		.createIndex("approvals_doc")
		.on("approvals")
		.columns(["doc_id", "requested_at", "approval_id"])
		.execute();
	await db.schema
		.createIndex("approvals_pending")
		.on("approvals")
		.columns(["requested_at", "approval_id"])
		.where(sql.ref("state"), "=", sql`'pending'`)
		.execute();
	await db.schema
		.createIndex("approvals_due")
		.on("approvals")
		.column("due_at")
		.where(sql.ref("state"), "=", sql`'pending'`)
		.execute();
}

async function createDecisions(
	db: Kysely<unknown>,
	long: Long,
	end: TableEnd,
): Promise<void> {
	await db.schema
		.createTable("approval_decisions")
		.addColumn("approval_id", "text", (c) =>
			c.notNull().references("approvals.approval_id").onDelete("cascade"),
		)
		.addColumn("approver_id", "text", (c) => c.notNull())
		.addColumn("nth", "integer", (c) => c.notNull())
		.addColumn("approver", "text", (c) => c.notNull())
		.addColumn("verdict", "text", (c) => c.notNull())
		.addColumn("comment", "text")
		.addColumn("decided_at", long, (c) => c.notNull())
		.addPrimaryKeyConstraint("approval_decisions_pkey", [
			"approval_id",
			"approver_id",
		])
		.addUniqueConstraint("approval_decisions_nth", ["approval_id", "nth"])
		.addCheckConstraint(
			"approval_decisions_verdict",
			sql`verdict in ('granted', 'rejected')`,
		)
		.modifyEnd(end)
		.execute();
}
