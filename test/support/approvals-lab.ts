import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { Approvals } from "../../src/approvals/approvals.ts";
import { DueDates } from "../../src/approvals/due-dates.ts";
import type { News } from "../../src/approvals/news.ts";
import { Progress } from "../../src/approvals/progress.ts";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlApprovalStore } from "../../src/db/sql-approval-store.ts";
import { SqlFactFeed } from "../../src/db/sql-facts.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import { CollabError } from "../../src/protocol/errors.ts";
import { EVENTS } from "../../src/protocol/events.ts";
import type { DocId } from "../../src/shared/ids.ts";
import type { Person } from "../../src/shared/person.ts";
import type { Admission } from "../../src/shared/ports/admission.ts";
import type { Fact } from "../../src/shared/ports/fact-feed.ts";
import { type Role, requireRole } from "../../src/shared/roles.ts";
import { NOW_MS, userOf } from "./approvals.ts";
import { ManualClock } from "./manual-clock.ts";
import { createSqlite } from "./sqlite.ts";
import type { TestDatabase } from "./test-database.ts";

export const personOf = (
	name: string,
	permissions?: Readonly<Record<string, unknown>>,
): Person => ({
	userId: userOf(name),
	name: name.toUpperCase(),
	roles: [],
	...(permissions === undefined ? {} : { permissions }),
});

/** Approvals over a real database, with versions, roles and time in the test's hand. */
export class ApprovalsLab {
	readonly clock = new ManualClock(NOW_MS);
	readonly docId: DocId;
	readonly store: SqlApprovalStore;
	/** What people have been told, oldest first. */
	readonly told: News[] = [];
	readonly warnings: unknown[] = [];
	/** By user id. */
	readonly roles = new Map<string, Role>([["ann", "edit"]]);
	readonly #ended = new EventEmitter();
	readonly #database: Database;
	readonly #made: TestDatabase;

	private constructor(database: Database, made: TestDatabase, docId: DocId) {
		this.#database = database;
		this.#made = made;
		this.docId = docId;
		this.store = new SqlApprovalStore(database);
	}

	static async open(): Promise<ApprovalsLab> {
		const made = await createSqlite();
		const database = await openDatabase(made.config);
		const docId = `doc-${randomUUID()}` as DocId;
		const room = {
			roomId: docId,
			kind: "document",
			title: docId,
			visibility: "private",
			metadata: {},
			createdAtMs: 0,
		} as const;
		await new SqlRoomStore(database).create(room, userOf("owner"));
		const lab = new ApprovalsLab(database, made, docId);
		lab.roles.set("owner", "owner");
		return lab;
	}

	async close(): Promise<void> {
		await this.#database.close();
		this.#made.remove();
	}

	/** The latest version from here on. */
	async release(version: string): Promise<void> {
		await this.#database.kysely
			.updateTable("rooms")
			.set({ version })
			.where("room_id", "=", this.docId)
			.execute();
	}

	/** One replica of the service. */
	replica() {
		const { store, clock } = this;
		const tell = (news: News) => {
			this.told.push(news);
			if (news.name === "approval:completed") this.#ended.emit("completed");
		};
		const versions = {
			findLatest: (docId: DocId) => this.#findLatest(docId),
			create: (_: Person, __: DocId, version: string) => this.#create(version),
		};
		const progress = new Progress({ store, versions, tell, clock });
		const approvals = new Approvals({
			store,
			progress,
			versions,
			admit: this.#admit,
			tell,
			clock,
			newId: randomUUID,
		});
		const logger = { warn: (...line: unknown[]) => this.warnings.push(line) };
		const dueDates = new DueDates({ progress, clock, logger });
		return { approvals, progress, dueDates };
	}

	/** Resolves when the next approval has ended. */
	async completed(): Promise<void> {
		await once(this.#ended, "completed");
	}

	/** Everything that is known to have happened. */
	facts(): Promise<readonly Fact[]> {
		return new SqlFactFeed(this.#database).since(0, 1_000);
	}

	/** What people have been told, by name and outcome. */
	get news(): readonly string[] {
		return this.told.map(({ name, data }) =>
			"outcome" in data ? `${name} ${data.outcome}` : name,
		);
	}

	readonly #admit: Admission = async ({ event, person }) => {
		const role = this.roles.get(person.userId);
		if (role === undefined) throw new CollabError("FORBIDDEN", "No role");
		const needed = EVENTS[event].role;
		if (needed !== null) requireRole(role, needed);
		return { role };
	};

	async #findLatest(docId: DocId) {
		const row = await this.#database.kysely
			.selectFrom("rooms")
			.select("version")
			.where("room_id", "=", docId)
			.executeTakeFirst();
		const version = row?.version ?? undefined;
		return version === undefined
			? undefined
			: { version, contentHash: `hash of ${version}` };
	}

	/** Versions of one digit each compare as text. */
	async #create(version: string): Promise<void> {
		const latest = (await this.#findLatest(this.docId))?.version ?? "0.0.0";
		if (version === latest) throw new CollabError("ALREADY_EXISTS", "It is");
		if (version < latest) throw new CollabError("INVALID_STATE", "Below");
		await this.release(version);
	}
}
