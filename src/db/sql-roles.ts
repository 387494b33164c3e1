import { type Kysely, sql } from "kysely";
import type { DocId, UserId } from "../shared/ids.ts";
import type { DatabaseKind } from "./database.ts";
import type { Schema } from "./schema.ts";

/** What was asked, numbered from 0. One parameter for each column: the statement stays the same whatever the count. */
const asked = (
	kind: DatabaseKind,
	rooms: readonly string[],
	users: readonly string[],
) =>
	kind === "postgres"
		? sql<{ nth: number; room_id: string; user_id: string }>`(
				select (nth - 1)::integer as nth, room_id, user_id
				from unnest(${rooms}::text[], ${users}::text[])
					with ordinality as visit(room_id, user_id, nth))`
		: sql<{ nth: number; room_id: string; user_id: string }>`(
				select room.key as nth, room.value as room_id, person.value as user_id
				from json_each(${JSON.stringify(rooms)}) as room
				join json_each(${JSON.stringify(users)}) as person on person.key = room.key)`;

/** Rooms with the members' roles in them; what is asked about a room that does not exist has no row. */
export const selectRoles = (
	kind: DatabaseKind,
	kysely: Kysely<Schema>,
	visits: readonly { readonly docId: DocId; readonly userId: UserId }[],
) =>
	kysely
		.selectFrom(
			asked(
				kind,
				visits.map(({ docId }) => docId),
				visits.map(({ userId }) => userId),
			).as("asked"),
		)
		.innerJoin("rooms", "rooms.room_id", "asked.room_id")
		.leftJoin("room_members", (join) =>
			join
				.onRef("room_members.room_id", "=", "asked.room_id")
				.onRef("room_members.user_id", "=", "asked.user_id"),
		)
		.select([
			"asked.nth",
			"rooms.kind",
			"rooms.visibility",
			"room_members.role",
		]);
