import type { CommitOutcome } from "../documents/op-log.ts";
import type { Cell } from "./op-row.ts";

/** What the writer thread is started with. */
export interface WriterSettings {
	readonly file: string;
	readonly synchronous: "FULL" | "NORMAL";
}

export interface Statement {
	readonly sql: string;
	readonly parameters: readonly unknown[];
}

export interface StatementResult {
	readonly rows: readonly unknown[];
	readonly changes: number;
	readonly insertId: number;
}

/** A flush as flat arrays: cheap to copy between threads. */
export interface FlatFlush {
	/** Four numbers per group: document key, head, fence, count of rows. */
	readonly groups: readonly number[];
	/** `OP_COLUMNS.length` cells per row, in the order of the groups. */
	readonly cells: readonly Cell[];
}

export type WriterRequest =
	| { readonly kind: "run"; readonly statement: Statement }
	| {
			readonly kind: "batch";
			readonly steps: readonly (Statement & { readonly required: boolean })[];
	  }
	| { readonly kind: "commit"; readonly flush: FlatFlush }
	| { readonly kind: "close" };

/** What each kind of request is answered with. */
export interface WriterAnswers {
	readonly run: StatementResult;
	readonly batch: readonly number[];
	readonly commit: readonly CommitOutcome[];
	readonly close: null;
}

/** The settings in force, posted once as the answer to request 0. */
export interface InForce {
	readonly synchronous: string;
	readonly journal_mode: string;
}

/** An error as it crosses between threads: SQLite's own code, such as `SQLITE_FULL`. */
export interface PlainError {
	readonly code: string;
	readonly message: string;
}

export type WriterReply =
	| { readonly id: number; readonly value: unknown }
	| { readonly id: number; readonly error: PlainError };
