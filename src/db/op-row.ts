import type {
	CommitGroup,
	CommitOutcome,
	LogRow,
} from "../documents/op-log.ts";
import type { CommittedOp } from "../ot/committed-op.ts";
import type { Mark } from "../ot/marks.ts";
import type { TextOp } from "../ot/text-op.ts";
import type { AstralNote } from "../ot/unicode.ts";
import {
	type ClientId,
	opIdOf,
	type ReplicaId,
	type SessionId,
	type UserId,
} from "../shared/ids.ts";

/** Columns of `ops` after doc and rev, in the order of `cellsOf`. */
export const OP_COLUMNS = [
	"client",
	"seq",
	"writer",
	"base",
	"op",
	"marks",
	"astral",
	"payload_hash",
	"committed_at",
] as const;

export type Cell = string | number | null;

/** The cells of one row of `ops`, in the order of `OP_COLUMNS`. */
export function cellsOf({ committed, writer, seq }: LogRow): readonly Cell[] {
	const { op, astral, baseRev, payloadHash, committedAtMs } = committed;
	return [
		writer.clientKey,
		seq,
		writer.writerKey,
		baseRev,
		// Only attributes hold numbers that may be -0; the text half takes the fast way.
		JSON.stringify(op.t),
		op.m.length === 0 ? null : JSON.stringify(op.m),
		astral === undefined ? null : JSON.stringify(astral),
		payloadHash,
		committedAtMs,
	];
}

const isGapless = ({ head, rows }: CommitGroup): boolean =>
	rows.length > 0 &&
	rows.every((row, index) => row.committed.rev === head + index + 1);

/** Commits the groups that follow their head without a gap; the others never reach the log, whoever made them. */
export async function commitGapless(
	groups: readonly CommitGroup[],
	commit: (
		gapless: readonly CommitGroup[],
	) => Promise<readonly CommitOutcome[]>,
): Promise<readonly CommitOutcome[]> {
	const gapless = groups.filter(isGapless);
	const outcomes = gapless.length === 0 ? [] : await commit(gapless);
	const ofGroup = new Map(
		gapless.map((group, index) => [group, outcomes[index]]),
	);
	return groups.map((group) => ofGroup.get(group) ?? "refused");
}

/** A row of `ops` with the names that its keys stand for. */
export interface NamedOpRow {
	readonly rev: number;
	readonly seq: number;
	readonly base: number;
	readonly op: string;
	readonly marks: string | null;
	readonly astral: string | null;
	readonly payload_hash: string;
	readonly committed_at: number;
	readonly client_id: string;
	readonly user_id: string;
	readonly replica_id: string;
	readonly session_id: string;
}

export const committedOpOf = (row: NamedOpRow): CommittedOp => ({
	rev: row.rev,
	op: {
		t: JSON.parse(row.op) as TextOp,
		m: row.marks === null ? [] : (JSON.parse(row.marks) as readonly Mark[]),
	},
	...(row.astral === null
		? {}
		: { astral: JSON.parse(row.astral) as AstralNote }),
	opId: opIdOf(row.client_id as ClientId, row.seq),
	userId: row.user_id as UserId,
	replicaId: row.replica_id as ReplicaId,
	sessionId: row.session_id as SessionId,
	baseRev: row.base,
	payloadHash: row.payload_hash,
	committedAtMs: row.committed_at,
});
