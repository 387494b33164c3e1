import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlDocumentEraser } from "../../src/db/sql-document-eraser.ts";
import { SqlFactFeed } from "../../src/db/sql-facts.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import { SqlVersionStore } from "../../src/db/sql-version-store.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";
import type { StoredVersion, Version } from "../../src/versioning/version.ts";
import type {
	AutoPolicy,
	VersionStore,
} from "../../src/versioning/version-store.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { NOW_MS, plainContent, storedVersion } from "../support/versions.ts";
import { newDocId, opLogOf } from "./desk.ts";

const aboutOf = ({
	parent: _parent,
	message: _message,
	text: _text,
	runs: _runs,
	...about
}: StoredVersion): Version => about;

/** Every implementation of `VersionStore` keeps these rules. */
export function versionStoreContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`version store on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;
		let store: VersionStore;
		/** As another process has it. */
		let other: { readonly database: Database; readonly store: VersionStore };

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
			store = new SqlVersionStore(database);
			const shared =
				made.config.kind === "sqlite"
					? database
					: await openDatabase(made.config);
			other = { database: shared, store: new SqlVersionStore(shared) };
		}, 60_000);
		afterAll(async () => {
			if (other.database !== database) await other.database.close();
			await database.close();
			made.remove();
		});

		async function newDocument(
			kind: "document" | "room" = "document",
		): Promise<DocId> {
			const roomId = newDocId();
			const visibility = "private";
			const room = { roomId, kind, title: roomId, visibility } as const;
			const rooms = new SqlRoomStore(database);
			const ann = "ann" as UserId;
			await rooms.create({ ...room, metadata: {}, createdAtMs: 0 }, ann);
			return roomId;
		}

		/** A document with so many versions, oldest first. */
		async function released(
			count: number,
		): Promise<readonly [DocId, readonly StoredVersion[]]> {
			const docId = await newDocument();
			const versions: StoredVersion[] = [];
			for (let n = 1; n <= count; n++) {
				const before = versions.at(-1);
				const content = plainContent(`text ${n}\n`);
				const version = storedVersion(docId, `1.${n}.0`, content, {
					...(before && { before }),
				});
				expect(await store.add(version, before?.version)).toBe(true);
				versions.push(version);
			}
			return [docId, versions];
		}

		it("[VERSION-1] what was stored is there as it was stored, text and formatting too", async () => {
			const docId = await newDocument();
			const content = {
				text: "Ünï 📐\r\n'\"\\;--\n",
				runs: [
					{ n: 3, a: { bold: true, color: "red", size: 1.5 } },
					{ n: 13, a: {} },
				],
			};
			const version = storedVersion(docId, "1.3.0-rc.1", content, {
				changelog: "Zeile 1\n\nZeile 📐",
				revision: 2_000_000_000,
			});
			expect(await store.add(version, undefined)).toBe(true);
			expect(await store.find(docId, "1.3.0-rc.1")).toStrictEqual(version);
			expect(await store.latest(docId)).toStrictEqual(aboutOf(version));
			expect(await store.find(docId, "1.3.0")).toBeUndefined();
			expect(await store.latest(newDocId())).toBeUndefined();
		});

		it("[VERSION-1] they are listed newest first, and read oldest first, a page at a time", async () => {
			const [docId, versions] = await released(5);
			await released(1);
			const newest = versions.map(aboutOf).reverse();
			expect(await store.list(docId, 10)).toStrictEqual(newest);
			expect(await store.list(docId, 2, 4)).toStrictEqual(newest.slice(2, 4));
			expect(await store.listStored(docId, 0, 10)).toStrictEqual(versions);
			expect(await store.listStored(docId, 3, 1)).toStrictEqual([versions[3]]);
			expect(await store.listStored(docId, 5, 1)).toStrictEqual([]);
		});

		it("[VERSION-1] every document with versions is found by its latest", async () => {
			const [docId, versions] = await released(3);
			const found = new Map<DocId, unknown>();
			for (let after: DocId | undefined; ; ) {
				const page = await store.listLatest(2, after);
				for (const place of page) found.set(place.docId, place);
				after = page.at(-1)?.docId;
				if (page.length < 2) break;
			}
			const commitHash = versions[2]?.commitHash;
			expect(found.get(docId)).toStrictEqual({ docId, number: 3, commitHash });
		});

		it("[VERSION-3] of two made at once on two nodes one wins, and nothing of the other is there", async () => {
			for (let round = 0; round < 10; round++) {
				const [docId, [before]] = await released(1);
				if (before === undefined) throw new Error("there is one");
				const at = (version: string, text: string) =>
					storedVersion(docId, version, plainContent(text), { before });
				const same = round % 2 === 0;
				const mine = at("1.2.0", "mine");
				const theirs = at(same ? "1.2.0" : "2.0.0", "theirs");
				const won = await Promise.all([
					store.add(mine, before.version),
					other.store.add(theirs, before.version),
				]);
				expect([...won].sort()).toEqual([false, true]);
				const winner = won[0] ? mine : theirs;
				expect(await store.listStored(docId, 1, 10)).toStrictEqual([winner]);
				const room = await new SqlRoomStore(database).find(docId);
				expect(room?.version).toBe(winner.version);
			}
		}, 30_000);

		it("[VERSION-3] only behind the latest, and only for a document that is there", async () => {
			const [docId, [first]] = await released(2);
			if (first === undefined) throw new Error("there is one");
			const late = storedVersion(docId, "3.0.0", plainContent(""), {
				before: first,
			});
			expect(await store.add(late, first.version)).toBe(false);
			expect(await store.add(late, undefined)).toBe(false);
			for (const id of [newDocId(), await newDocument("room")]) {
				const version = storedVersion(id, "1.0.0", plainContent(""));
				expect(await store.add(version, undefined)).toBe(false);
				expect(await store.latest(id)).toBeUndefined();
			}
		});

		it("[VERSION-12] the document's room names the latest version", async () => {
			const rooms = new SqlRoomStore(database);
			const [docId] = await released(2);
			expect((await rooms.find(docId))?.version).toBe("1.2.0");
			expect(await rooms.find(await newDocument())).not.toHaveProperty(
				"version",
			);
		});

		it("[VERSION-13] a changelog may be put right; the commit keeps its message", async () => {
			const [docId, [version]] = await released(2);
			const changed = await store.setChangelog(docId, "1.1.0", "Better");
			expect(changed).toStrictEqual({
				...(version && aboutOf(version)),
				changelog: "Better",
			});
			expect(await store.find(docId, "1.1.0")).toStrictEqual({
				...version,
				changelog: "Better",
			});
			expect(await store.setChangelog(docId, "9.9.9", "")).toBeUndefined();
		});

		it("[VERSION-10] who wrote what is kept beside a version, and found from later ones", async () => {
			const [docId] = await released(4);
			expect(await store.findAuthors(docId, 4)).toBeUndefined();
			const authors = [{ n: 7, userId: "ann" as UserId }];
			await store.setAuthors(docId, 2, authors);
			const kept = { number: 2, revision: 2, authors };
			expect(await store.findAuthors(docId, 4)).toStrictEqual(kept);
			expect(await store.findAuthors(docId, 2)).toStrictEqual(kept);
			expect(await store.findAuthors(docId, 1)).toBeUndefined();
			await store.setAuthors(docId, 3, []);
			expect((await store.findAuthors(docId, 4))?.number).toBe(3);
		});

		it("[VERSION-11] that a version was made is a fact, in the same transaction", async () => {
			const [docId, versions] = await released(1);
			const facts = await new SqlFactFeed(database).since(0, 1_000);
			const own = facts.filter((fact) => fact.docId === docId);
			const commitHash = versions[0]?.commitHash;
			expect(own).toEqual([
				{
					id: expect.any(Number),
					kind: "version:created",
					docId,
					actor: "user_123",
					payload: { version: "1.1.0", commitHash },
					atMs: NOW_MS + 1_000,
				},
			]);
		});

		it("[VERSION-18] a document is due after so many edits, or so long after its latest version with an edit", async () => {
			const log = opLogOf(database);
			const edited = async (head: number) => {
				const docId = newDocId();
				const { docKey } = await log.open(docId);
				await database.kysely
					.updateTable("documents")
					.set({ head })
					.where("id", "=", docKey)
					.execute();
				return docId;
			};
			const fresh = await edited(0);
			const never = await edited(3);
			const behind = await edited(9);
			const first = storedVersion(behind, "1.0.0", plainContent("x"), {
				revision: 5,
			});
			await store.add(first, undefined);
			const upToDate = await edited(7);
			const whole = storedVersion(upToDate, "1.0.0", plainContent("x"), {
				revision: 7,
			});
			await store.add(whole, undefined);
			const madeAtMs = first.createdAtMs;
			const due = async (policy: AutoPolicy, nowMs: number) => {
				const all = await store.listDue(policy, nowMs, 1_000);
				return [fresh, never, behind, upToDate].map((id) => all.includes(id));
			};
			const no = [false, false, false, false];
			const both = [false, true, true, false];
			const onlyBehind = [false, false, true, false];
			const onlyNever = [false, true, false, false];
			expect(await due({ edits: 3 }, madeAtMs)).toEqual(both);
			expect(await due({ edits: 4 }, madeAtMs)).toEqual(onlyBehind);
			expect(await due({ edits: 5 }, madeAtMs)).toEqual(no);
			const hour = { afterMs: 3_600_000 };
			expect(await due(hour, madeAtMs + 3_599_999)).toEqual(onlyNever);
			expect(await due(hour, madeAtMs + 3_600_000)).toEqual(both);
			expect(await due({ edits: 4, ...hour }, madeAtMs)).toEqual(both);
			expect(await due({}, madeAtMs * 2)).toEqual(no);
			expect(await store.listDue({ edits: 1 }, 0, 1)).toHaveLength(1);
		});

		it("[VERSION-16] versions go with their document", async () => {
			const [docId] = await released(2);
			const [kept] = await released(1);
			expect(await new SqlDocumentEraser(database).erase(docId)).toBe(true);
			expect(await store.list(docId, 10)).toEqual([]);
			expect(await store.list(kept, 10)).toHaveLength(1);
		});
	});
}
