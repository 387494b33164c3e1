import type { Database, Statement } from "better-sqlite3";
import type { CommitOutcome } from "../documents/op-log.ts";
import { codeOf } from "./error-code.ts";
import { type Cell, OP_COLUMNS } from "./op-row.ts";
import type { FlatFlush } from "./sqlite-messages.ts";

const WIDTH = OP_COLUMNS.length;
const INSERT = `insert into ops (doc, rev, ${OP_COLUMNS.join(", ")}) values (?, ?${", ?".repeat(WIDTH)})`;
const ROW_CODES = /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/;

/** A row itself is to blame; anything else (disk full, read-only) ends the whole flush. */
const blamesTheRow = (error: unknown): boolean =>
	// What better-sqlite3 cannot bind is a TypeError or RangeError.
	error instanceof TypeError ||
	error instanceof RangeError ||
	ROW_CODES.test(codeOf(error));

/** What the compare-and-set compares. */
interface Place {
	readonly doc: number;
	readonly head: number;
	readonly fence: number;
}

/** Commits flushes of op groups on the write connection. */
export class FlushCommit {
	readonly #db: Database;
	readonly #moveHead: Statement<[number, number, number, number]>;
	readonly #insert: Statement<Cell[]>;
	readonly #savepoint: Statement<[]>;
	readonly #release: Statement<[]>;
	readonly #rollback: Statement<[]>;
	readonly #appendAll: (flush: FlatFlush) => readonly CommitOutcome[];

	constructor(db: Database) {
		this.#db = db;
		this.#moveHead = db.prepare(
			"update documents set head = ? where id = ? and head = ? and fence = ?",
		);
		this.#insert = db.prepare(INSERT);
		this.#savepoint = db.prepare("savepoint one_group");
		this.#release = db.prepare("release one_group");
		this.#rollback = db.prepare("rollback to one_group");
		this.#appendAll = db.transaction((flush: FlatFlush) =>
			this.#appendEach(flush),
		).immediate;
	}

	/**
	 * Commits one flush in one transaction.
	 * @returns one outcome per group. Throws SQLite's error when the transaction as a whole failed: nothing is written.
	 */
	run(flush: FlatFlush): readonly CommitOutcome[] {
		return this.#appendAll(flush);
	}

	#appendEach({ groups, cells }: FlatFlush): readonly CommitOutcome[] {
		const outcomes: CommitOutcome[] = [];
		let at = 0;
		for (let group = 0; group < groups.length; group += 4) {
			const [doc = 0, head = 0, fence = 0, count = 0] = groups.slice(
				group,
				group + 4,
			);
			const end = at + count * WIDTH;
			const rows = cells.slice(at, end);
			outcomes.push(this.#appendAlone({ doc, head, fence }, rows));
			at = end;
		}
		return outcomes;
	}

	/** A group that fails takes nothing but itself back. */
	#appendAlone(place: Place, cells: readonly Cell[]): CommitOutcome {
		this.#savepoint.run();
		try {
			return this.#append(place, cells);
		} catch (error) {
			if (!blamesTheRow(error)) throw error;
			this.#rollback.run();
			return "refused";
		} finally {
			// SQLite may have ended the whole transaction by itself, savepoints included.
			if (this.#db.inTransaction) this.#release.run();
		}
	}

	#append({ doc, head, fence }: Place, cells: readonly Cell[]): CommitOutcome {
		const count = cells.length / WIDTH;
		const { changes } = this.#moveHead.run(head + count, doc, head, fence);
		if (changes !== 1) return "fenced";
		for (let row = 0; row < count; row += 1) {
			const at = row * WIDTH;
			this.#insert.run(doc, head + row + 1, ...cells.slice(at, at + WIDTH));
		}
		return "committed";
	}
}
