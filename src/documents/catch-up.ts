import type { AttributeRun } from "../ot/marks.ts";
import type { OpMessage } from "../protocol/document-message.ts";
import { type ReplicaId, type UserId, userOfReplica } from "../shared/ids.ts";
import type { DocumentState } from "./document-state.ts";
import type { LazyText } from "./lazy-text.ts";

/** A client further behind gets a snapshot instead. */
const MOST_OPS = 1_000;
const MOST_CHARS = 262_144;

/** What a client at some revision must get to reach the head: every op in between, or the text. Never a part. */
export type CatchUp =
	| { readonly kind: "ops"; readonly ops: readonly OpMessage[] }
	| {
			readonly kind: "snapshot";
			readonly text: string;
			readonly runs: readonly AttributeRun[];
	  };

/** Where a client is, by revision or by its vector clock. */
export type ClientPosition = (
	| { readonly rev: number }
	| {
			readonly clock: Readonly<Record<string, number>>;
			/** Whose clock it is. */
			readonly userId: UserId;
	  }
) & {
	/** Absent: the same history is assumed. */
	readonly epoch?: string;
};

interface Position {
	readonly rev: number;
	/** What the clock at `rev` must be; absent: whatever it is. */
	readonly clock?: ReadonlyMap<ReplicaId, number>;
}

type History = Pick<
	DocumentState,
	"epoch" | "horizon" | "committedRev" | "tail"
>;

/** Oldest revision from which ops may be sent; undefined: the client gets a snapshot. */
export function opsFrom(
	state: History,
	since: ClientPosition | undefined,
): number | undefined {
	if (since === undefined) return undefined;
	const sameHistory = since.epoch === undefined || since.epoch === state.epoch;
	const { rev } = positionOf(state, since);
	const recent =
		rev <= state.committedRev &&
		rev >= state.horizon &&
		rev >= state.committedRev - MOST_OPS;
	return sameHistory && recent ? rev : undefined;
}

/** The tail must reach back to what `opsFrom` answered. */
export function catchUp(
	state: DocumentState,
	text: LazyText,
	since: ClientPosition | undefined,
): CatchUp {
	const from = opsFrom(state, since);
	if (since !== undefined && from !== undefined && from >= state.tail.since) {
		const ops = state.tail.messages(from, state.committedRev);
		let chars = 0;
		for (const { body } of ops) chars += body.length;
		if (chars <= MOST_CHARS && isClockOf(state, positionOf(state, since)))
			return { kind: "ops", ops };
	}
	return { kind: "snapshot", ...text.read() };
}

/**
 * The revision that a clock names: own ops that the log does not have are no part of it, and then the log is linear,
 * so that the sum tells the revision.
 */
function positionOf(
	{ tail, committedRev }: History,
	since: ClientPosition,
): Position {
	if ("rev" in since) return since;
	const head = tail.clockAt(committedRev);
	const clock = new Map<ReplicaId, number>();
	let rev = 0;
	for (const [name, count] of Object.entries(since.clock)) {
		const replica = name as ReplicaId;
		const isOwn = userOfReplica(replica) === since.userId;
		const seen = isOwn ? Math.min(count, head.get(replica) ?? 0) : count;
		if (seen > 0) clock.set(replica, seen);
		rev += seen;
	}
	return { rev, clock };
}

function isClockOf({ tail }: History, { rev, clock }: Position): boolean {
	if (clock === undefined) return true;
	const there = tail.clockAt(rev);
	return (
		there.size === clock.size &&
		[...there].every(([replica, count]) => clock.get(replica) === count)
	);
}
