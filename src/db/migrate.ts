import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { CollabError } from "../protocol/errors.ts";
import type { DatabaseKind } from "./database.ts";
import { documents0001 } from "./migrations/0001-documents.ts";
import { roomMetadata0002 } from "./migrations/0002-room-metadata.ts";
import { revocations0003 } from "./migrations/0003-revocations.ts";
import { fences0004 } from "./migrations/0004-fences.ts";
import { approvals0005 } from "./migrations/0005-approvals.ts";
import { versions0006 } from "./migrations/0006-versions.ts";
import { facts0007 } from "./migrations/0007-facts.ts";
import { comments0008 } from "./migrations/0008-comments.ts";

const migrationsOf = (kind: DatabaseKind): Record<string, Migration> => ({
	"0001-documents": documents0001(kind),
	"0002-room-metadata": roomMetadata0002(),
	"0003-revocations": revocations0003(kind),
	"0004-fences": fences0004(kind),
	"0005-approvals": approvals0005(kind),
	"0006-versions": versions0006(kind),
	"0007-facts": facts0007(kind),
	"0008-comments": comments0008(kind),
});

/**
 * Brings the tables up to date, in one transaction, under the lock that Kysely's migrator takes (PostgreSQL: an
 * advisory lock; SQLite: the caller holds the lock file).
 * Throws `UNAVAILABLE` when that fails; the tables are then as they were.
 */
export async function migrate(
	kind: DatabaseKind,
	kysely: Kysely<unknown>,
): Promise<void> {
	const provider = { getMigrations: async () => migrationsOf(kind) };
	const { error } = await new Migrator({
		db: kysely,
		provider,
	}).migrateToLatest();
	if (error === undefined) return;
	if (error instanceof CollabError) throw error;
	throw new CollabError(
		"UNAVAILABLE",
		"The database's tables could not be brought up to date",
		{ reason: "migration" },
		{ cause: error },
	);
}
