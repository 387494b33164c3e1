import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import type { Room, RoomStore } from "../../src/rooms/room-store.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { newDocId, openDesk, opLogOf } from "./desk.ts";

const newRoom = (parts: Partial<Room> = {}): Room => ({
	roomId: newDocId(),
	kind: "document",
	title: "Plan 📐",
	visibility: "private",
	metadata: {},
	createdAtMs: 1_700_000_000_000,
	...parts,
});
const newUser = (): UserId => `user-${randomUUID()}` as UserId;

/** Every implementation of `RoomStore` keeps these rules. */
export function roomStoreContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`room store on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;
		let store: RoomStore;

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
			store = new SqlRoomStore(database);
		}, 60_000);
		afterAll(async () => {
			await database.close();
			made.remove();
		});

		it("[ROOMS-1] a new room is there with its first owner, and nobody else", async () => {
			const [room, ann] = [newRoom({ visibility: "public" }), newUser()];
			expect(await store.find(room.roomId)).toBeUndefined();
			expect(await store.create(room, ann)).toBe(true);
			expect(await store.find(room.roomId)).toStrictEqual(room);
			expect(await store.findRole(room.roomId, ann)).toBe("owner");
			expect(await store.findRole(room.roomId, newUser())).toBeUndefined();
		});

		it("[ROOMS-2] of those who create one room at once exactly one becomes its owner", async () => {
			const room = newRoom();
			const users = Array.from({ length: 8 }, newUser);
			const created = await Promise.all(
				users.map((user) => store.create({ ...room, title: user }, user)),
			);
			const roles = await Promise.all(
				users.map((user) => store.findRole(room.roomId, user)),
			);
			expect(created.filter(Boolean)).toHaveLength(1);
			expect(roles).toEqual(created.map((won) => (won ? "owner" : undefined)));
			const owner = users[created.indexOf(true)];
			expect((await store.find(room.roomId))?.title).toBe(owner);
		});

		it("[ROOMS-3] setting a role adds the member or changes the role", async () => {
			const [room, bob] = [newRoom(), newUser()];
			await store.create(room, newUser());
			await store.setRole(room.roomId, bob, "edit");
			expect(await store.findRole(room.roomId, bob)).toBe("edit");
			await store.setRole(room.roomId, bob, "view");
			expect(await store.findRole(room.roomId, bob)).toBe("view");
		});

		it("[ROOMS-11] tells what decides about many people in many rooms, in the order asked", async () => {
			const [open, closed] = [newRoom({ visibility: "public" }), newRoom()];
			const [ann, bob] = [newUser(), newUser()];
			await store.create(open, ann);
			await store.create(closed, bob);
			await store.setRole(closed.roomId, ann, "comment");
			const visits = [
				{ docId: closed.roomId, userId: ann },
				{ docId: newDocId(), userId: ann },
				{ docId: open.roomId, userId: bob },
				{ docId: closed.roomId, userId: bob },
				{ docId: closed.roomId, userId: ann },
				{ docId: closed.roomId, userId: `it's "${newUser()}"` as UserId },
			];
			const isClosed = { kind: "document", visibility: "private" };
			const isOpen = { kind: "document", visibility: "public" };
			expect(await store.findRoles(visits)).toStrictEqual([
				{ ...isClosed, role: "comment" },
				undefined,
				{ ...isOpen, role: undefined },
				{ ...isClosed, role: "owner" },
				{ ...isClosed, role: "comment" },
				{ ...isClosed, role: undefined },
			]);
			expect(await store.findRoles([])).toEqual([]);
		});

		it("[ROOMS-4] nobody becomes a member of a room that does not exist", async () => {
			const bob = newUser();
			const nowhere = newDocId();
			await expect(store.setRole(nowhere, bob, "edit")).rejects.toMatchObject({
				code: "NOT_FOUND",
			});
			expect(await store.findRole(nowhere, bob)).toBeUndefined();
		});

		it("[ROOMS-5] lists a user's rooms with his role, newest first, up to a limit", async () => {
			const [ann, bob] = [newUser(), newUser()];
			const rooms = [2, 3, 1].map((day) => newRoom({ createdAtMs: day }));
			for (const room of rooms) await store.create(room, bob);
			await store.create(newRoom({ createdAtMs: 4 }), bob);
			for (const { roomId } of rooms)
				await store.setRole(roomId, ann, "comment");
			const newestFirst = [rooms[1], rooms[0], rooms[2]].map((room) => ({
				...room,
				role: "comment",
			}));
			expect(await store.listOf(ann, 10)).toStrictEqual(newestFirst);
			expect(await store.listOf(ann, 2)).toStrictEqual(newestFirst.slice(0, 2));
		});

		it("[ROOMS-6] takes only roles, kinds and visibilities that exist", async () => {
			const room = newRoom({ kind: "cave" as "room" });
			await expect(store.create(room, newUser())).rejects.toMatchObject({
				code: "INTERNAL",
			});
			const real = newRoom({ roomId: "real" as DocId });
			await store.create(real, newUser());
			await expect(
				store.setRole(real.roomId, newUser(), "king" as "owner"),
			).rejects.toMatchObject({ code: "INTERNAL" });
		});

		it("[ROOMS-7] a member who is removed has no role any more; nothing else changes", async () => {
			const [room, ann, bob] = [newRoom(), newUser(), newUser()];
			await store.create(room, ann);
			await store.setRole(room.roomId, bob, "edit");
			await store.removeMember(room.roomId, bob);
			await store.removeMember(room.roomId, newUser());
			expect(await store.findRole(room.roomId, bob)).toBeUndefined();
			expect(await store.findRole(room.roomId, ann)).toBe("owner");
		});

		it("[ROOMS-8] lists the members of a room by user id, page by page", async () => {
			const room = newRoom();
			const users = ["ann", "bob", "cy"] as UserId[];
			await store.create(room, users[0] as UserId);
			for (const user of users.slice(1))
				await store.setRole(room.roomId, user, "view");
			const all = await store.listMembers(room.roomId, 10);
			expect(all).toStrictEqual([
				{ userId: "ann", role: "owner" },
				{ userId: "bob", role: "view" },
				{ userId: "cy", role: "view" },
			]);
			const { roomId } = room;
			expect(await store.listMembers(roomId, 2)).toEqual(all.slice(0, 2));
			const rest = await store.listMembers(roomId, 2, users[1]);
			expect(rest).toEqual(all.slice(2));
		});

		it("[ROOMS-9] a title is changed where there is a room, and its metadata stays", async () => {
			const room = newRoom({ metadata: { team: ["a", 1, null] } });
			await store.create(room, newUser());
			await store.setTitle(room.roomId, "Other");
			expect(await store.find(room.roomId)).toStrictEqual({
				...room,
				title: "Other",
			});
			await expect(store.setTitle(newDocId(), "None")).rejects.toMatchObject({
				code: "NOT_FOUND",
			});
		});

		it("[ROOMS-10] lists a user's documents, last edited first, from a place on", async () => {
			const log = opLogOf(database);
			const ann = newUser();
			const oldest = newRoom({ createdAtMs: 1 });
			const twins = [2, 2]
				.map((day) => newRoom({ createdAtMs: day }))
				.sort((a, b) => (a.roomId < b.roomId ? -1 : 1));
			for (const room of [oldest, ...twins]) await store.create(room, ann);
			await store.create(newRoom({ kind: "room", createdAtMs: 9 }), ann);
			const desk = await openDesk(log, oldest.roomId);
			await log.commit([desk.group(0, 2)]);
			const editedAtMs = 1_700_000_000_002;
			const untouched = twins.map((room) => ({
				room,
				revision: 0,
				editedAtMs: 2,
			}));
			const entries = [
				{ room: oldest, revision: 2, editedAtMs },
				...untouched,
			].map((entry) => ({ ...entry, room: { ...entry.room, role: "owner" } }));
			expect(await store.listDocuments(ann, 10)).toStrictEqual(entries);
			for (const [at, { room, editedAtMs }] of entries.entries()) {
				const after = { editedAtMs, roomId: room.roomId };
				expect(await store.listDocuments(ann, 1, after)).toStrictEqual(
					entries.slice(at + 1, at + 2),
				);
			}
			expect(await store.findProgress(oldest.roomId)).toEqual({
				revision: 2,
				editedAtMs,
			});
			expect(await store.findProgress(newDocId())).toBeUndefined();
		});
	});
}
