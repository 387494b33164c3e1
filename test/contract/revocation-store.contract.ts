import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlRevocationStore } from "../../src/db/sql-revocation-store.ts";
import type { RevocationStore } from "../../src/rooms/revocation-store.ts";
import type { UserId } from "../../src/shared/ids.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";

const NOW_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
const newUser = (): UserId => `user-${randomUUID()}` as UserId;

/** Every implementation of `RevocationStore` keeps these rules. */
export function revocationStoreContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`revocation store on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;
		let store: RevocationStore;
		let nowMs = NOW_MS;

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
			store = new SqlRevocationStore(database, { nowMs: () => nowMs });
		}, 60_000);
		afterAll(async () => {
			await database.close();
			made.remove();
		});

		it("[REV-5] finds what names one of the tokens, and nothing else", async () => {
			const [ann, bob] = [newUser(), newUser()];
			const token = {
				kind: "token",
				jti: `t-${ann}`,
				untilMs: NOW_MS + HOUR_MS,
			} as const;
			const user = {
				kind: "user",
				userId: bob,
				revokedAtMs: NOW_MS,
				untilMs: NOW_MS + HOUR_MS,
			} as const;
			await store.add(token);
			await store.add(user);
			const list = (...marks: Parameters<RevocationStore["list"]>[0]) =>
				store.list(marks, NOW_MS);
			expect(await list({ userId: ann, jti: token.jti })).toEqual([token]);
			expect(await list({ userId: bob })).toEqual([user]);
			expect(await list({ userId: ann }, { userId: newUser() })).toEqual([]);
			expect(await list()).toEqual([]);
			// A user's id is no token's.
			expect(await list({ userId: ann, jti: bob })).toEqual([]);
			const both = await list(
				{ userId: bob, jti: "x" },
				{ userId: ann, jti: token.jti },
			);
			expect(both).toHaveLength(2);
			const odd = "'; drop table revocations; --";
			expect(await list({ userId: odd as UserId, jti: odd })).toEqual([]);
			expect(await list({ userId: bob })).toEqual([user]);
		});

		it("[REV-5] of two for one name the farther counts, whichever comes first", async () => {
			const userId = newUser();
			for (const [revokedAtMs, untilMs] of [
				[2, 9],
				[3, 8],
				[1, 7],
			] as const)
				await store.add({
					kind: "user",
					userId,
					revokedAtMs,
					untilMs: NOW_MS + untilMs,
				});
			expect(await store.list([{ userId }], NOW_MS)).toEqual([
				{ kind: "user", userId, revokedAtMs: 3, untilMs: NOW_MS + 9 },
			]);
		});

		it("[REV-6] one whose time is over is not in force, and its row goes", async () => {
			const userId = newUser();
			const until = (untilMs: number) =>
				({ kind: "user", userId, revokedAtMs: 1, untilMs }) as const;
			await store.add(until(NOW_MS + 1_000));
			expect(await store.list([{ userId }], NOW_MS + 999)).toHaveLength(1);
			expect(await store.list([{ userId }], NOW_MS + 1_000)).toEqual([]);
			nowMs = NOW_MS + 1_000;
			await store.add({ kind: "token", jti: randomUUID(), untilMs: nowMs + 1 });
			const { count } = await database.kysely
				.selectFrom("revocations")
				.select(({ fn }) => fn.countAll().as("count"))
				.where("name", "=", userId)
				.executeTakeFirstOrThrow();
			expect(Number(count)).toBe(0);
			nowMs = NOW_MS;
		});
	});
}
