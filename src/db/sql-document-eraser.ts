import { type CompiledQuery, sql } from "kysely";
import type { DocumentEraser } from "../documents/document-eraser.ts";
import type { DocId } from "../shared/ids.ts";
import type { Database } from "./database.ts";

/** Removes documents in SQL. */
export class SqlDocumentEraser implements DocumentEraser {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async erase(docId: DocId): Promise<boolean> {
		const steps = this.#steps(docId).map((query) => ({ query }));
		const changes = await this.#database.batch(steps);
		return changes.at(-1) === 1;
	}

	/** Parts before the whole, as the references ask for. */
	#steps(docId: DocId): readonly CompiledQuery[] {
		const { kind, kysely } = this.#database;
		const doc = kysely
			.selectFrom("documents")
			.select("id")
			.where("doc_id", "=", docId);
		const parts = (["ops", "snapshots", "writers", "fences"] as const).map(
			(table) => kysely.deleteFrom(table).where("doc", "in", doc).compile(),
		);
		// What another node is writing beside us ends first, and is then seen by the statements after it.
		const lock = sql`select id from documents where doc_id = ${docId} for update`;
		return [
			...(kind === "postgres" ? [lock.compile(kysely)] : []),
			...parts,
			kysely.deleteFrom("documents").where("doc_id", "=", docId).compile(),
			kysely
				.deleteFrom("rooms")
				.where("room_id", "=", docId)
				.where("kind", "=", "document")
				.compile(),
		];
	}
}
