import { CollabError } from "../protocol/errors.ts";
import { type ReplicaId, type UserId, userOfReplica } from "../shared/ids.ts";

/** Committed ops per replica. */
export type VectorClock = ReadonlyMap<ReplicaId, number>;
/** A clock as it travels; user ids may be any text, so it is never written key by key. */
export type WireClock = Readonly<Record<string, number>>;

/** A committed op as far as clocks are concerned. */
export interface ClockOp {
	readonly rev: number;
	readonly replicaId: ReplicaId;
}

/** A declared clock may hold every replica of the document and so many entries more. */
export const EXTRA_CLOCK_ENTRIES = 256;

export const toWireClock = (clock: VectorClock): WireClock =>
	Object.fromEntries(clock);

export const fromWireClock = (wire: WireClock): VectorClock =>
	new Map(Object.entries(wire) as [ReplicaId, number][]);

export function sum(clock: VectorClock): number {
	let total = 0;
	for (const count of clock.values()) total += count;
	return total;
}

/** The clock at an earlier revision: that of head less the ops committed since. */
export function clockBack(
	clockAtHead: VectorClock,
	opsAfter: readonly ClockOp[],
): VectorClock {
	const clock = new Map(clockAtHead);
	for (const { replicaId } of opsAfter) {
		const count = (clock.get(replicaId) ?? 0) - 1;
		if (count > 0) clock.set(replicaId, count);
		else clock.delete(replicaId);
	}
	return clock;
}

/** Whether two revisions name the same context for an author: no foreign op lies between them. */
export function namesSameContext(
	rev: number,
	otherRev: number,
	foreign: readonly ClockOp[],
): boolean {
	const low = Math.min(rev, otherRev);
	const high = Math.max(rev, otherRev);
	return !foreign.some((op) => op.rev > low && op.rev <= high);
}

/**
 * What one session has seen of others' ops since it joined, and which revision its clocks name. `foreign` is, in every
 * call, all ops of other sessions with a revision above `rev`, in order.
 */
export class SeenClock {
	readonly #userId: UserId;
	readonly #replicaId: ReplicaId;
	readonly #joined: VectorClock;
	readonly #seen = new Map<ReplicaId, number>();
	#seenCount = 0;
	#rev: number;

	/** @param clockAtJoin the whole clock at `joinedRev`; kept, so it must not change */
	constructor(
		userId: UserId,
		joinedRev: number,
		clockAtJoin: VectorClock,
		replicaId: ReplicaId = userId as string as ReplicaId,
	) {
		this.#userId = userId;
		this.#rev = joinedRev;
		this.#joined = clockAtJoin;
		this.#replicaId = replicaId;
	}

	/** The author has seen every foreign op up to this revision. */
	get rev(): number {
		return this.#rev;
	}

	/** Whether no foreign op has come since the join: then there is one context, whatever a clock says. */
	isAlone(foreign: readonly ClockOp[]): boolean {
		return this.#seenCount === 0 && foreign.length === 0;
	}

	/** Whether the clock names the context with the first `count` of the foreign ops. */
	matches(
		declared: WireClock,
		ownCount: number,
		foreign: readonly ClockOp[] = [],
		count = 0,
	): boolean {
		const clock = fromWireClock(declared);
		return this.#readings(clock, ownCount).some(
			(reading) =>
				reading.seen === count &&
				this.#agrees(reading.clock, ownCount, foreign, count),
		);
	}

	/**
	 * The revision that a declared clock names.
	 *
	 * The log is linear, so the clock's sum tells how many foreign ops the author had seen; then every component must
	 * match exactly, those of his own user by their sum. What is absent has its value at the join.
	 *
	 * @param ownCount own ops accepted since the join, the one that declares included
	 * @throws `OPERATION_INVALID {reason:'clock', expected}` when it matches no prefix of the log or more than one,
	 *   `REVISION_AHEAD` when it counts ops that are not there, `VALIDATION_FAILED` when it has too many entries
	 */
	resolve(
		declared: WireClock,
		ownCount: number,
		foreign: readonly ClockOp[],
	): number {
		const clock = fromWireClock(declared);
		this.#checkSize(clock, foreign);
		const readings = this.#readings(clock, ownCount);
		const named = readings.filter(
			(reading) =>
				isWithin(reading.seen, foreign.length) &&
				this.#agrees(reading.clock, ownCount, foreign, reading.seen),
		);
		const [only] = named;
		if (only !== undefined && named.length === 1)
			return only.seen === 0
				? this.#rev
				: (foreign[only.seen - 1] as ClockOp).rev;
		if (readings.every((reading) => reading.seen > foreign.length))
			throw new CollabError(
				"REVISION_AHEAD",
				"The clock counts operations that are not in the log",
			);
		const seen = readings[0]?.seen ?? 0;
		throw new CollabError(
			"OPERATION_INVALID",
			"The clock matches no state of the document",
			{
				reason: "clock",
				expected: toWireClock(
					this.expected(
						ownCount,
						foreign.slice(0, isWithin(seen, foreign.length) ? seen : 0),
					),
				),
			},
		);
	}

	/** The clock of the author's context, the declaring op included, after these more foreign ops. */
	expected(ownCount: number, foreign: readonly ClockOp[] = []): VectorClock {
		const clock = new Map(this.#joined);
		const add = (replicaId: ReplicaId, count: number) =>
			clock.set(replicaId, (clock.get(replicaId) ?? 0) + count);
		for (const [replicaId, count] of this.#seen) add(replicaId, count);
		for (const { replicaId } of foreign) add(replicaId, 1);
		if (ownCount > 0) add(this.#replicaId, ownCount);
		return clock;
	}

	/** The author has now seen every foreign op up to `rev`. */
	advance(rev: number, foreign: readonly ClockOp[]): void {
		for (const op of foreign) {
			if (op.rev > rev) break;
			if (op.rev <= this.#rev) continue;
			this.#seen.set(op.replicaId, (this.#seen.get(op.replicaId) ?? 0) + 1);
			this.#seenCount++;
		}
		this.#rev = Math.max(this.#rev, rev);
	}

	#checkSize(clock: VectorClock, foreign: readonly ClockOp[]): void {
		const known = this.#joined.size + this.#seen.size + foreign.length;
		if (clock.size > known + EXTRA_CLOCK_ENTRIES)
			throw new CollabError("VALIDATION_FAILED", "Too many clock entries", {
				max: known + EXTRA_CLOCK_ENTRIES,
			});
	}

	/**
	 * The clock as declared; and for a second tab that counts under its user id and took the server's count of its ops
	 * under `user~2` for somebody else's: without that echo.
	 */
	#readings(clock: VectorClock, ownCount: number): readonly Reading[] {
		let seen = -this.#seenCount - ownCount;
		for (const [replicaId, count] of clock)
			seen += count - (this.#joined.get(replicaId) ?? 0);
		const asDeclared = { clock, seen };
		const joinedWith = this.#joined.get(this.#replicaId) ?? 0;
		const echo = (clock.get(this.#replicaId) ?? joinedWith) - joinedWith;
		if (
			(this.#replicaId as string) === this.#userId ||
			echo <= 0 ||
			echo >= ownCount
		)
			return [asDeclared];
		const without = new Map(clock).set(this.#replicaId, joinedWith);
		return [asDeclared, { clock: without, seen: seen - echo }];
	}

	/**
	 * Whether every component is what the context with the first `count` of the foreign ops has. One that is absent and
	 * should not be needs no look: only too high own ones could have made the sum right, and those are compared.
	 */
	#agrees(
		clock: VectorClock,
		ownCount: number,
		foreign: readonly ClockOp[],
		count: number,
	): boolean {
		const since = new Map(this.#seen);
		for (const { replicaId } of foreign.slice(0, count))
			since.set(replicaId, (since.get(replicaId) ?? 0) + 1);
		let own = -ownCount;
		for (const [replicaId, expected] of since)
			if (userOfReplica(replicaId) === this.#userId) own -= expected;
		for (const [replicaId, value] of clock) {
			const gained = value - (this.#joined.get(replicaId) ?? 0);
			if (!Number.isSafeInteger(value) || value < 0) return false;
			if (userOfReplica(replicaId) === this.#userId) own += gained;
			else if (gained !== (since.get(replicaId) ?? 0)) return false;
		}
		return own === 0;
	}
}

/** A clock as it may be read, and how many of the foreign ops its author has then seen. */
interface Reading {
	readonly clock: VectorClock;
	readonly seen: number;
}

const isWithin = (count: number, length: number): boolean =>
	Number.isSafeInteger(count) && count >= 0 && count <= length;
