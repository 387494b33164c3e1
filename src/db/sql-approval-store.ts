import { type Compilable, type SelectQueryBuilder, sql } from "kysely";
import type { Approval, PendingApproval } from "../approvals/approval.ts";
import type { ApprovalStore } from "../approvals/approval-store.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ApprovalId } from "../protocol/schemas/approval.ts";
import type { DocId } from "../shared/ids.ts";
import type { NewFact } from "../shared/ports/fact-feed.ts";
import {
	approvalCells,
	approvalOf,
	decisionRow,
	stateCells,
} from "./approval-row.ts";
import type { BatchStep, Database } from "./database.ts";
import type { Schema } from "./schema.ts";
import { withFact } from "./sql-facts.ts";
import { isAmong, valueList } from "./template.ts";
import { typedCell } from "./typed-cell.ts";

type Approvals = SelectQueryBuilder<Schema, "approvals", object>;

/** Approvals in SQL. */
export class SqlApprovalStore implements ApprovalStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async add(approval: PendingApproval, fact: NewFact): Promise<void> {
		const cells = Object.entries(approvalCells(approval));
		const insert = this.#database.kysely
			.insertInto("approvals")
			.columns(cells.map(([column]) => column as keyof Schema["approvals"]))
			.expression((from) =>
				from
					.selectFrom("rooms")
					.select(cells.map(([column, cell]) => typedCell(cell).as(column)))
					.where("room_id", "=", approval.docId)
					.where("kind", "=", "document"),
			);
		const [added] = await this.#write(insert, [], [fact]);
		if (added === 1) return;
		throw new CollabError("NOT_FOUND", "There is no such document");
	}

	async find(approvalId: ApprovalId): Promise<Approval | undefined> {
		const [found] = await this.#read(
			this.#approvals.where("approval_id", "=", approvalId),
		);
		return found;
	}

	async advance(
		from: Approval,
		to: Approval,
		facts: readonly NewFact[],
	): Promise<boolean> {
		const { kysely } = this.#database;
		const { approvalId } = from;
		const nth = from.decisions.length;
		const move = kysely
			.updateTable("approvals")
			.set(stateCells(to))
			.where("approval_id", "=", approvalId)
			.where("state", "=", from.state)
			.where("decided", "=", nth);
		const decisions = to.decisions.slice(nth).map((decision) => {
			const row = decisionRow(approvalId, nth, decision);
			return kysely.insertInto("approval_decisions").values(row);
		});
		const [moved] = await this.#write(move, decisions, facts);
		return moved === 1;
	}

	/** All of it, or nothing when the first statement changes nothing. */
	#write(
		first: Compilable,
		others: readonly Compilable[],
		facts: readonly NewFact[],
	): Promise<readonly number[]> {
		const steps: readonly BatchStep[] = [
			{ query: first.compile(), required: true },
			...others.map((statement) => ({ query: statement.compile() })),
		];
		return this.#database.batch(
			facts.reduce(
				(before, fact) => withFact(this.#database, before, fact),
				steps,
			),
		);
	}

	list(
		docId: DocId,
		limit: number,
		before?: ApprovalId,
	): Promise<readonly Approval[]> {
		const newest = this.#approvals
			.where("doc_id", "=", docId)
			.orderBy("requested_at", "desc")
			.orderBy("approval_id", "desc")
			.limit(limit);
		if (before === undefined) return this.#read(newest);
		const isBefore = sql<boolean>`(requested_at, approval_id) < (
			select requested_at, approval_id from approvals as place
			where place.approval_id = ${before} and place.doc_id = ${docId})`;
		return this.#read(newest.where(isBefore));
	}

	listSuperseded(limit: number, docId?: DocId): Promise<readonly Approval[]> {
		const isOld = sql<boolean>`exists (
			select 1 from rooms
			where rooms.room_id = approvals.doc_id and rooms.version <> approvals.version)`;
		const old = this.#approvals
			.where("state", "=", PENDING)
			.where(isOld)
			.orderBy("requested_at")
			.orderBy("approval_id")
			.limit(limit);
		return this.#read(
			docId === undefined ? old : old.where("doc_id", "=", docId),
		);
	}

	listDue(nowMs: number, limit: number): Promise<readonly Approval[]> {
		return this.#read(
			this.#approvals
				.where("state", "=", PENDING)
				.where("due_at", "<=", nowMs)
				.orderBy("due_at")
				.limit(limit),
		);
	}

	async findNextDueAtMs(): Promise<number | undefined> {
		const row = await this.#approvals
			.select("due_at")
			.where("state", "=", PENDING)
			.where("due_at", "is not", null)
			.orderBy("due_at")
			.limit(1)
			.executeTakeFirst();
		return row?.due_at ?? undefined;
	}

	get #approvals(): Approvals {
		return this.#database.kysely.selectFrom("approvals");
	}

	/** The row says how many decisions it has: those that come between the two reads are left out. */
	async #read(approvals: Approvals): Promise<readonly Approval[]> {
		const rows = await approvals.selectAll().execute();
		const ids = rows.map((row) => row.approval_id);
		if (ids.length === 0) return [];
		const database = this.#database;
		const decisions = await database.kysely
			.selectFrom("approval_decisions")
			.selectAll()
			.where(isAmong(database, "approval_id", "text", valueList(database, ids)))
			.orderBy("nth")
			.execute();
		const byId = Map.groupBy(decisions, (row) => row.approval_id);
		return rows.map((row) => approvalOf(row, byId.get(row.approval_id) ?? []));
	}
}

/** Not a parameter: the index holds the pending ones alone. */
const PENDING = sql.lit("pending" as const);
