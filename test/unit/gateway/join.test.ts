import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { documentChannel } from "../../../src/protocol/document-message.ts";
import type { DocId } from "../../../src/shared/ids.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";
import type { RawClient } from "../../support/raw-client.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open({ documents: 3 });
});
afterEach(() => lab.close());

const type = (client: RawClient, text: string, version: number) =>
	client.request(
		"document:update",
		{ operation: "insert", position: 0, text, version },
		{ room: "d1" },
	);
const join = (client: RawClient, data: object = {}) =>
	client.request("document:join", { prdId: "d1", mode: "edit", ...data });

describe("joining a document", () => {
	it("[ENTRY-2] answers with everything that a session needs", async () => {
		const ann = await lab.editor("ann", "d1");
		await type(ann, "a\u{1f600}b", 0);
		lab.member("d1", "bob", "edit");
		const bob = await lab.enter("bob", { name: "Bob" });
		const { data } = await join(bob);
		expect(data).toEqual({
			prdId: "d1",
			title: "d1",
			currentContent: "a\u{1f600}b",
			attributes: [],
			version: "0.0.0",
			revision: 1,
			epoch: "e1",
			recovered: false,
			activeSessions: [
				{
					sessionId: "session-1",
					userId: "ann",
					userName: "ann",
					mode: "edit",
					color: expect.stringMatching(/^#[0-9A-F]{6}$/),
					lastActivity: new Date(lab.clock.nowMs()).toISOString(),
				},
			],
			vectorClock: { ann: 1 },
			replicaId: "bob",
			sessionId: "session-2",
			mode: "edit",
			unit: "utf16",
			format: "simple",
		});
	});

	it("[ENTRY-3] is answered by the event, by the ack too when it has an id; native sessions get one of them", async () => {
		const ann = await lab.enter("ann");
		ann.send({ type: "document:join", data: { prdId: "d1", mode: "edit" } });
		await ann.next("document:joined");
		expect(ann.of("ack")).toEqual([]);
		const { data } = await join(ann, { prdId: "d2" });
		expect(ann.of("document:joined")[1]).toMatchObject({ data, room: "d2" });
		const native = await join(ann, { prdId: "d3", format: "native" });
		expect(native.data).toMatchObject({ format: "native", unit: "codepoint" });
		expect(ann.of("document:joined")).toHaveLength(2);
	});

	it("[ENTRY-4] catches a client up by the ops that it missed", async () => {
		const ann = await lab.editor("ann", "d1");
		await type(ann, "one", 0);
		await type(ann, "two", 1);
		lab.member("d1", "bob", "view");
		const bob = await lab.enter("bob");
		const { data } = await join(bob, { mode: "view", lastKnownRevision: 1 });
		expect(data).toMatchObject({ recovered: true, revision: 2 });
		expect(data).not.toHaveProperty("currentContent");
		expect(data.missedOperations).toEqual([
			{
				userId: "ann",
				sessionId: "session-1",
				type: "insert",
				position: 0,
				content: "two",
				vectorClock: { ann: 2 },
				revision: 2,
				opId: "session-1:2",
			},
		]);
		const native = await join(bob, {
			mode: "view",
			lastKnownRevision: 1,
			format: "native",
		});
		expect(native.data.missedOperations).toEqual([
			expect.objectContaining({ op: ["two"], revision: 2, clock: { ann: 2 } }),
		]);
	});

	it("[ENTRY-5] beyond the person's role is refused, never lowered", async () => {
		await lab.editor("ann", "d1");
		lab.member("d1", "bob", "comment");
		const bob = await lab.enter("bob");
		expect((await join(bob)).data).toMatchObject({ code: "FORBIDDEN" });
		expect((await join(bob, { mode: "comment" })).type).toBe("ack");
		expect((await type(bob, "x", 0)).data).toMatchObject({ code: "FORBIDDEN" });
		const eve = await lab.enter("eve");
		expect((await join(eve, { mode: "view" })).data).toMatchObject({
			code: "FORBIDDEN",
		});
		const none = { prdId: "d9", create: false };
		expect((await join(eve, none)).data).toMatchObject({ code: "NOT_FOUND" });
	});

	it("[ENTRY-5] rights in the token decide alone", async () => {
		await lab.editor("ann", "d1");
		const permissions = { d1: "view" };
		const bob = await lab.enter("bob", { permissions });
		expect((await join(bob)).data).toMatchObject({ code: "FORBIDDEN" });
		expect((await join(bob, { mode: "view" })).type).toBe("ack");
		const other = { prdId: "d2", mode: "view" };
		expect((await join(bob, other)).data).toMatchObject({ code: "FORBIDDEN" });
	});

	it("[ENTRY-6] a session has a bounded number of documents", async () => {
		const ann = await lab.enter("ann");
		for (const prdId of ["d1", "d2", "d3"]) await join(ann, { prdId });
		expect((await join(ann, { prdId: "d4" })).data).toMatchObject({
			code: "RATE_LIMITED",
			data: { limit: "documents", max: 3 },
		});
		expect((await join(ann, { prdId: "d3" })).type).toBe("ack");
		await ann.request("document:leave", { prdId: "d3" });
		expect((await join(ann, { prdId: "d4" })).type).toBe("ack");
	});

	it("[ENTRY-1] what is committed between answer and subscription comes once, behind document:joined", async () => {
		const ann = await lab.editor("ann", "d1");
		lab.member("d1", "bob", "view");
		const bob = await lab.enter("bob");
		const plain = lab.backend.present.bind(lab.backend);
		lab.backend.present = async (...args) => {
			lab.backend.present = plain;
			await type(ann, "while bob joins", 0);
			return plain(...args);
		};
		bob.send({ type: "document:join", data: { prdId: "d1", mode: "view" } });
		await bob.next("operation:applied");
		await type(ann, "after", 1);
		await bob.next("operation:applied");
		expect(
			bob.frames.map((frame) => [frame.type, frame.data.revision]),
		).toEqual([
			["session:ready", undefined],
			["document:joined", 0],
			["operation:applied", 1],
			["operation:applied", 2],
		]);
	});

	it("[ENTRY-7] an edit before the join, or after the leave, is NOT_JOINED", async () => {
		const ann = await lab.enter("ann");
		expect((await type(ann, "x", 0)).data).toMatchObject({
			code: "NOT_JOINED",
		});
		await join(ann);
		await ann.request("document:leave", { prdId: "d1" });
		expect((await type(ann, "x", 0)).data).toMatchObject({
			code: "NOT_JOINED",
		});
		expect(lab.backend.left).toEqual(["session-1"]);
	});

	it("[ENTRY-8] a session that ends while it joins leaves nothing behind", async () => {
		const ann = await lab.enter("ann");
		const reached = Promise.withResolvers<void>();
		const hold = Promise.withResolvers<void>();
		const plain = lab.backend.joinDocument.bind(lab.backend);
		lab.backend.joinDocument = async (request) => {
			reached.resolve();
			await hold.promise;
			return plain(request);
		};
		const left = Promise.withResolvers<void>();
		lab.backend.absent = async () => left.resolve();
		ann.send({ type: "document:join", data: { prdId: "d1", mode: "edit" } });
		await reached.promise;
		await ann.close();
		hold.resolve();
		await left.promise;
		expect(lab.backend.left).toEqual(["session-1"]);
		expect(lab.bus.receiversOf(documentChannel("d1" as DocId))).toBe(0);
	});

	it("[ENTRY-9] a failing presence service does not keep anybody from editing", async () => {
		lab.backend.present = () => Promise.reject(new Error("down"));
		const ann = await lab.editor("ann", "d1");
		expect((await type(ann, "x", 0)).type).toBe("ack");
	});

	it("[SES-11] a client lives in one session: the older connection closes 4009", async () => {
		const clientId = "client-0001";
		const old = await lab.editor("ann", "d1", { clientId });
		const eve = await lab.editor("eve", "d1", { clientId });
		await lab.editor("ann", "d1", { clientId });
		expect((await old.closed).code).toBe(4009);
		await eve.settled();
	});
});

describe("who is in a document", () => {
	it("[PRES-1] others are told who joins and leaves, the author is not", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.editor("bob", "d1");
		const joined = await ann.next("presence:joined");
		expect(joined).toMatchObject({
			room: "d1",
			data: {
				prdId: "d1",
				session: { userId: "bob", sessionId: "session-2", mode: "edit" },
			},
		});
		await bob.request("document:leave", { prdId: "d1" });
		expect(await ann.next("presence:left")).toMatchObject({
			data: joined.data,
		});
		const cy = await lab.editor("cy", "d1");
		await cy.close();
		expect(await ann.next("presence:left")).toMatchObject({
			data: { session: { userId: "cy" } },
		});
		expect(bob.of("presence:joined")).toEqual([]);
		expect(bob.of("presence:left")).toEqual([]);
	});

	it("[PRES-1] who comes while somebody joins is told after document:joined", async () => {
		await lab.editor("ann", "d1");
		lab.member("d1", "bob", "view");
		const bob = await lab.enter("bob");
		const plain = lab.backend.present.bind(lab.backend);
		lab.backend.present = async (...args) => {
			lab.backend.present = plain;
			const others = await plain(...args);
			await lab.editor("cy", "d1");
			return others;
		};
		await join(bob, { mode: "view" });
		expect((await bob.next("presence:joined")).data).toMatchObject({
			session: { userId: "cy" },
		});
		const types = bob.frames.map((frame) => frame.type);
		expect(types.indexOf("document:joined")).toBeLessThan(
			types.indexOf("presence:joined"),
		);
	});
});

describe("roles that change", () => {
	it("[ROOM-1] an owner invites; it takes effect at once, and all sessions of the person are told", async () => {
		const ann = await lab.editor("ann", "d1");
		lab.member("d1", "ann", "owner");
		lab.member("d1", "bob", "view");
		const bob = await lab.enter("bob");
		const elsewhere = await lab.enter("bob");
		await join(bob, { mode: "view" });
		const invite = { room: "d1", userId: "bob", role: "edit" };
		expect((await bob.request("room:invite", invite)).data).toMatchObject({
			code: "FORBIDDEN",
		});
		expect((await ann.request("room:invite", invite)).data).toEqual({});
		for (const client of [bob, elsewhere])
			expect(await client.next("permission:changed")).toMatchObject({
				data: { prdId: "d1", mode: "edit", reason: "invited" },
			});
		expect((await type(bob, "now I can", 0)).type).toBe("ack");
		await ann.request("room:invite", { ...invite, role: "view" });
		await bob.next("permission:changed");
		expect((await type(bob, "no more", 1)).data).toMatchObject({
			code: "FORBIDDEN",
		});
	});

	it("[ROOM-1] a session whose rights come from its token neither invites nor is changed by an invitation", async () => {
		const ann = await lab.editor("ann", "d1");
		lab.member("d1", "ann", "owner");
		const token = await lab.enter("bob", { permissions: { "*": "edit" } });
		const invite = { room: "d1", userId: "bob", role: "view" };
		expect((await token.request("room:invite", invite)).data).toMatchObject({
			code: "FORBIDDEN",
		});
		await ann.request("room:invite", invite);
		await token.settled();
		expect(token.of("permission:changed")).toEqual([]);
	});
});
