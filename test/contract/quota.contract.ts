import { beforeEach, describe, expect, it } from "@jest/globals";
import type { Quota } from "../../src/shared/ports/quota.ts";

/** Two nodes with one quota, whose time the test holds. */
export interface TestQuota {
	readonly nodes: readonly [Quota, Quota];
	/** As if so much time had passed for that bucket. */
	pass(bucket: string, ms: number): Promise<void>;
}

/** So slow that nothing flows in while a test runs. */
const RATE = { capacity: 20, perSecond: 1 / 600 };
const TOKEN_MS = 600_000;

/** Every implementation of `Quota` keeps these rules. */
export function quotaContract(
	name: string,
	create: () => Promise<TestQuota>,
): void {
	describe(`quota in ${name}`, () => {
		let one: Quota;
		let other: Quota;
		let pass: TestQuota["pass"];
		beforeEach(async () => {
			const made = await create();
			[one, other] = made.nodes;
			pass = made.pass;
		});
		const place = (person: string, limit = 3) => ({ name: person, limit });

		it("[QUOTA-1] a bucket has one capacity for all nodes, and fills with time", async () => {
			const waits = await Promise.all(
				Array.from({ length: 30 }, (_, i) =>
					(i % 2 === 0 ? one : other).charge("b", RATE),
				),
			);
			expect(waits.filter((ms) => ms === 0)).toHaveLength(RATE.capacity);
			const [wait] = waits.filter((ms) => ms > 0);
			expect(wait).toBeGreaterThan(TOKEN_MS - 60_000);
			expect(wait).toBeLessThanOrEqual(TOKEN_MS);
			await pass("b", TOKEN_MS);
			expect(await other.charge("b", RATE)).toBe(0);
			expect(await one.charge("b", RATE)).toBeGreaterThan(0);
			await pass("b", TOKEN_MS * 100);
			const later = await Promise.all(
				Array.from({ length: 30 }, () => one.charge("b", RATE)),
			);
			expect(later.filter((ms) => ms === 0)).toHaveLength(RATE.capacity);
		});

		it("[QUOTA-1] buckets of other names are apart", async () => {
			const rate = { capacity: 1, perSecond: 1 / 600 };
			expect(await one.charge("a", rate)).toBe(0);
			expect(await one.charge("a", rate)).toBeGreaterThan(0);
			expect(await one.charge("b", rate)).toBe(0);
		});

		it("[QUOTA-2] places under a name are bounded over all nodes, and free when given back", async () => {
			expect(await one.take([place("ann")])).toBeUndefined();
			expect(await other.take([place("ann")])).toBeUndefined();
			expect(await one.take([place("ann")])).toBeUndefined();
			for (const node of [one, other])
				expect(await node.take([place("ann")])).toBe("ann");
			expect(await one.take([place("bob")])).toBeUndefined();
			one.give(["ann"]);
			expect(await other.take([place("ann")])).toBeUndefined();
			expect(await one.take([place("ann")])).toBe("ann");
		});

		it("[QUOTA-2] several that are asked at once do not slip through together", async () => {
			const outcomes = await Promise.all(
				Array.from({ length: 20 }, (_, i) =>
					(i % 2 === 0 ? one : other).take([place("ann", 7)]),
				),
			);
			expect(outcomes.filter((full) => full === undefined)).toHaveLength(7);
			for (const node of [one, other])
				expect(await node.take([place("ann", 7)])).toBe("ann");
			expect(await one.take([place("ann", 8)])).toBeUndefined();
		});

		it("[QUOTA-2] places are taken under all names or under none", async () => {
			await one.take([place("ann", 1)]);
			const both = [place("here"), place("ann", 1)];
			expect(await other.take(both)).toBe("ann");
			expect(await one.take([place("here", 1)])).toBeUndefined();
		});
	});
}
