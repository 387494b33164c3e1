import { type Compilable, type Kysely, type RawBuilder, sql } from "kysely";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";

/** Stands in a query for an argument that is given when it is run. */
class Hole {
	readonly index: number;

	constructor(index: number) {
		this.index = index;
	}
}

/**
 * A query whose SQL is written once: for a short query that takes Kysely longer than SQLite takes to answer it. `build`
 * is called once, with stand-ins: it passes its arguments on as parameters and does nothing else with them.
 */
export function template<Args extends readonly unknown[], Row>(
	kysely: Kysely<Schema>,
	build: (...args: Args) => Compilable<Row>,
): (...args: Args) => Promise<Row[]> {
	const holes = Array.from({ length: build.length }, (_, i) => new Hole(i));
	const compiled = build(...(holes as unknown as Args)).compile();
	return async (...args) => {
		const parameters = compiled.parameters.map((parameter) =>
			parameter instanceof Hole ? args[parameter.index] : parameter,
		);
		const { rows } = await kysely.executeQuery<Row>({
			...compiled,
			parameters,
		});
		return rows;
	};
}

/** Values as one parameter whatever their count: the statement stays the same and no limit of parameters is met. */
export type ValueList = string | readonly unknown[];

export const valueList = (
	{ kind }: Pick<Database, "kind">,
	values: readonly unknown[],
): ValueList => (kind === "postgres" ? values : JSON.stringify(values));

/** Whether a column is among the values of a list. */
export const isAmong = (
	{ kind }: Pick<Database, "kind">,
	column: string,
	type: "text" | "integer",
	list: ValueList,
): RawBuilder<boolean> =>
	kind === "postgres"
		? sql<boolean>`${sql.ref(column)} = any(${list}::${sql.raw(type)}[])`
		: sql<boolean>`${sql.ref(column)} in (select value from json_each(${list}))`;
