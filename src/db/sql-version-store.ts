import type { AttributeRun } from "../ot/marks.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { NewFact } from "../shared/ports/fact-feed.ts";
import type {
	AuthorRun,
	StoredVersion,
	Version,
} from "../versioning/version.ts";
import type {
	AutoPolicy,
	VersionPlace,
	VersionStore,
} from "../versioning/version-store.ts";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";
import { withFact } from "./sql-facts.ts";

type Row = Schema["versions"];
const ABOUT = [
	"doc_id",
	"number",
	"version",
	"revision",
	"changelog",
	"author_id",
	"author_name",
	"created_at",
	"commit_hash",
	"tree",
] as const;
const STORED = [...ABOUT, "parent", "message", "text", "runs"] as const;

const aboutOf = (row: Pick<Row, (typeof ABOUT)[number]>): Version => ({
	docId: row.doc_id as DocId,
	number: row.number,
	version: row.version,
	revision: row.revision,
	changelog: row.changelog,
	author: { id: row.author_id as UserId, name: row.author_name },
	createdAtMs: row.created_at,
	commitHash: row.commit_hash,
	tree: row.tree,
});

const storedOf = (row: Pick<Row, (typeof STORED)[number]>): StoredVersion => ({
	...aboutOf(row),
	parent: row.parent ?? undefined,
	message: row.message,
	text: row.text,
	runs: JSON.parse(row.runs) as readonly AttributeRun[],
});

const rowOf = (version: StoredVersion): Omit<Row, "authors" | "parent"> => ({
	doc_id: version.docId,
	number: version.number,
	version: version.version,
	revision: version.revision,
	changelog: version.changelog,
	author_id: version.author.id,
	author_name: version.author.name,
	created_at: version.createdAtMs,
	commit_hash: version.commitHash,
	tree: version.tree,
	message: version.message,
	text: version.text,
	runs: JSON.stringify(version.runs),
});

const createdFact = (made: StoredVersion): NewFact => ({
	kind: "version:created",
	docId: made.docId,
	actor: made.author.id,
	payload: { version: made.version, commitHash: made.commitHash },
	atMs: made.createdAtMs,
});

/** Versions in SQL. */
export class SqlVersionStore implements VersionStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	/** The compare-and-set of the room's version takes its row: of two writers one waits, and then finds it moved. */
	async add(
		version: StoredVersion,
		latest: string | undefined,
	): Promise<boolean> {
		const { kysely } = this.#database;
		const move = kysely
			.updateTable("rooms")
			.set({ version: version.version })
			.where("room_id", "=", version.docId)
			.where("kind", "=", "document")
			.where("version", latest === undefined ? "is" : "=", latest ?? null);
		const { parent } = version;
		const insert = kysely
			.insertInto("versions")
			.values({ ...rowOf(version), parent: parent ?? null, authors: null });
		const steps = [
			{ query: move.compile(), required: true },
			{ query: insert.compile() },
		] as const;
		const batch = withFact(this.#database, steps, createdFact(version));
		const [moved] = await this.#database.batch(batch);
		return moved === 1;
	}

	async latest(docId: DocId): Promise<Version | undefined> {
		const [latest] = await this.list(docId, 1);
		return latest;
	}

	async find(
		docId: DocId,
		version: string,
	): Promise<StoredVersion | undefined> {
		const row = await this.#database.kysely
			.selectFrom("versions")
			.select(STORED)
			.where("doc_id", "=", docId)
			.where("version", "=", version)
			.executeTakeFirst();
		return row && storedOf(row);
	}

	async list(
		docId: DocId,
		limit: number,
		below?: number,
	): Promise<readonly Version[]> {
		const rows = await this.#database.kysely
			.selectFrom("versions")
			.select(ABOUT)
			.where("doc_id", "=", docId)
			.where("number", "<", below ?? 2 ** 31 - 1)
			.orderBy("number", "desc")
			.limit(limit)
			.execute();
		return rows.map(aboutOf);
	}

	async setChangelog(
		docId: DocId,
		version: string,
		changelog: string,
	): Promise<Version | undefined> {
		const { kysely } = this.#database;
		const set = kysely
			.updateTable("versions")
			.set({ changelog })
			.where("doc_id", "=", docId)
			.where("version", "=", version);
		await this.#database.batch([{ query: set.compile() }]);
		const row = await kysely
			.selectFrom("versions")
			.select(ABOUT)
			.where("doc_id", "=", docId)
			.where("version", "=", version)
			.executeTakeFirst();
		return row && aboutOf(row);
	}

	async listStored(
		docId: DocId,
		above: number,
		limit: number,
	): Promise<readonly StoredVersion[]> {
		const rows = await this.#database.kysely
			.selectFrom("versions")
			.select(STORED)
			.where("doc_id", "=", docId)
			.where("number", ">", above)
			.orderBy("number")
			.limit(limit)
			.execute();
		return rows.map(storedOf);
	}

	async listLatest(
		limit: number,
		after?: DocId,
	): Promise<readonly VersionPlace[]> {
		const rows = await this.#database.kysely
			.selectFrom("versions")
			.innerJoin("rooms", (join) =>
				join
					.onRef("rooms.room_id", "=", "versions.doc_id")
					.onRef("rooms.version", "=", "versions.version"),
			)
			.select(["doc_id", "number", "commit_hash"])
			.where("doc_id", ">", after ?? "")
			.orderBy("doc_id")
			.limit(limit)
			.execute();
		return rows.map((row) => ({
			docId: row.doc_id as DocId,
			number: row.number,
			commitHash: row.commit_hash,
		}));
	}

	async listDue(
		{ edits, afterMs }: AutoPolicy,
		nowMs: number,
		limit: number,
	): Promise<readonly DocId[]> {
		const rows = await this.#database.kysely
			.selectFrom("documents")
			.innerJoin("rooms", "rooms.room_id", "documents.doc_id")
			.leftJoin("versions", (join) =>
				join
					.onRef("versions.doc_id", "=", "documents.doc_id")
					.onRef("versions.version", "=", "rooms.version"),
			)
			.select("documents.doc_id")
			.where(({ eb, fn, lit, or }) => {
				const edited = eb(
					"documents.head",
					"-",
					fn.coalesce("versions.revision", lit(0)),
				);
				const since = fn.coalesce("versions.created_at", "rooms.created_at");
				return eb(edited, ">", 0).and(
					or([
						...(edits === undefined ? [] : [eb(edited, ">=", edits)]),
						...(afterMs === undefined
							? []
							: [eb(since, "<=", nowMs - afterMs)]),
					]),
				);
			})
			.orderBy("documents.doc_id")
			.limit(limit)
			.execute();
		return rows.map((row) => row.doc_id as DocId);
	}

	async findAuthors(docId: DocId, number: number) {
		const row = await this.#database.kysely
			.selectFrom("versions")
			.select(["number", "revision", "authors"])
			.where("doc_id", "=", docId)
			.where("number", "<=", number)
			.where("authors", "is not", null)
			.orderBy("number", "desc")
			.executeTakeFirst();
		if (row === undefined || row.authors === null) return undefined;
		const authors = JSON.parse(row.authors) as readonly AuthorRun[];
		return { number: row.number, revision: row.revision, authors };
	}

	async setAuthors(
		docId: DocId,
		number: number,
		authors: readonly AuthorRun[],
	): Promise<void> {
		const set = this.#database.kysely
			.updateTable("versions")
			.set({ authors: JSON.stringify(authors) })
			.where("doc_id", "=", docId)
			.where("number", "=", number);
		await this.#database.batch([{ query: set.compile() }]);
	}
}
