import { sql } from "kysely";
import type {
	CommitGroup,
	CommitOutcome,
	DocKey,
	DocumentHead,
	EndedWriter,
	KnownWriter,
	OpLog,
	Writer,
	WriterIdentity,
} from "../documents/op-log.ts";
import type { CommittedOp } from "../ot/committed-op.ts";
import { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";
import type { ClientId, DocId, SessionId } from "../shared/ids.ts";
import type { Database } from "./database.ts";
import { committedOpOf, type NamedOpRow } from "./op-row.ts";
import { SqlWriters } from "./sql-writers.ts";
import { isAmong, template, type ValueList, valueList } from "./template.ts";

export interface SqlOpLogOptions {
	readonly database: Database;
	readonly clock: Pick<Clock, "nowMs">;
	/** Makes the epochs of new documents; no two alike. */
	readonly newId: () => string;
}

/** The op log in SQL. */
export class SqlOpLog implements OpLog {
	readonly #database: Database;
	readonly #clock: Pick<Clock, "nowMs">;
	readonly #newId: () => string;
	readonly #writers: SqlWriters;
	readonly #find: (docId: DocId) => Promise<DocumentHead[]>;
	readonly #heads: (
		docKeys: ValueList,
	) => Promise<{ readonly id: DocKey; readonly head: number }[]>;

	constructor({ database, clock, newId }: SqlOpLogOptions) {
		const { kysely } = database;
		this.#database = database;
		this.#find = template(kysely, (docId: DocId) =>
			kysely
				.selectFrom("documents")
				.select(["id as docKey", "head", "fence", "epoch", "horizon"])
				.where("doc_id", "=", docId),
		);
		this.#heads = template(kysely, (docKeys: ValueList) =>
			kysely
				.selectFrom("documents")
				.select(["id", "head"])
				.where(isAmong(database, "id", "integer", docKeys)),
		);
		this.#clock = clock;
		this.#newId = newId;
		this.#writers = new SqlWriters(database);
	}

	async open(docId: DocId): Promise<DocumentHead> {
		const known = await this.find(docId);
		if (known !== undefined) return known;
		await this.#insertDocument(docId);
		const made = await this.find(docId);
		if (made !== undefined) return made;
		throw new CollabError("NOT_FOUND", "There is no such document");
	}

	async find(docId: DocId): Promise<DocumentHead | undefined> {
		const [found] = await this.#find(docId);
		return found;
	}

	openWriter(docKey: DocKey, identity: WriterIdentity): Promise<Writer> {
		return this.#writers.open(docKey, identity);
	}

	findWriter(docKey: DocKey, identity: WriterIdentity): Promise<KnownWriter> {
		return this.#writers.find(docKey, identity);
	}

	findSession(docKey: DocKey, sessionId: SessionId) {
		return this.#writers.findSession(docKey, sessionId);
	}

	raiseFence(
		docKey: DocKey,
		at: Pick<DocumentHead, "head" | "fence">,
		ended: readonly EndedWriter[],
	): Promise<boolean> {
		return this.#writers.end(docKey, at, ended);
	}

	commit(groups: readonly CommitGroup[]): Promise<readonly CommitOutcome[]> {
		return this.#database.commit(groups);
	}

	async since(
		docKey: DocKey,
		since: number,
		upTo: number,
		limit: number,
	): Promise<readonly CommittedOp[]> {
		const rows = await this.#namedOps(docKey)
			.where("ops.rev", ">", since)
			.where("ops.rev", "<=", upTo)
			.orderBy("ops.rev")
			.limit(limit)
			.execute();
		return rows.map(committedOpOf);
	}

	async settleHead(docKey: DocKey): Promise<number> {
		const { kind, kysely } = this.#database;
		// As raw SQL it takes its turn on SQLite's writer, behind every commit that was asked before.
		const lock = kind === "postgres" ? sql`for update` : sql``;
		const { rows } = await sql<{ readonly head: number }>`
			select head from documents where id = ${docKey} ${lock}`.execute(kysely);
		return rows[0]?.head ?? 0;
	}

	async heads(docKeys: readonly DocKey[]): Promise<readonly number[]> {
		const rows = await this.#heads(valueList(this.#database, docKeys));
		const headOf = new Map(rows.map(({ id, head }) => [id, head]));
		return docKeys.map((docKey) => headOf.get(docKey) ?? 0);
	}

	async headsById(
		docIds: readonly DocId[],
	): Promise<ReadonlyMap<DocId, number>> {
		const list = valueList(this.#database, docIds);
		const rows = await this.#database.kysely
			.selectFrom("documents")
			.select(["doc_id", "head"])
			.where(isAmong(this.#database, "doc_id", "text", list))
			.execute();
		return new Map(rows.map(({ doc_id, head }) => [doc_id as DocId, head]));
	}

	async findByOpId(
		docKey: DocKey,
		client: ClientId | SessionId,
		seq: number,
	): Promise<CommittedOp | undefined> {
		const row: NamedOpRow | undefined = await this.#namedOps(docKey)
			.where("clients.client_id", "=", client)
			.where("ops.seq", "=", seq)
			.executeTakeFirst();
		return row === undefined ? undefined : committedOpOf(row);
	}

	/** Only where its room is: whoever still asks after the deletion of both makes nothing. */
	async #insertDocument(docId: DocId): Promise<void> {
		const { kind, kysely } = this.#database;
		const room = kysely
			.selectFrom("rooms")
			.select([
				"room_id as doc_id",
				sql<number>`0`.as("head"),
				sql<string>`cast(${this.#newId()} as text)`.as("epoch"),
				sql<number>`0`.as("horizon"),
				sql<number>`cast(${this.#clock.nowMs()} as ${sql.raw(kind === "postgres" ? "bigint" : "integer")})`.as(
					"created_at",
				),
			])
			.where("room_id", "=", docId);
		await kysely
			.insertInto("documents")
			.columns(["doc_id", "head", "epoch", "horizon", "created_at"])
			// Waits for a deletion that is under way on another node.
			.expression(kind === "postgres" ? room.forKeyShare() : room)
			.onConflict((conflict) => conflict.column("doc_id").doNothing())
			.execute();
	}

	#namedOps(docKey: DocKey) {
		return this.#database.kysely
			.selectFrom("ops")
			.innerJoin("writers", "writers.id", "ops.writer")
			.innerJoin("clients", "clients.id", "ops.client")
			.select([
				"ops.rev",
				"ops.seq",
				"ops.base",
				"ops.op",
				"ops.marks",
				"ops.astral",
				"ops.payload_hash",
				"ops.committed_at",
				"clients.client_id",
				"writers.user_id",
				"writers.replica_id",
				"writers.session_id",
			])
			.where("ops.doc", "=", docKey);
	}
}
