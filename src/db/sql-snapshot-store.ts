import { createHash } from "node:crypto";
import type { DocKey } from "../documents/op-log.ts";
import type { Snapshot, SnapshotStore } from "../documents/snapshot-store.ts";
import type { AttributeRun } from "../ot/marks.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ReplicaId } from "../shared/ids.ts";
import type { Database } from "./database.ts";

/** Kept per document: one may be half replaced while another node reads. */
const KEPT_SNAPSHOTS = 2;

interface SnapshotRow {
	readonly rev: number;
	readonly text: string;
	readonly runs: string;
	readonly clock: string;
	readonly checksum: string;
}

/** Hex SHA-256; lengths keep text from being read as runs. */
const checksumOf = (row: Omit<SnapshotRow, "checksum">): string =>
	createHash("sha256")
		.update(`${row.rev} ${row.text.length} ${row.runs.length}\n`)
		.update(row.text)
		.update(row.runs)
		.update(row.clock)
		.digest("hex");

function rowOf({ rev, text, runs, clock }: Snapshot): SnapshotRow {
	const row = {
		rev,
		text,
		runs: JSON.stringify(runs),
		clock: JSON.stringify([...clock]),
	};
	return { ...row, checksum: checksumOf(row) };
}

const snapshotOf = ({ rev, text, runs, clock }: SnapshotRow): Snapshot => ({
	rev,
	text,
	runs: JSON.parse(runs) as readonly AttributeRun[],
	clock: new Map(JSON.parse(clock) as readonly [ReplicaId, number][]),
});

/** Snapshots in SQL, each with a checksum. */
export class SqlSnapshotStore implements SnapshotStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async latest(docKey: DocKey, below?: number): Promise<Snapshot | undefined> {
		const row = await this.#database.kysely
			.selectFrom("snapshots")
			.select(["rev", "text", "runs", "clock", "checksum"])
			.where("doc", "=", docKey)
			.$if(below !== undefined, (query) =>
				query.where("rev", "<", below as number),
			)
			.orderBy("rev", "desc")
			.limit(1)
			.executeTakeFirst();
		if (row === undefined) return undefined;
		if (checksumOf(row) === row.checksum) return snapshotOf(row);
		throw new CollabError("INTERNAL", "A stored snapshot is damaged", {
			reason: "corrupt",
			docKey,
			rev: row.rev,
		});
	}

	async put(docKey: DocKey, snapshot: Snapshot): Promise<void> {
		const { kysely } = this.#database;
		const row = rowOf(snapshot);
		const { text, runs, clock, checksum } = row;
		// Replacing (not skipping) what is there repairs a damaged one.
		const insert = kysely
			.insertInto("snapshots")
			.values({ doc: docKey, ...row })
			.onConflict((conflict) =>
				conflict
					.columns(["doc", "rev"])
					.doUpdateSet({ text, runs, clock, checksum }),
			);
		const prune = kysely
			.deleteFrom("snapshots")
			.where("doc", "=", docKey)
			.where("rev", "not in", (from) =>
				from
					.selectFrom("snapshots as newest")
					.select("newest.rev")
					.where("newest.doc", "=", docKey)
					.orderBy("newest.rev", "desc")
					.limit(KEPT_SNAPSHOTS),
			);
		await this.#database.batch([
			{ query: insert.compile() },
			{ query: prune.compile() },
		]);
	}
}
