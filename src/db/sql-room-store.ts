import { type Compilable, sql } from "kysely";
import { CollabError } from "../protocol/errors.ts";
import type {
	DocumentEntry,
	ListPlace,
	Member,
	MemberRole,
	Room,
	RoomStore,
	RoomWithRole,
} from "../rooms/room-store.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Role } from "../shared/roles.ts";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";
import { selectDocuments, selectProgress } from "./sql-document-list.ts";
import { selectRoles } from "./sql-roles.ts";
import { template } from "./template.ts";

const roomOf = (row: Schema["rooms"]): Room => ({
	roomId: row.room_id as DocId,
	kind: row.kind,
	title: row.title,
	visibility: row.visibility,
	metadata: JSON.parse(row.metadata) as Room["metadata"],
	createdAtMs: row.created_at,
	...(row.version === null ? {} : { version: row.version }),
});

const noSuchRoom = (roomId: DocId): CollabError =>
	new CollabError("NOT_FOUND", "There is no such room", { roomId });

/** Rooms and members in SQL. */
export class SqlRoomStore implements RoomStore {
	readonly #database: Database;
	readonly #find: (roomId: DocId) => Promise<Schema["rooms"][]>;
	readonly #findRole: (
		roomId: DocId,
		userId: UserId,
	) => Promise<{ readonly role: Role }[]>;

	constructor(database: Database) {
		const { kysely } = database;
		this.#database = database;
		this.#find = template(kysely, (roomId: DocId) =>
			kysely.selectFrom("rooms").selectAll().where("room_id", "=", roomId),
		);
		this.#findRole = template(kysely, (roomId: DocId, userId: UserId) =>
			kysely
				.selectFrom("room_members")
				.select("role")
				.where("room_id", "=", roomId)
				.where("user_id", "=", userId),
		);
	}

	async find(roomId: DocId): Promise<Room | undefined> {
		const [row] = await this.#find(roomId);
		return row === undefined ? undefined : roomOf(row);
	}

	async create(room: Room, ownerId: UserId): Promise<boolean> {
		const { kysely } = this.#database;
		const insertRoom = kysely
			.insertInto("rooms")
			.values({
				room_id: room.roomId,
				kind: room.kind,
				title: room.title,
				visibility: room.visibility,
				metadata: JSON.stringify(room.metadata),
				created_at: room.createdAtMs,
			})
			.onConflict((conflict) => conflict.column("room_id").doNothing());
		const insertOwner = kysely
			.insertInto("room_members")
			.values({ room_id: room.roomId, user_id: ownerId, role: "owner" });
		const [created] = await this.#database.batch([
			{ query: insertRoom.compile(), required: true },
			{ query: insertOwner.compile() },
		]);
		return created === 1;
	}

	async findRole(roomId: DocId, userId: UserId): Promise<Role | undefined> {
		const [row] = await this.#findRole(roomId, userId);
		return row?.role;
	}

	async findRoles(
		visits: readonly { readonly docId: DocId; readonly userId: UserId }[],
	): Promise<readonly (MemberRole | undefined)[]> {
		const { kind, kysely } = this.#database;
		const rows = await selectRoles(kind, kysely, visits).execute();
		const found = new Map(rows.map(({ nth, ...row }) => [nth, row]));
		return visits.map((_, nth) => {
			const row = found.get(nth);
			return row && { ...row, role: row.role ?? undefined };
		});
	}

	async setRole(roomId: DocId, userId: UserId, role: Role): Promise<void> {
		const set = this.#database.kysely
			.insertInto("room_members")
			.columns(["room_id", "user_id", "role"])
			.expression((from) =>
				from
					.selectFrom("rooms")
					.select([
						"room_id",
						sql<string>`cast(${userId} as text)`.as("user_id"),
						sql<Role>`cast(${role} as text)`.as("role"),
					])
					.where("room_id", "=", roomId),
			)
			.onConflict((conflict) =>
				conflict.columns(["room_id", "user_id"]).doUpdateSet({ role }),
			);
		if ((await this.#write(set)) === 0) throw noSuchRoom(roomId);
	}

	async setTitle(roomId: DocId, title: string): Promise<void> {
		const set = this.#database.kysely
			.updateTable("rooms")
			.set({ title })
			.where("room_id", "=", roomId);
		if ((await this.#write(set)) === 0) throw noSuchRoom(roomId);
	}

	async removeMember(roomId: DocId, userId: UserId): Promise<void> {
		const remove = this.#database.kysely
			.deleteFrom("room_members")
			.where("room_id", "=", roomId)
			.where("user_id", "=", userId);
		await this.#write(remove);
	}

	/** @returns how many rows have changed */
	async #write(statement: Compilable): Promise<number> {
		const query = statement.compile();
		const [changed = 0] = await this.#database.batch([{ query }]);
		return changed;
	}

	async listMembers(
		roomId: DocId,
		limit: number,
		after?: UserId,
	): Promise<readonly Member[]> {
		const rows = await this.#database.kysely
			.selectFrom("room_members")
			.select(["user_id", "role"])
			.where("room_id", "=", roomId)
			.where("user_id", ">", after ?? "")
			.orderBy("user_id")
			.limit(limit)
			.execute();
		return rows.map((row) => ({
			userId: row.user_id as UserId,
			role: row.role,
		}));
	}

	async listOf(
		userId: UserId,
		limit: number,
	): Promise<readonly RoomWithRole[]> {
		const rows = await this.#database.kysely
			.selectFrom("room_members")
			.innerJoin("rooms", "rooms.room_id", "room_members.room_id")
			.selectAll("rooms")
			.select("room_members.role")
			.where("room_members.user_id", "=", userId)
			.orderBy("rooms.created_at", "desc")
			.orderBy("rooms.room_id")
			.limit(limit)
			.execute();
		return rows.map((row) => ({ ...roomOf(row), role: row.role }));
	}

	async listDocuments(
		userId: UserId,
		limit: number,
		after?: ListPlace,
	): Promise<readonly DocumentEntry[]> {
		const { kysely } = this.#database;
		const rows = await selectDocuments(kysely, userId, limit, after).execute();
		return rows.map((row) => ({
			room: { ...roomOf(row), role: row.role },
			revision: row.revision,
			editedAtMs: row.editedAtMs,
		}));
	}

	findProgress(
		docId: DocId,
	): Promise<Pick<DocumentEntry, "revision" | "editedAtMs"> | undefined> {
		return selectProgress(this.#database.kysely, docId).executeTakeFirst();
	}
}
