import { describe, expect, it } from "@jest/globals";
import {
	clockBack,
	EXTRA_CLOCK_ENTRIES,
	fromWireClock,
	namesSameContext,
	SeenClock,
	sum,
	toWireClock,
} from "../../../src/ot/vector-clock.ts";
import type { ReplicaId, UserId } from "../../../src/shared/ids.ts";

const ops = (first: number, ...replicas: string[]) =>
	replicas.map((id, i) => ({ rev: first + i, replicaId: id as ReplicaId }));
const clock = (wire: Record<string, number>) => fromWireClock(wire);
const user = (id: string) => id as UserId;

/** The seed's example: joined at { user_123: 5, user_456: 3 }. */
const joined = () =>
	new SeenClock(user("user_123"), 8, clock({ user_123: 5, user_456: 3 }));

describe("SeenClock", () => {
	it("[CLOCK-1] finds the seed's revision", () => {
		expect(joined().resolve({ user_123: 6, user_456: 3 }, 1, [])).toBe(8);
	});

	it("[CLOCK-1] counts foreign ops that the author had seen, and own ops on their way", () => {
		const seen = joined();
		const foreign = ops(9, "user_456", "ben", "user_456");
		const at = (declared: Record<string, number>, own: number) =>
			seen.resolve(declared, own, foreign);
		expect(at({ user_123: 6, user_456: 4 }, 1)).toBe(9);
		expect(at({ user_123: 6, user_456: 4, ben: 1 }, 1)).toBe(10);
		expect(at({ user_123: 9, user_456: 5, ben: 1 }, 4)).toBe(11);
	});

	it("[CLOCK-4] fills in what a client leaves out with its value at the join", () => {
		const seen = joined();
		expect(seen.resolve({ user_123: 6 }, 1, ops(9, "ben"))).toBe(8);
		expect(seen.resolve({ user_123: 6, ben: 1 }, 1, ops(9, "ben"))).toBe(9);
		expect(seen.resolve({}, 0, [])).toBe(8);
	});

	it("[CLOCK-5] refuses a clock that matches no state, and says which it would have taken", () => {
		const seen = joined();
		const foreign = ops(9, "user_456", "ben");
		for (const wrong of [
			{ user_123: 6, user_456: 3, ben: 1 },
			{ user_123: 7, user_456: 3 },
			{ user_123: 7 },
			{ user_123: 6, user_456: 4, nobody: 1 },
			{ user_123: 5, user_456: 3 },
			{ user_123: 6.5, user_456: 3.5 },
			{ user_123: Number.NaN },
		])
			expect(() => seen.resolve(wrong, 1, foreign)).toThrow(
				expect.objectContaining({
					code: "OPERATION_INVALID",
					data: expect.objectContaining({ reason: "clock" }),
				}),
			);
		expect(() =>
			seen.resolve({ user_123: 6, user_456: 3, ben: 1 }, 1, foreign),
		).toThrow(
			expect.objectContaining({
				data: { reason: "clock", expected: { user_123: 6, user_456: 4 } },
			}),
		);
	});

	it("[CLOCK-6] refuses a clock that counts more than the log has", () => {
		expect(() =>
			joined().resolve({ user_123: 6, user_456: 5 }, 1, ops(9, "user_456")),
		).toThrow(expect.objectContaining({ code: "REVISION_AHEAD" }));
	});

	it("[CLOCK-7] refuses a clock with more entries than the document's and the extra ones", () => {
		const entries = Array.from(
			{ length: EXTRA_CLOCK_ENTRIES + 3 },
			(_, i) => [`user${i}`, 0] as const,
		);
		const seen = joined();
		expect(() => seen.resolve(Object.fromEntries(entries), 0, [])).toThrow(
			expect.objectContaining({ code: "VALIDATION_FAILED" }),
		);
		expect(seen.resolve(Object.fromEntries(entries.slice(1)), 0, [])).toBe(8);
	});

	it("[CLOCK-8] knows whether the session is alone, where any clock names its one context", () => {
		const seen = joined();
		expect(seen.isAlone([])).toBe(true);
		expect(seen.isAlone(ops(9, "ben"))).toBe(false);
		expect(seen.matches({ user_123: 6, user_456: 3 }, 1)).toBe(true);
		expect(seen.matches({ user_123: 1 }, 1)).toBe(false);
		seen.advance(9, ops(9, "ben"));
		seen.advance(9, ops(9, "ben"));
		expect(seen.matches({ user_123: 6, user_456: 3, ben: 1 }, 1)).toBe(true);
		expect(seen.isAlone([])).toBe(false);
		expect(seen.rev).toBe(9);
	});

	it("[CLOCK-9] reads the clock of a second tab that counts under its user id and merges the server's clocks", () => {
		const seen = new SeenClock(
			user("ann"),
			2,
			clock({ ann: 2 }),
			"ann~2" as ReplicaId,
		);
		expect(seen.resolve({ ann: 3 }, 1, ops(4, "ben"))).toBe(2);
		// The ack said { ann: 2, "ann~2": 1 }, ben's op { ..., ben: 1 }; the client took the greater of each.
		const second = { ann: 4, "ann~2": 1, ben: 1 };
		expect(seen.resolve(second, 2, ops(4, "ben"))).toBe(4);
	});

	it("[CLOCK-9] refuses a clock that names two states", () => {
		const seen = new SeenClock(
			user("ann"),
			2,
			clock({ ann: 2 }),
			"ann~2" as ReplicaId,
		);
		const foreign = ops(4, "ann");
		expect(() => seen.resolve({ ann: 4, "ann~2": 1 }, 2, foreign)).toThrow(
			expect.objectContaining({ code: "OPERATION_INVALID" }),
		);
	});
});

describe("clocks", () => {
	it("[CLOCK-10] goes back from the clock at head to that of an earlier revision", () => {
		const head = clock({ ann: 3, ben: 1 });
		expect(clockBack(head, ops(3, "ben", "ann"))).toEqual(clock({ ann: 2 }));
		expect(head).toEqual(clock({ ann: 3, ben: 1 }));
	});

	it("[CLOCK-10] keeps any user id on its way over the wire", () => {
		const wire = JSON.parse('{"__proto__":2,"constructor":1}');
		const there = clock(wire);
		expect(sum(there)).toBe(3);
		expect(JSON.stringify(toWireClock(there))).toBe(JSON.stringify(wire));
	});

	it("[CLOCK-11] takes two revisions for one context when no foreign op lies between them", () => {
		const foreign = ops(5, "ben");
		expect(namesSameContext(3, 4, foreign)).toBe(true);
		expect(namesSameContext(4, 5, foreign)).toBe(false);
		expect(namesSameContext(6, 5, foreign)).toBe(true);
		expect(namesSameContext(6, 4, foreign)).toBe(false);
	});
});
