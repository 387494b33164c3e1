import { describe, expect, it } from "@jest/globals";
import type { Room, RoomStore } from "../../../src/rooms/room-store.ts";
import { Rooms } from "../../../src/rooms/rooms.ts";
import type { DocId, UserId } from "../../../src/shared/ids.ts";
import type { Role } from "../../../src/shared/roles.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const docId = "doc" as DocId;
const ann = "ann" as UserId;
const ben = "ben" as UserId;
const cat = "cat" as UserId;

class MemoryRooms implements RoomStore {
	readonly rooms = new Map<DocId, Room>();
	readonly roles = new Map<string, Role>();

	async find(roomId: DocId) {
		return this.rooms.get(roomId);
	}

	async create(room: Room, ownerId: UserId) {
		if (this.rooms.has(room.roomId)) return false;
		this.rooms.set(room.roomId, room);
		await this.setRole(room.roomId, ownerId, "owner");
		return true;
	}

	async findRole(roomId: DocId, userId: UserId) {
		return this.roles.get(`${roomId} ${userId}`);
	}

	async setRole(roomId: DocId, userId: UserId, role: Role) {
		this.roles.set(`${roomId} ${userId}`, role);
	}

	async listOf() {
		return [];
	}
}

async function owned(): Promise<Rooms> {
	const rooms = new Rooms(new MemoryRooms(), new ManualClock());
	await rooms.enter({ docId, userId: ann, create: true });
	return rooms;
}

const roleOf = async (rooms: Rooms, userId: UserId) =>
	(await rooms.enter({ docId, userId, create: false })).role;

describe("who invites", () => {
	it("[ROOM-2] an owner gives any role, new or changed, at once", async () => {
		const rooms = await owned();
		for (const role of ["view", "comment", "edit", "owner", "view"] as const) {
			await rooms.invite({ docId, byUserId: ann, userId: ben, role });
			expect(await roleOf(rooms, ben)).toBe(role);
		}
	});

	it.each(["view", "comment", "edit"] as const)(
		"[ROOM-2] a person with the role %s does not, not even himself",
		async (role) => {
			const rooms = await owned();
			await rooms.invite({ docId, byUserId: ann, userId: ben, role });
			for (const userId of [ben, cat])
				await expect(
					rooms.invite({ docId, byUserId: ben, userId, role: "owner" }),
				).rejects.toMatchObject({ code: "FORBIDDEN" });
			expect(await roleOf(rooms, ben)).toBe(role);
			await expect(roleOf(rooms, cat)).rejects.toMatchObject({
				code: "FORBIDDEN",
			});
		},
	);

	it("[ROOM-2] nor does one without a role, nor anybody where there is no document", async () => {
		const rooms = await owned();
		await expect(
			rooms.invite({ docId, byUserId: ben, userId: ben, role: "view" }),
		).rejects.toMatchObject({ code: "FORBIDDEN" });
		await expect(
			rooms.invite({
				docId: "none" as DocId,
				byUserId: ann,
				userId: ben,
				role: "view",
			}),
		).rejects.toMatchObject({ code: "NOT_FOUND" });
	});

	it.each(["view", "comment", "edit"] as const)(
		"[ROOM-2] no owner lowers the own role to %s",
		async (role) => {
			const rooms = await owned();
			await expect(
				rooms.invite({ docId, byUserId: ann, userId: ann, role }),
			).rejects.toMatchObject({ code: "INVALID_STATE" });
			expect(await roleOf(rooms, ann)).toBe("owner");
		},
	);

	it("[ROOM-13] a document is not made by who may only look", async () => {
		const rooms = new Rooms(new MemoryRooms(), new ManualClock());
		for (const tokenRole of ["view", "comment"] as const)
			await expect(
				rooms.enter({ docId, userId: ben, create: true, tokenRole }),
			).rejects.toMatchObject({ code: "NOT_FOUND" });
		await rooms.enter({ docId, userId: ann, create: true });
		expect(await roleOf(rooms, ann)).toBe("owner");
	});

	it("[ROOM-2] a second owner may lower the first", async () => {
		const rooms = await owned();
		await rooms.invite({ docId, byUserId: ann, userId: ben, role: "owner" });
		await rooms.invite({ docId, byUserId: ann, userId: ann, role: "owner" });
		await rooms.invite({ docId, byUserId: ben, userId: ann, role: "view" });
		expect(await roleOf(rooms, ann)).toBe("view");
		await expect(
			rooms.invite({ docId, byUserId: ann, userId: ann, role: "owner" }),
		).rejects.toMatchObject({ code: "FORBIDDEN" });
	});

	it("[ROOMS-2] of two who come first at once one owns the document", async () => {
		const rooms = new Rooms(new MemoryRooms(), new ManualClock());
		const entered = await Promise.allSettled(
			[ann, ben].map((userId) => rooms.enter({ docId, userId, create: true })),
		);
		expect(entered.map(({ status }) => status)).toEqual([
			"fulfilled",
			"rejected",
		]);
	});
});
