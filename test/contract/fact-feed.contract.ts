import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlDocumentEraser } from "../../src/db/sql-document-eraser.ts";
import { SqlFactFeed, withFact } from "../../src/db/sql-facts.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import type { DocId } from "../../src/shared/ids.ts";
import type {
	Fact,
	FactFeed,
	NewFact,
} from "../../src/shared/ports/fact-feed.ts";
import { ANN, makeDocument } from "../support/comments.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { newDocId } from "./desk.ts";

/** Every implementation of `FactFeed` keeps these rules. */
export function factFeedContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`facts on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;
		let feed: FactFeed;

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
			feed = new SqlFactFeed(database);
		}, 60_000);
		afterAll(async () => {
			await database.close();
			made.remove();
		});

		const document = async (): Promise<DocId> => {
			const docId = newDocId();
			await makeDocument(new SqlRoomStore(database), docId);
			return docId;
		};
		const fact = (docId: DocId, n: number): NewFact => ({
			kind: "comment:added",
			docId,
			actor: ANN,
			payload: { n, said: "'😀'" },
			atMs: 1_700_000_000_000 + n,
		});
		const title = (docId: DocId, text: string) =>
			database.kysely
				.updateTable("rooms")
				.set({ title: text })
				.where("room_id", "=", docId)
				.compile();
		const write = (docId: DocId, n: number, of = docId) =>
			database.batch(
				withFact(
					database,
					[{ query: title(of, `title ${n}`), required: true }],
					fact(docId, n),
				),
			);

		it("[FACT-1] a change leaves its fact as it was told, in order; one that does not happen leaves none", async () => {
			const docId = await document();
			const [before] = (await feed.since(0, 100_000)).slice(-1);
			const since = before?.id ?? 0;
			for (let n = 0; n < 5; n++) expect((await write(docId, n))[0]).toBe(1);
			await write(docId, 5, newDocId());
			const facts = await feed.since(since, 100);
			expect(facts.map(({ id: _, ...rest }) => rest)).toEqual(
				[0, 1, 2, 3, 4].map((n) => fact(docId, n)),
			);
			const [first, second] = facts as [Fact, Fact];
			expect(second.id).toBeGreaterThan(first.id);
			expect(await feed.since(since, 1)).toEqual([first]);
			expect(await feed.since(first.id, 1)).toEqual([second]);
		});

		it("[FACT-2] who reads on from the last place misses none, however many are written at once", async () => {
			const docs = await Promise.all(Array.from({ length: 8 }, document));
			let since = (await feed.since(0, 100_000)).at(-1)?.id ?? 0;
			const seen: unknown[] = [];
			let isWriting = true;
			const writing = Promise.all(
				docs.map(async (docId, d) => {
					for (let n = 0; n < 20; n++) await write(docId, d * 20 + n);
				}),
			).finally(() => {
				isWriting = false;
			});
			for (;;) {
				// SQLite reads at once: without a turn of the loop nothing would be written.
				await nextTurn();
				const isLast = !isWriting;
				const page = await feed.since(since, 7);
				seen.push(...page.map(({ payload }) => payload.n));
				since = page.at(-1)?.id ?? since;
				if (isLast && page.length === 0) break;
			}
			await writing;
			expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(
				Array.from({ length: 160 }, (_, n) => n),
			);
		});

		it("[FACT-3] facts go with their document, and their places are not given to others", async () => {
			const [gone, kept] = [await document(), await document()];
			await write(gone, 1);
			const last = (await feed.since(0, 100_000)).at(-1) as Fact;
			await new SqlDocumentEraser(database).erase(gone);
			expect((await feed.since(0, 100_000)).map(({ id }) => id)).not.toContain(
				last.id,
			);
			await write(kept, 2);
			expect(await feed.since(last.id, 10)).toMatchObject([
				{ docId: kept, payload: { n: 2 } },
			]);
		});
	});
}
