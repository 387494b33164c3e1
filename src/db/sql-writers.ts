import { type ExpressionBuilder, sql } from "kysely";
import type {
	DocKey,
	DocumentHead,
	EndedWriter,
	KnownWriter,
	Writer,
	WriterIdentity,
} from "../documents/op-log.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ReplicaId, SessionId, UserId } from "../shared/ids.ts";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";
import { template } from "./template.ts";

/** Who writes in documents, and who does not any more; the op log's side in SQL. */
export class SqlWriters {
	readonly #database: Database;
	readonly #find: ReturnType<typeof findTemplate>;

	constructor(database: Database) {
		this.#database = database;
		this.#find = findTemplate(database);
	}

	/** See `OpLog.openWriter`. */
	async open(docKey: DocKey, identity: WriterIdentity): Promise<Writer> {
		await this.#database.batch([
			{ query: this.#insertClient(identity) },
			{ query: this.#insertWriter(docKey, identity) },
		]);
		const { writer } = await this.find(docKey, identity);
		if (writer !== undefined) return writer;
		throw new CollabError("INTERNAL", "The writer was not registered");
	}

	/** See `OpLog.findWriter`; one query. */
	async find(docKey: DocKey, identity: WriterIdentity): Promise<KnownWriter> {
		const { client, userId, sessionId, replicaId } = identity;
		const rows = await this.#find(docKey, client, userId, sessionId, replicaId);
		const [row] = rows as [(typeof rows)[number]];
		const { clientKey, clientUser, writerKey, fence } = row;
		if (clientUser !== null && clientUser !== identity.userId)
			throw new CollabError(
				"FORBIDDEN",
				"This client id belongs to another user",
				{ reason: "client" },
			);
		const lastSeq = row.lastSeq ?? -1;
		const writer =
			clientKey === null || writerKey === null
				? undefined
				: { clientKey, writerKey, lastSeq };
		return { writer, lastSeq, fence: fence ?? 0 };
	}

	/** See `OpLog.findSession`. */
	async findSession(docKey: DocKey, sessionId: SessionId) {
		const row = await this.#database.kysely
			.selectFrom("writers")
			.select(["user_id", "replica_id"])
			.where("doc", "=", docKey)
			.where("session_id", "=", sessionId)
			.orderBy("id", "desc")
			.executeTakeFirst();
		return (
			row && {
				userId: row.user_id as UserId,
				replicaId: row.replica_id as ReplicaId,
			}
		);
	}

	/** See `OpLog.raiseFence`: the compare-and-set takes the document's row lock, as commits do. */
	async end(
		docKey: DocKey,
		{ head, fence }: Pick<DocumentHead, "head" | "fence">,
		ended: readonly EndedWriter[],
	): Promise<boolean> {
		const raise = this.#database.kysely
			.updateTable("documents")
			.set({ fence: fence + 1 })
			.where("id", "=", docKey)
			.where("head", "=", head)
			.where("fence", "=", fence)
			.compile();
		const [changes] = await this.#database.batch([
			{ query: raise, required: true },
			...ended.map((writer) => ({
				query: this.#putFence(docKey, fence + 1, writer),
			})),
		]);
		return changes === 1;
	}

	#putFence(docKey: DocKey, fence: number, { client, userId }: EndedWriter) {
		return this.#database.kysely
			.insertInto("fences")
			.values({ doc: docKey, client_id: client, user_id: userId, fence })
			.onConflict((conflict) =>
				conflict
					.columns(["doc", "client_id", "user_id"])
					.doUpdateSet({ fence }),
			)
			.compile();
	}

	#insertClient({ client, userId }: WriterIdentity) {
		return this.#database.kysely
			.insertInto("clients")
			.values({ client_id: client, user_id: userId })
			.onConflict((conflict) => conflict.column("client_id").doNothing())
			.compile();
	}

	/** Inserts nothing when the client id belongs to another user. */
	#insertWriter(docKey: DocKey, identity: WriterIdentity) {
		const { sessionId, replicaId, client, userId } = identity;
		return this.#database.kysely
			.insertInto("writers")
			.columns(["doc", "session_id", "replica_id", "user_id", "client"])
			.expression((from) =>
				from
					.selectFrom("clients")
					.select([
						sql<number>`cast(${docKey} as integer)`.as("doc"),
						sql<string>`cast(${sessionId} as text)`.as("session_id"),
						sql<string>`cast(${replicaId} as text)`.as("replica_id"),
						"user_id",
						"id as client",
					])
					.where("client_id", "=", client)
					.where("user_id", "=", userId),
			)
			.onConflict((conflict) =>
				conflict
					.columns(["doc", "session_id", "client", "replica_id"])
					.doNothing(),
			)
			.compile();
	}
}

const findTemplate = ({ kysely }: Database) =>
	template(
		kysely,
		(
			docKey: DocKey,
			client: WriterIdentity["client"],
			userId: UserId,
			sessionId: SessionId,
			replicaId: ReplicaId,
		) =>
			kysely.selectNoFrom((from) =>
				partsOf(from, docKey, { client, userId, sessionId, replicaId }),
			),
	);

/** Each column by itself: of a client that nobody has registered there may be a fence all the same. */
function partsOf(
	from: ExpressionBuilder<Schema, never>,
	docKey: DocKey,
	{ client, userId, sessionId, replicaId }: WriterIdentity,
) {
	const clients = from
		.selectFrom("clients")
		.where("clients.client_id", "=", client);
	return [
		clients.select("clients.id").as("clientKey"),
		clients.select("clients.user_id").as("clientUser"),
		clients
			.innerJoin("writers", "writers.client", "clients.id")
			.where("writers.doc", "=", docKey)
			.where("writers.session_id", "=", sessionId)
			.where("writers.replica_id", "=", replicaId)
			.select("writers.id")
			.as("writerKey"),
		clients
			.innerJoin("ops", "ops.client", "clients.id")
			.where("ops.doc", "=", docKey)
			.select((of) => of.fn.max("ops.seq").as("seq"))
			.as("lastSeq"),
		from
			.selectFrom("fences")
			.where("doc", "=", docKey)
			.where("client_id", "=", client)
			.where("user_id", "=", userId)
			.select("fence")
			.as("fence"),
	] as const;
}
