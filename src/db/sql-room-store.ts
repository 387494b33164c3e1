import { sql } from "kysely";
import { CollabError } from "../protocol/errors.ts";
import type { Room, RoomStore } from "../rooms/room-store.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { Role } from "../shared/roles.ts";
import type { Database } from "./database.ts";
import type { Schema } from "./schema.ts";

const roomOf = (row: Schema["rooms"]): Room => ({
	roomId: row.room_id as DocId,
	kind: row.kind,
	title: row.title,
	visibility: row.visibility,
	createdAtMs: row.created_at,
});

/** Rooms and members in SQL. */
export class SqlRoomStore implements RoomStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async find(roomId: DocId): Promise<Room | undefined> {
		const row = await this.#database.kysely
			.selectFrom("rooms")
			.selectAll()
			.where("room_id", "=", roomId)
			.executeTakeFirst();
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
		const row = await this.#database.kysely
			.selectFrom("room_members")
			.select("role")
			.where("room_id", "=", roomId)
			.where("user_id", "=", userId)
			.executeTakeFirst();
		return row?.role;
	}

	async setRole(roomId: DocId, userId: UserId, role: Role): Promise<void> {
		const { numInsertedOrUpdatedRows } = await this.#database.kysely
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
			)
			.executeTakeFirstOrThrow();
		if (numInsertedOrUpdatedRows === 0n)
			throw new CollabError("NOT_FOUND", "There is no such room", { roomId });
	}

	async listOf(
		userId: UserId,
		limit: number,
	): Promise<readonly (Room & { readonly role: Role })[]> {
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
}
