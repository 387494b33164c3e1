import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
let product: Product;
let names = 0;

beforeAll(async () => {
	product = await Product.start(dataDir.path);
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

const person = (id: string, claims = {}): Promise<RawClient> =>
	connect(product.ws, { token: tokenFor(id, { name: id, ...claims }) });
const newId = (): string => `room-${++names}`;
const dataOf = ({ data }: Frame) => data;
const code = async (answer: Promise<Frame>) => (await answer).data.code;

/** Ann's private room, and Bob with a role in it. */
async function room(role?: string, visibility = "private") {
	const id = newId();
	const [ann, bob] = [await person("ann"), await person("bob")];
	await ann.request("room:create", { room: id, visibility });
	if (role !== undefined)
		await ann.request("room:invite", { room: id, userId: "bob", role });
	return { id, ann, bob };
}

/** Ann's document; Bob has joined it with a role. */
async function document(role: string, mode = role) {
	const prdId = newId();
	const [ann, bob] = [await person("ann"), await person("bob")];
	await ann.request("document:join", { prdId, mode: "edit" });
	await ann.request("room:invite", { room: prdId, userId: "bob", role });
	expect((await bob.request("document:join", { prdId, mode })).type).toBe(
		"ack",
	);
	await bob.next("permission:changed");
	return { prdId, ann, bob };
}

const insert = (prdId: string, content: string, opId?: string) => ({
	prdId,
	operation: {
		type: "insert",
		position: 0,
		content,
		revision: 0,
		...(opId === undefined ? {} : { opId }),
	},
});

describe("generic rooms", () => {
	it("[ROOM-3] whoever makes a room owns it; a taken id is taken, by a room or by a document", async () => {
		const ann = await person("ann");
		const id = newId();
		const create = {
			room: id,
			name: "Standup",
			visibility: "private",
			metadata: { team: ["a", { deep: 1 }] },
		};
		expect(dataOf(await ann.request("room:create", create))).toEqual({});
		expect(await code(ann.request("room:create", create))).toBe(
			"ALREADY_EXISTS",
		);
		const prdId = newId();
		await ann.request("document:join", { prdId, mode: "edit" });
		const over = { room: prdId, visibility: "public" };
		expect(await code(ann.request("room:create", over))).toBe("ALREADY_EXISTS");
		const { rooms } = dataOf(await ann.request("room:list", {}));
		expect(rooms).toContainEqual({
			room: id,
			kind: "room",
			name: "Standup",
			visibility: "private",
			role: "owner",
			metadata: { team: ["a", { deep: 1 }] },
		});
		expect(rooms).toContainEqual(
			expect.objectContaining({ room: prdId, kind: "document" }),
		);
	});

	it("[ROOM-3] a name is a line of text, and metadata is an object of bounded size", async () => {
		const ann = await person("ann");
		const bad = [
			{ visibility: "secret" },
			{ visibility: "private", name: "" },
			{ visibility: "private", name: "two\nlines" },
			{ visibility: "private", metadata: "text" },
		];
		for (const fields of bad)
			expect(
				await code(ann.request("room:create", { room: newId(), ...fields })),
			).toBe("VALIDATION_FAILED");
		const big = { visibility: "private", metadata: { x: "y".repeat(9_000) } };
		expect(
			await code(ann.request("room:create", { room: newId(), ...big })),
		).toBe("PAYLOAD_TOO_LARGE");
	});

	it("[ROOM-4] a join tells who is there, and the others who comes and goes", async () => {
		const { id, ann, bob } = await room("edit");
		ann.send({ type: "room:join", data: { room: id } });
		const first = dataOf(await ann.next("room:joined"));
		expect(first).toMatchObject({ room: id, mode: "edit", metadata: {} });
		expect(first.members).toMatchObject([{ userId: "ann" }]);
		const second = dataOf(await bob.request("room.join", { room: id }));
		expect(second.members).toMatchObject([
			{ userId: "ann", userName: "ann" },
			{ userId: "bob", mode: "edit", color: expect.any(String) },
		]);
		expect(dataOf(await ann.next("room:member-joined"))).toMatchObject({
			room: id,
			member: { userId: "bob" },
		});
		await bob.request("room:leave", { room: id });
		expect(dataOf(await ann.next("room:member-left"))).toMatchObject({
			room: id,
			member: { userId: "bob" },
		});
		expect(await code(bob.request("room:leave", { room: id }))).toBe(
			"NOT_JOINED",
		);
		await bob.request("room:join", { room: id });
		await ann.next("room:member-joined");
		await bob.close();
		await ann.next("room:member-left");
		expect(ann.of("presence:joined")).toEqual([]);
	});

	it("[ROOM-6] a message reaches the other members as sent, with its author; with echo him too", async () => {
		const { id, ann, bob } = await room("comment");
		await ann.request("room:join", { room: id });
		await bob.request("room:join", { room: id });
		const message = { room: id, event: "wave", payload: { at: [1, null] } };
		expect(dataOf(await bob.request("room:message", message))).toEqual({});
		expect(await ann.next("room:message")).toEqual({
			type: "room:message",
			room: id,
			data: {
				...message,
				from: {
					userId: "bob",
					userName: "bob",
					sessionId: expect.stringMatching(/^s_/),
				},
			},
		});
		await bob.settled();
		expect(bob.of("room:message")).toEqual([]);
		await bob.request("room:message", { ...message, echo: true });
		expect(dataOf(await bob.next("room:message"))).toMatchObject(message);
		const order = Array.from({ length: 50 }, (_, payload) => payload);
		for (const payload of order)
			bob.send({ type: "room:message", data: { ...message, payload } });
		await bob.settled();
		await ann.settled();
		const heard = ann.of("room:message").slice(2);
		expect(heard.map(({ data }) => data.payload)).toEqual(order);
	});

	it("[ROOM-6] it is bounded, and only members with a voice say something", async () => {
		const { id, ann, bob } = await room("view");
		const message = { room: id, event: "wave", payload: "x" };
		const say = (who: RawClient, more = {}) =>
			code(who.request("room:message", { ...message, ...more }));
		expect(await say(ann)).toBe("NOT_JOINED");
		await ann.request("room:join", { room: id });
		await bob.request("room:join", { room: id });
		expect(await say(bob)).toBe("FORBIDDEN");
		expect(await say(ann, { payload: "x".repeat(65_534) })).toBeUndefined();
		expect(await say(ann, { payload: "x".repeat(65_535) })).toBe(
			"PAYLOAD_TOO_LARGE",
		);
		expect(await say(ann, { event: "" })).toBe("VALIDATION_FAILED");
		await bob.settled();
		expect(bob.of("room:message")).toHaveLength(1);
	});

	it("[ROOM-6] in a document it goes to those who have joined the document", async () => {
		const { prdId, ann, bob } = await document("comment");
		const message = { room: prdId, event: "wave", payload: 1 };
		await ann.request("room:message", message);
		expect(await bob.next("room:message")).toMatchObject({
			room: prdId,
			data: { ...message, from: { userId: "ann" } },
		});
		await bob.request("room:message", { ...message, payload: 2, echo: true });
		expect(dataOf(await ann.next("room:message")).payload).toBe(2);
		expect(dataOf(await bob.next("room:message")).payload).toBe(2);
		expect(ann.of("room:message")).toHaveLength(1);
	});

	it("[ROOM-7] a private room is for its members; where there is none it is NOT_FOUND", async () => {
		const { id, ann, bob } = await room();
		expect(await code(bob.request("room:join", { room: id }))).toBe(
			"FORBIDDEN",
		);
		expect(await code(bob.request("room:join", { room: newId() }))).toBe(
			"NOT_FOUND",
		);
		const refused = await bob.request("room:join", { room: id });
		expect(refused).toMatchObject({
			type: "error:room",
			data: { operation: "room:join" },
		});
		const there = { prdId: id, mode: "view" };
		expect(await code(ann.request("document:join", there))).toBe(
			"ALREADY_EXISTS",
		);
		const here = { ...there, create: false };
		expect(await code(ann.request("document:join", here))).toBe("NOT_FOUND");
	});

	it("[ROOM-7] a public room takes everybody as one who may speak", async () => {
		const { id, ann, bob } = await room(undefined, "public");
		await ann.request("room:join", { room: id });
		const joined = dataOf(await bob.request("room:join", { room: id }));
		expect(joined.mode).toBe("edit");
		await bob.request("room:message", { room: id, event: "e", payload: 1 });
		expect(dataOf(await ann.next("room:message"))).toMatchObject({
			from: { userId: "bob" },
		});
		const { rooms } = dataOf(await bob.request("room:list", {}));
		expect(rooms).not.toContainEqual(expect.objectContaining({ room: id }));
		const invite = { room: id, userId: "cy", role: "edit" };
		expect(await code(bob.request("room:invite", invite))).toBe("FORBIDDEN");
	});
});

describe("roles", () => {
	it("[ROOM-1] an invitation of somebody who is not connected waits for him, in rooms and documents", async () => {
		const { id, ann } = await room();
		const prdId = newId();
		await ann.request("document:join", { prdId, mode: "edit" });
		for (const [to, role] of [
			[id, "comment"],
			[prdId, "view"],
		])
			await ann.request("room:invite", { room: to, userId: "late", role });
		const late = await person("late");
		const joined = dataOf(await late.request("room:join", { room: id }));
		expect(joined.mode).toBe("comment");
		const document = dataOf(await late.request("room:join", { room: prdId }));
		expect(document).toMatchObject({ prdId, mode: "view", currentContent: "" });
	});

	it("[ROOM-5] room:join and room:leave with a document's id are document:join and document:leave", async () => {
		const { prdId, ann, bob } = await document("comment");
		await bob.request("document:leave", { prdId });
		await ann.next("presence:left");
		const mode = async (who: RawClient) =>
			dataOf(await who.request("room:join", { room: prdId })).mode;
		expect(await mode(ann)).toBe("edit");
		expect(await mode(bob)).toBe("comment");
		// What came of the joins before does not answer this one.
		bob.frames.splice(0);
		bob.send({ type: "room:join", data: { room: prdId } });
		expect(dataOf(await bob.next("document:joined"))).toMatchObject({ prdId });
		const edit = insert(prdId, "x");
		expect(await code(bob.request("operation:edit", edit))).toBe("FORBIDDEN");
		await bob.request("room:leave", { room: prdId });
		await ann.next("presence:left");
		expect(bob.of("room:joined")).toEqual([]);
	});

	it("[ROOM-8] a kick reaches all sessions of the person: the room is left, the connection stays", async () => {
		const { prdId, ann, bob } = await document("edit");
		const elsewhere = await person("bob");
		const kick = { room: prdId, userId: "bob" };
		expect(dataOf(await ann.request("room:kick", kick))).toEqual({});
		for (const session of [bob, elsewhere]) {
			const told = session
				.of("permission:changed")
				.find(({ data }) => data.reason === "kicked");
			expect(told ?? (await session.next("permission:changed"))).toMatchObject({
				data: { prdId, mode: null, reason: "kicked" },
			});
		}
		expect(dataOf(await ann.next("presence:left"))).toMatchObject({
			session: { userId: "bob" },
		});
		await ann.request("operation:edit", insert(prdId, "secret"));
		await bob.settled();
		expect(bob.of("operation:applied")).toEqual([]);
		const edit = bob.request("operation:edit", insert(prdId, "x"));
		expect(await code(edit)).toBe("NOT_JOINED");
		const join = { prdId, mode: "view" };
		expect(await code(bob.request("document:join", join))).toBe("FORBIDDEN");
	});

	it("[ROOM-8] so does one from a generic room; an invitation lets him in again", async () => {
		const { id, ann, bob } = await room("edit");
		await ann.request("room:join", { room: id });
		await bob.request("room:join", { room: id });
		await ann.request("room:kick", { room: id, userId: "bob" });
		expect(dataOf(await ann.next("room:member-left"))).toMatchObject({
			member: { userId: "bob" },
		});
		const message = { room: id, event: "e", payload: 1 };
		expect(await code(bob.request("room:message", message))).toBe("NOT_JOINED");
		expect(await code(bob.request("room:join", { room: id }))).toBe(
			"FORBIDDEN",
		);
		await ann.request("room:invite", { room: id, userId: "bob", role: "view" });
		expect((await bob.request("room:join", { room: id })).type).toBe("ack");
	});

	it("[ROOM-9] only an owner kicks, and no owner is kicked", async () => {
		const { id, ann, bob } = await room("edit");
		const kick = (who: RawClient, userId: string) =>
			code(who.request("room:kick", { room: id, userId }));
		expect(await kick(bob, "ann")).toBe("FORBIDDEN");
		expect(await kick(ann, "ann")).toBe("INVALID_STATE");
		await ann.request("room:invite", {
			room: id,
			userId: "bob",
			role: "owner",
		});
		expect(await kick(ann, "bob")).toBe("INVALID_STATE");
		const nowhere = { room: newId(), userId: "bob" };
		expect(await code(ann.request("room:kick", nowhere))).toBe("NOT_FOUND");
	});

	it("[ROOM-10] when a role is lowered, edits on their way get exactly one answer and later ones are FORBIDDEN", async () => {
		const { prdId, ann, bob } = await document("edit");
		const before = Array.from({ length: 30 }, (_, i) =>
			bob.request("operation:edit", insert(prdId, `${i};`)),
		);
		const lower = { room: prdId, userId: "bob", role: "view" };
		const lowered = ann.request("room:invite", lower);
		const during = Array.from({ length: 30 }, (_, i) =>
			bob.request("operation:edit", insert(prdId, `${i}.`)),
		);
		await lowered;
		await bob.settled();
		const after = await bob.request("operation:edit", insert(prdId, "late"));
		expect(after.data.code).toBe("FORBIDDEN");
		const answers = await Promise.all([...before, ...during]);
		const ids = answers.map(({ id }) => id);
		await bob.settled();
		for (const id of ids)
			expect(bob.frames.filter((frame) => frame.id === id)).toHaveLength(1);
		const acked = answers.filter(({ type }) => type === "ack").length;
		const refused = answers.filter(({ data }) => data.code === "FORBIDDEN");
		expect(acked + refused.length).toBe(60);
		const { revision } = dataOf(
			await ann.request("document:join", { prdId, mode: "view" }),
		);
		expect(revision).toBe(acked);
	});

	it("[ROOM-10] a kick leaves no edit without its one answer either", async () => {
		const { prdId, ann, bob } = await document("edit");
		const sent = Array.from({ length: 40 }, (_, i) =>
			bob.request("operation:edit", insert(prdId, `${i};`)),
		);
		const kicked = ann.request("room:kick", { room: prdId, userId: "bob" });
		const answers = await Promise.all(sent);
		await kicked;
		await bob.settled();
		for (const { id } of answers)
			expect(bob.frames.filter((frame) => frame.id === id)).toHaveLength(1);
		const acked = answers.filter(({ type }) => type === "ack").length;
		const { revision } = dataOf(
			await ann.request("document:join", { prdId, mode: "view" }),
		);
		expect(revision).toBe(acked);
	});

	it("[ROOM-12] a token's permissions decide alone, also against the members' list", async () => {
		const { id, ann } = await room("edit");
		const prdId = newId();
		await ann.request("document:join", { prdId, mode: "edit" });
		const permissions = { [id]: "view", [prdId]: "comment", "mine-*": "edit" };
		const bob = await person("bob", { permissions });
		const mode = async (to: string) =>
			dataOf(await bob.request("room:join", { room: to })).mode;
		expect(await mode(id)).toBe("view");
		expect(await mode(prdId)).toBe("comment");
		const elsewhere = newId();
		for (const to of [elsewhere, id]) {
			const create = { room: to, visibility: "public" };
			expect(await code(bob.request("room:create", create))).toBe("FORBIDDEN");
		}
		expect(await code(bob.request("room:join", { room: elsewhere }))).toBe(
			"FORBIDDEN",
		);
		const own = { room: `mine-${id}`, visibility: "private" };
		expect((await bob.request("room:create", own)).type).toBe("ack");
		const invite = { room: own.room, userId: "ann", role: "view" };
		expect(await code(bob.request("room:invite", invite))).toBe("FORBIDDEN");
		const { rooms } = dataOf(await bob.request("room:list", {}));
		expect(rooms).toMatchObject([
			{ room: own.room, role: "edit" },
			{ room: id, role: "view" },
		]);
		await ann.request("room:kick", { room: id, userId: "bob" });
		await bob.settled();
		expect(bob.of("permission:changed")).toEqual([]);
	});

	it("[ROOM-13] a token that only looks on makes no document", async () => {
		const prdId = newId();
		const guest = await person("guest", { permissions: { "*": "view" } });
		const join = { prdId, mode: "view" };
		expect(await code(guest.request("document:join", join))).toBe("NOT_FOUND");
		const ann = await person("ann");
		const made = await ann.request("document:join", { prdId, mode: "edit" });
		expect(made.type).toBe("ack");
		expect((await guest.request("document:join", join)).type).toBe("ack");
	});

	it("[ROOM-2] only an owner invites, and none lowers the own role", async () => {
		const { prdId, ann, bob } = await document("edit");
		const invite = (by: RawClient, userId: string, role: string) =>
			code(by.request("room:invite", { room: prdId, userId, role }));
		expect(await invite(bob, "eve", "view")).toBe("FORBIDDEN");
		expect(await invite(bob, "bob", "owner")).toBe("FORBIDDEN");
		expect(await invite(ann, "ann", "edit")).toBe("INVALID_STATE");
		expect(await invite(ann, "bob", "owner")).toBeUndefined();
		expect(await invite(bob, "ann", "view")).toBeUndefined();
	});
});
