import { type ClockOp, SeenClock } from "../../src/ot/vector-clock.ts";
import { type ReplicaId, userOfReplica } from "../../src/shared/ids.ts";

/**
 * How a client counts. `replica`: every op under its replica id, as it hears of it. `user`: the ops of all tabs of its
 * own user under the user id. `replace`: takes the server's clock in place of its own, counts its next op under the
 * user id, one in flight. `merge`: takes the greater of both clocks for each entry, counts under the user id.
 */
export type CountingStyle = "replica" | "user" | "replace" | "merge";

export interface SentClock {
	readonly clock: Readonly<Record<string, number>>;
	/** Newest op of another session that the client had heard when it sent. */
	readonly heard: number;
	/** Own ops since the join, this one included. */
	readonly count: number;
}

export const clockOf = (
	log: readonly ClockOp[],
): ReadonlyMap<ReplicaId, number> => {
	const clock = new Map<ReplicaId, number>();
	for (const { replicaId } of log)
		clock.set(replicaId, (clock.get(replicaId) ?? 0) + 1);
	return clock;
};

/** A client that declares clocks by its way of counting, and the owner's view of it. */
export class ClockClient {
	readonly replicaId: ReplicaId;
	readonly seen: SeenClock;
	readonly sent: SentClock[] = [];
	readonly joined: ReadonlyMap<ReplicaId, number>;
	/** Ops of others since the join that the owner knows the client to have seen. */
	readonly seenOps: ClockOp[] = [];
	refused = false;
	readonly #style: CountingStyle;
	readonly #log: ClockOp[];
	#rev: number;
	#heard: number;
	#made = 0;
	#acked = 0;
	#clock: Map<string, number>;

	constructor(replicaId: ReplicaId, style: CountingStyle, log: ClockOp[]) {
		this.replicaId = replicaId;
		this.#style = style;
		this.#log = log;
		this.#rev = log.length;
		this.#heard = log.length;
		this.joined = clockOf(log);
		this.#clock = new Map(this.joined);
		this.seen = new SeenClock(
			userOfReplica(replicaId),
			log.length,
			this.joined,
			replicaId,
		);
	}

	make(): void {
		if (this.#style === "replace" && this.#acked < this.#made) return;
		this.#made++;
		this.#count(this.replicaId);
		this.sent.push({
			clock: Object.fromEntries(this.#clock),
			heard: this.#heard,
			count: this.#made,
		});
	}

	hear(): void {
		const op = this.#log[this.#rev];
		if (op === undefined) return;
		this.#rev++;
		const isOwn = op.replicaId === this.replicaId;
		if (isOwn) this.#acked++;
		else this.#heard = op.rev;
		if (this.#style === "replace")
			this.#clock = new Map(clockOf(this.#log.slice(0, op.rev)));
		else if (this.#style === "merge") this.#merge(op.rev);
		else if (!isOwn) this.#count(op.replicaId);
	}

	/** Ops of other sessions that the owner does not know the client to have seen. */
	get foreign(): readonly ClockOp[] {
		return this.#log.filter(
			(op) => op.rev > this.seen.rev && op.replicaId !== this.replicaId,
		);
	}

	commit(base: number): void {
		this.seenOps.push(...this.foreign.filter((op) => op.rev <= base));
		this.seen.advance(base, this.foreign);
		this.#log.push({ rev: this.#log.length + 1, replicaId: this.replicaId });
	}

	#count(replicaId: ReplicaId): void {
		const user = userOfReplica(replicaId);
		const isKin = user === userOfReplica(this.replicaId);
		const key = isKin && this.#style !== "replica" ? user : replicaId;
		this.#clock.set(key, (this.#clock.get(key) ?? 0) + 1);
	}

	#merge(rev: number): void {
		for (const [key, count] of clockOf(this.#log.slice(0, rev)))
			this.#clock.set(key, Math.max(count, this.#clock.get(key) ?? 0));
	}
}
