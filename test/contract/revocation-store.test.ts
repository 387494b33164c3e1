import { describe, expect, it } from "@jest/globals";
import { isRevokedBy } from "../../src/rooms/revocation-store.ts";
import type { UserId } from "../../src/shared/ids.ts";
import { createPostgres } from "../support/postgres.ts";
import { createSqlite } from "../support/sqlite.ts";
import { revocationStoreContract } from "./revocation-store.contract.ts";

revocationStoreContract("SQLite", createSqlite);
revocationStoreContract("PostgreSQL", createPostgres);

describe("a revocation", () => {
	it("[REV-2] of a person means tokens issued before, and those that do not say when", () => {
		const userId = "ann" as UserId;
		const revocation = {
			kind: "user",
			userId,
			revokedAtMs: 5_000,
			untilMs: 9_000,
		} as const;
		const isRevoked = (issuedAtMs?: number) =>
			isRevokedBy(
				{ userId, ...(issuedAtMs === undefined ? {} : { issuedAtMs }) },
				revocation,
			);
		expect([4_000, 5_000, undefined].map(isRevoked)).toEqual([
			true,
			false,
			true,
		]);
	});
});
