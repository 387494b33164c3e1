import { sql } from "kysely";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Fact, FactFeed, NewFact } from "../shared/ports/fact-feed.ts";
import type { BatchStep, Database } from "./database.ts";
import type { Schema } from "./schema.ts";

/** Of PostgreSQL's advisory locks: who holds it is the only one that writes facts. */
const FACTS_LOCK = "prdtool.facts";

/**
 * The steps with a fact behind them, in one transaction: when a required one of them changes nothing there is no fact.
 * Changed rows are counted for the steps in their places.
 */
export const withFact = (
	{ kind, kysely }: Pick<Database, "kind" | "kysely">,
	steps: readonly BatchStep[],
	{ kind: of, docId, actor, payload, atMs }: NewFact,
): readonly BatchStep[] => {
	const insert = kysely.insertInto("facts").values({
		kind: of,
		doc_id: docId,
		actor,
		payload: JSON.stringify(payload),
		at: atMs,
	});
	// Numbers are given before the commit: without turns a reader could pass over one that comes later than a greater one.
	const turn = sql`select pg_advisory_xact_lock(hashtext(${FACTS_LOCK}))`;
	return [
		...steps,
		...(kind === "postgres" ? [{ query: turn.compile(kysely) }] : []),
		{ query: insert.compile() },
	];
};

const factOf = (row: Omit<Schema["facts"], "id"> & { id: number }): Fact => ({
	id: row.id,
	kind: row.kind,
	docId: row.doc_id as DocId,
	actor: row.actor as UserId,
	payload: JSON.parse(row.payload) as Fact["payload"],
	atMs: row.at,
});

/** Facts in SQL. */
export class SqlFactFeed implements FactFeed {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async since(since: number, limit: number): Promise<readonly Fact[]> {
		const rows = await this.#database.kysely
			.selectFrom("facts")
			.selectAll()
			.where("id", ">", since)
			.orderBy("id")
			.limit(limit)
			.execute();
		return rows.map(factOf);
	}
}
