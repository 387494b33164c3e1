import type { CommitGroup, CommitOutcome } from "../documents/op-log.ts";
import { type Cell, cellsOf, OP_COLUMNS } from "./op-row.ts";
import {
	blamesTheRows,
	isRepeatable,
	postgresError,
} from "./postgres-errors.ts";
import type { Connections } from "./postgres-pool.ts";

const REPEATS = 10;

const OP_TYPES: Readonly<Record<(typeof OP_COLUMNS)[number], string>> = {
	client: "integer[]",
	seq: "bigint[]",
	writer: "integer[]",
	base: "integer[]",
	op: "text[]",
	marks: "text[]",
	astral: "text[]",
	payload_hash: "text[]",
	committed_at: "bigint[]",
};
const FIRST_OP_PARAMETER = 7;
const COLUMNS = OP_COLUMNS.join(", ");
const OP_ARRAYS = OP_COLUMNS.map(
	(column, index) => `$${FIRST_OP_PARAMETER + index}::${OP_TYPES[column]}`,
).join(", ");

/**
 * One statement per flush. It locks its documents in the order of their keys before it changes any: two flushes that
 * share documents would deadlock otherwise. Then each group's compare-and-set decides about its rows.
 */
const COMMIT = `
with locked as materialized (
	select id from documents where id = any($1::integer[]) order by id for no key update
), flush as (
	select * from unnest($1::integer[], $2::integer[], $3::integer[], $4::integer[])
		with ordinality as g(doc, head, next, fence, nth)
), moved as (
	update documents set head = flush.next from flush
	where documents.id = flush.doc and documents.head = flush.head
		and documents.fence = flush.fence
		and (select count(*) from locked) >= 0
	returning flush.nth, documents.id
), written as (
	insert into ops (doc, rev, ${COLUMNS})
	select moved.id, row.rev, ${OP_COLUMNS.map((column) => `row.${column}`).join(", ")}
	from unnest($5::integer[], $6::integer[], ${OP_ARRAYS}) as row(nth, rev, ${COLUMNS})
	join moved on moved.nth = row.nth
)
select nth from moved`;

/** The parameters of `COMMIT`: four arrays of groups, then the group's ordinal, the rev and the cells of each row. */
function parametersOf(groups: readonly CommitGroup[]): readonly Cell[][] {
	const parameters: Cell[][] = Array.from(
		{ length: FIRST_OP_PARAMETER - 1 + OP_COLUMNS.length },
		() => [],
	);
	const push = (first: number, cells: readonly Cell[]): void => {
		for (const [index, cell] of cells.entries())
			parameters[first + index]?.push(cell);
	};
	groups.forEach(({ docKey, head, fence, rows }, index) => {
		push(0, [docKey, head, head + rows.length, fence]);
		for (const row of rows)
			push(4, [index + 1, row.committed.rev, ...cellsOf(row)]);
	});
	return parameters;
}

async function commitOnce(
	connections: Pick<Connections, "query">,
	groups: readonly CommitGroup[],
): Promise<readonly CommitOutcome[]> {
	const { rows } = await connections.query<{ readonly nth: number }>({
		name: "commit",
		text: COMMIT,
		values: [...parametersOf(groups)],
	});
	const moved = new Set(rows.map(({ nth }) => nth));
	return groups.map((_, index) =>
		moved.has(index + 1) ? "committed" : "fenced",
	);
}

async function commitRepeatedly(
	connections: Pick<Connections, "query">,
	groups: readonly CommitGroup[],
): Promise<readonly CommitOutcome[]> {
	for (let repeats = 0; ; repeats += 1) {
		try {
			return await commitOnce(connections, groups);
		} catch (error) {
			if (!isRepeatable(error) || repeats === REPEATS) throw error;
		}
	}
}

/**
 * Commits a flush; see `OpLog.commit`. One bad row makes PostgreSQL drop the whole statement, so the flush is halved
 * until the culprit stands alone.
 */
export async function commitGroups(
	connections: Pick<Connections, "query">,
	groups: readonly CommitGroup[],
): Promise<readonly CommitOutcome[]> {
	try {
		return await commitRepeatedly(connections, groups);
	} catch (error) {
		if (!blamesTheRows(error)) throw postgresError(error);
		if (groups.length === 1) return ["refused"];
	}
	const half = groups.length >> 1;
	return [
		...(await commitGroups(connections, groups.slice(0, half))),
		...(await commitGroups(connections, groups.slice(half))),
	];
}
