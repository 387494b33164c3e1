import { Kysely, PostgresDialect } from "kysely";
import type { CommitGroup, CommitOutcome } from "../documents/op-log.ts";
import type { BatchStep, Database, Durability } from "./database.ts";
import { migrate } from "./migrate.ts";
import { commitGapless } from "./op-row.ts";
import { commitGroups } from "./postgres-commit.ts";
import { postgresError } from "./postgres-errors.ts";
import { Connections } from "./postgres-pool.ts";
import { repeatedly } from "./postgres-repeat.ts";
import type { Schema } from "./schema.ts";

async function migrateServer(url: string): Promise<void> {
	const connections = await Connections.open(url, true);
	try {
		const dialect = new PostgresDialect({ pool: connections.forKysely });
		await migrate("postgres", new Kysely<unknown>({ dialect }));
	} finally {
		await connections.close();
	}
}

async function readDurability(connections: Connections): Promise<Durability> {
	const { rows } = await connections.query<{ name: string; setting: string }>({
		text: "select name, setting from pg_settings where name in ('synchronous_commit', 'fsync', 'full_page_writes')",
	});
	return {
		survivesPowerLoss:
			rows.length === 3 && rows.every(({ setting }) => setting !== "off"),
		settings: Object.fromEntries(
			rows.map(({ name, setting }) => [name, setting]),
		),
	};
}

async function runSteps(
	connection: Pick<Kysely<Schema>, "executeQuery">,
	steps: readonly BatchStep[],
): Promise<readonly number[]> {
	const changes: number[] = [];
	for (const { query, required } of steps) {
		const { numAffectedRows } = await connection.executeQuery(query);
		const changed = Number(numAffectedRows ?? 0n);
		changes.push(changed);
		if (required && changed === 0) break;
	}
	return changes;
}

/** PostgreSQL behind one pool of connections. */
export class PostgresSide implements Database {
	readonly kind = "postgres";
	readonly kysely: Kysely<Schema>;
	readonly #connections: Connections;
	readonly #durability: Durability;

	private constructor(connections: Connections, durability: Durability) {
		this.#connections = connections;
		this.#durability = durability;
		this.kysely = new Kysely<Schema>({
			dialect: new PostgresDialect({ pool: connections.forKysely }),
		});
	}

	/** Throws `UNAVAILABLE` when the server cannot be reached. */
	static async open({ url }: { readonly url: string }): Promise<PostgresSide> {
		await migrateServer(url);
		const connections = await Connections.open(url);
		try {
			return new PostgresSide(connections, await readDurability(connections));
		} catch (error) {
			await connections.close();
			throw postgresError(error);
		}
	}

	batch(steps: readonly BatchStep[]): Promise<readonly number[]> {
		return repeatedly(() =>
			steps.length === 1
				? // A statement is a transaction of its own.
					runSteps(this.kysely, steps)
				: this.kysely
						.transaction()
						.execute((transaction) => runSteps(transaction, steps)),
		);
	}

	commit(groups: readonly CommitGroup[]): Promise<readonly CommitOutcome[]> {
		return commitGapless(groups, (gapless) =>
			commitGroups(this.#connections, gapless),
		);
	}

	durability(): Durability {
		return this.#durability;
	}

	close(): Promise<void> {
		return this.#connections.close();
	}
}
