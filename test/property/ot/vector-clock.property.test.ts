import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
	type ClockOp,
	namesSameContext,
	type WireClock,
} from "../../../src/ot/vector-clock.ts";
import { CollabError } from "../../../src/protocol/errors.ts";
import { type ReplicaId, userOfReplica } from "../../../src/shared/ids.ts";
import {
	ClockClient,
	type CountingStyle,
	clockOf,
	type SentClock,
} from "../../support/ot-clock-lab.ts";
import { SEED } from "../../support/ot-generators.ts";

const RUNS = { seed: SEED, numRuns: 1_000 };
const REPLICAS = ["ann", "ann~2", "ben", "cy"] as ReplicaId[];

const steps = fc.array(
	fc.record({
		who: fc.nat(REPLICAS.length - 1),
		what: fc.constantFrom("make", "make", "send", "hear", "hear"),
	}),
	{ maxLength: 80, size: "max" },
);
const history = fc.array(
	fc.constantFrom(...REPLICAS, "dora" as ReplicaId, "__proto__" as ReplicaId),
	{ maxLength: 8 },
);
const styles = (...allowed: CountingStyle[]) =>
	fc.array(fc.constantFrom(...allowed), { minLength: 4, maxLength: 4 });

/** Plays a session over one log; `resolve` answers each sent clock with a base, or undefined to refuse it. */
function play(
	before: readonly ReplicaId[],
	counting: readonly CountingStyle[],
	session: readonly { readonly who: number; readonly what: string }[],
	resolve: (client: ClockClient, sent: SentClock) => number | undefined,
): void {
	const log: ClockOp[] = before.map((replicaId, i) => ({
		rev: i + 1,
		replicaId,
	}));
	const clients = REPLICAS.map(
		(id, who) => new ClockClient(id, counting[who] ?? "replica", log),
	);
	for (const { who, what } of session) {
		const client = clients[who] as ClockClient;
		if (what === "make") client.make();
		else if (what === "hear") client.hear();
		else {
			const sent = client.refused ? undefined : client.sent.shift();
			if (sent === undefined) continue;
			const base = resolve(client, sent);
			if (base === undefined) client.refused = true;
			else client.commit(base);
		}
	}
}

const refusalOf = (act: () => unknown): unknown => {
	try {
		return act();
	} catch (error) {
		if (!(error instanceof CollabError)) throw error;
		return `${error.code} ${String(error.data?.reason ?? "")}`.trim();
	}
};

describe("which revision a vector clock names", () => {
	it("[CLOCK-1] finds the author's context from any right clock, two tabs under one user id included", () => {
		fc.assert(
			fc.property(
				history,
				styles("replica", "user"),
				steps,
				(before, counting, session) => {
					play(before, counting, session, ({ seen, foreign }, sent) => {
						const base = seen.resolve(sent.clock, sent.count, foreign);
						expect(namesSameContext(base, sent.heard, foreign)).toBe(true);
						return base;
					});
				},
			),
			RUNS,
		);
	});

	it("[CLOCK-2] never takes a clock for another context than its author's, however he counts", () => {
		let accepted = 0;
		let refused = 0;
		fc.assert(
			fc.property(
				history,
				styles("replica", "user", "replace", "merge"),
				steps,
				(before, counting, steps) => {
					// Two tabs that share one entry and take the greater lose ops of each other: nobody can tell which.
					const session =
						counting[1] === "merge"
							? steps.filter(({ who, what }) => who !== 0 || what !== "make")
							: steps;
					play(before, counting, session, ({ seen, foreign }, sent) => {
						const base = refusalOf(() =>
							seen.resolve(sent.clock, sent.count, foreign),
						);
						if (typeof base !== "number") {
							refused++;
							return undefined;
						}
						expect(namesSameContext(base, sent.heard, foreign)).toBe(true);
						accepted++;
						return base;
					});
				},
			),
			RUNS,
		);
		expect(accepted).toBeGreaterThan(20 * refused);
	});

	it("[CLOCK-3] accepts a damaged clock only where it is exactly the clock of a prefix of the log", () => {
		const damage = fc.array(
			fc.tuple(
				fc.constantFrom("ann", "ann~2", "ben", "cy", "dora", "nobody"),
				fc.integer({ min: -2, max: 3 }),
			),
			{ minLength: 1, maxLength: 3 },
		);
		fc.assert(
			fc.property(history, steps, damage, (before, session, changes) => {
				play(before, [], session, (client, sent) => {
					const { seen, foreign, replicaId } = client;
					const base = seen.resolve(sent.clock, sent.count, foreign);
					if (replicaId === "ann~2") return base;
					const clock = damaged(sent.clock, changes);
					expect(
						refusalOf(() => seen.resolve(clock, sent.count, foreign)),
					).toEqual(bySearch(client, clock, sent.count));
					return base;
				});
			}),
			RUNS,
		);
	});
});

const damaged = (
	clock: WireClock,
	changes: readonly (readonly [string, number])[],
): WireClock => {
	const out = new Map(Object.entries(clock));
	for (const [key, by] of changes) out.set(key, (out.get(key) ?? 0) + by);
	return Object.fromEntries(out);
};

/** What `resolve` must say, found by comparing the clock with that of every context there is. */
function bySearch(
	client: ClockClient,
	declared: WireClock,
	count: number,
): number | string {
	const { seen, foreign, joined, replicaId } = client;
	const user = userOfReplica(replicaId);
	const clock = new Map([...joined, ...Object.entries(declared)]);
	const negative = Object.values(declared).some((n) => n < 0);
	for (let o = 0; o <= foreign.length && !negative; o++) {
		const own = Array.from({ length: count }, () => ({ rev: 0, replicaId }));
		const context = [...client.seenOps, ...foreign.slice(0, o), ...own];
		const expected = new Map<string, number>(joined);
		for (const [key, n] of clockOf(context))
			expected.set(key, (expected.get(key) ?? 0) + n);
		if (sameClock(byUser(clock, user), byUser(expected, user)))
			return foreign[o - 1]?.rev ?? seen.rev;
	}
	const total = (of: ReadonlyMap<string, number>) =>
		[...of.values()].reduce((sum, n) => sum + n, 0);
	const most = total(joined) + client.seenOps.length + foreign.length + count;
	return total(clock) > most ? "REVISION_AHEAD" : "OPERATION_INVALID clock";
}

/** The clock with all entries of one user as one. */
function byUser(
	clock: ReadonlyMap<string, number>,
	user: string,
): ReadonlyMap<string, number> {
	const out = new Map<string, number>();
	for (const [key, n] of clock) {
		const name = userOfReplica(key as ReplicaId) === user ? user : key;
		out.set(name, (out.get(name) ?? 0) + n);
	}
	return out;
}

const sameClock = (
	a: ReadonlyMap<string, number>,
	b: ReadonlyMap<string, number>,
): boolean =>
	[...new Set([...a.keys(), ...b.keys()])].every(
		(key) => (a.get(key) ?? 0) === (b.get(key) ?? 0),
	);
