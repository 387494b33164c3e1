import type { CompiledQuery, Kysely } from "kysely";
import type { CommitGroup, CommitOutcome } from "../documents/op-log.ts";
import type { Schema } from "./schema.ts";

export type DatabaseKind = "sqlite" | "postgres";

export type DatabaseConfig =
	| {
			readonly kind: "sqlite";
			readonly dataDir: string;
			/** `NORMAL` survives the death of the process, but not of the machine. */
			readonly synchronous: "FULL" | "NORMAL";
	  }
	| { readonly kind: "postgres"; readonly url: string };

/** One statement of a batch. */
export interface BatchStep {
	readonly query: CompiledQuery;
	/** When it changes no row, the steps after it are not run. */
	readonly required?: true;
}

/** What the database itself says about its durability, read back after the first write. */
export interface Durability {
	/** A commit that was acknowledged is on stable storage. */
	readonly survivesPowerLoss: boolean;
	/** The settings behind it, by the database's own names. */
	readonly settings: Readonly<Record<string, string>>;
}

/**
 * One open database of either kind. Its failures are `CollabError`s: `UNAVAILABLE` (unreachable, full, read-only; the
 * outcome of a write may be unknown) or `INTERNAL` (a statement that it will never take).
 */
export interface Database {
	readonly kind: DatabaseKind;
	/** Single statements. Not for transactions: those are `batch` and `commit`. */
	readonly kysely: Kysely<Schema>;
	/**
	 * Runs the steps in one transaction, again when it was the victim of a deadlock; returns the number of changed rows of
	 * each step that was run.
	 */
	batch(steps: readonly BatchStep[]): Promise<readonly number[]>;
	/** See `OpLog.commit`. */
	commit(groups: readonly CommitGroup[]): Promise<readonly CommitOutcome[]>;
	durability(): Durability;
	close(): Promise<void>;
}
