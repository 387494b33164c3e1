import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { GatewayLab } from "../../support/gateway-lab.ts";
import type { Frame, RawClient } from "../../support/raw-client.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open({ documents: 3 });
});
afterEach(() => lab.close());

const write = (client: RawClient, prdId: string, revision: number) =>
	client.request("operation:edit", {
		prdId,
		operation: { type: "insert", position: 0, content: "x", revision },
	});
const recover = (client: RawClient, data: object) =>
	client.request("session:recover", data);
const sessionsOf = ({ data }: Frame) =>
	data.sessions as readonly Record<string, unknown>[];

describe("session:recover", () => {
	it("[REC-1] answers for every document with all its fields, and rejoins it", async () => {
		const ann = await lab.editor("ann", "d1");
		await write(ann, "d1", 0);
		await write(ann, "d1", 1);
		lab.member("d1", "bob", "edit");
		const bob = await lab.enter("bob");
		const answer = await recover(bob, {
			activeSessions: ["d1"],
			lastVectorClocks: { d1: { ann: 1 } },
		});
		expect(sessionsOf(answer)).toEqual([
			{
				prdId: "d1",
				title: "d1",
				recovered: true,
				missedOperations: [
					{
						userId: "ann",
						sessionId: "session-1",
						type: "insert",
						position: 0,
						content: "x",
						vectorClock: { ann: 2 },
						revision: 2,
						opId: "session-1:2",
					},
				],
				currentVectorClock: { ann: 2 },
				revision: 2,
				epoch: "e1",
				replicaId: "bob",
				sessionId: "session-2",
				mode: "edit",
				unit: "utf16",
				format: "simple",
				activeSessions: [expect.objectContaining({ userId: "ann" })],
			},
		]);
		expect((await write(bob, "d1", 2)).type).toBe("ack");
		expect((await ann.next("presence:joined")).data).toMatchObject({
			session: { userId: "bob" },
		});
	});

	it("[REC-2] without a place gets the text, and is not called recovered", async () => {
		const ann = await lab.editor("ann", "d1");
		await write(ann, "d1", 0);
		const answer = await recover(ann, { activeSessions: ["d1", "d1"] });
		expect(sessionsOf(answer)).toEqual([
			expect.objectContaining({
				recovered: false,
				missedOperations: [],
				snapshot: { currentContent: "x", attributes: [] },
			}),
		]);
	});

	it("[REC-3] each document fails by itself; who has no role learns nothing, and nothing is created", async () => {
		await lab.editor("ann", "d1");
		lab.member("d1", "bob", "view");
		await lab.editor("ann", "secret");
		const bob = await lab.enter("bob");
		const answer = await recover(bob, {
			activeSessions: ["d1", "secret", "none"],
			modes: { d1: "view" },
			formats: { d1: "native" },
			units: { secret: "codepoint" },
		});
		const outcomes = sessionsOf(answer).map(
			({ prdId, mode, format, error }) => [
				prdId,
				mode,
				format,
				(error as { code?: string } | undefined)?.code,
			],
		);
		expect(outcomes).toEqual([
			["d1", "view", "native", undefined],
			["secret", undefined, undefined, "FORBIDDEN"],
			["none", undefined, undefined, "NOT_FOUND"],
		]);
		expect(lab.backend.documents.has("none" as never)).toBe(false);
		const beyond = await recover(bob, {
			activeSessions: ["d1"],
			modes: { d1: "edit" },
		});
		expect(sessionsOf(beyond)).toMatchObject([
			{ error: { operation: "session:recover", code: "FORBIDDEN" } },
		]);
	});

	it("[REC-4] of more documents than a session may have is VALIDATION_FAILED as a whole; so is what cannot be read", async () => {
		const ann = await lab.editor("ann", "d1");
		for (const data of [
			{ activeSessions: ["d1", "d2", "d3", "d4"] },
			{ activeSessions: ["no/id"] },
			{ activeSessions: ["d1"], lastRevisions: { d1: -1 } },
			{ activeSessions: ["d1"], lastVectorClocks: { d1: { ann: 1.5 } } },
			{ activeSessions: ["d1"], modes: { d1: "owner" } },
			{ activeSessions: ["d1"], epochs: { "": "e" } },
			{ activeSessions: "d1" },
		])
			expect((await recover(ann, data)).data).toMatchObject({
				code: "VALIDATION_FAILED",
			});
		expect(sessionsOf(await recover(ann, { activeSessions: [] }))).toEqual([]);
	});

	it("[REC-5] is answered by the event; by the ack too with an id; native sessions get the ack alone", async () => {
		const ann = await lab.editor("ann", "d1");
		ann.send({ type: "session:recover", data: { activeSessions: ["d1"] } });
		await ann.next("session:recovered");
		expect(ann.of("session:recovered")).toHaveLength(1);
		await recover(ann, { activeSessions: ["d1"] });
		expect(ann.of("session:recovered")).toHaveLength(2);
		const native = { activeSessions: ["d1"], formats: { d1: "native" } };
		await recover(ann, native);
		expect(ann.of("session:recovered")).toHaveLength(2);
	});

	it("[REC-6] events of its documents wait for the answer, whichever of them comes last, and follow without gap or repeat", async () => {
		const ann = await lab.editor("ann", "d1");
		await ann.request("document:join", { prdId: "d2", mode: "edit" });
		for (const prdId of ["d1", "d2"]) lab.member(prdId, "bob", "view");
		const bob = await lab.enter("bob");
		const held = Promise.withResolvers<void>();
		const plain = lab.backend.joinDocument.bind(lab.backend);
		const arrived = Promise.withResolvers<void>();
		lab.backend.joinDocument = async (request) => {
			if (request.docId === "d2") await held.promise;
			const answer = await plain(request);
			if (request.docId === "d1") arrived.resolve();
			return answer;
		};
		bob.send({
			type: "session:recover",
			data: {
				activeSessions: ["d1", "d2"],
				lastRevisions: { d1: 0, d2: 0 },
			},
		});
		await arrived.promise;
		for (let revision = 0; revision < 3; revision++) {
			await write(ann, "d1", revision);
			await write(ann, "d2", revision);
		}
		await bob.settled();
		expect(bob.of("operation:applied")).toEqual([]);
		held.resolve();
		const [d1, d2] = sessionsOf(await bob.next("session:recovered"));
		expect([d1?.revision, d2?.revision]).toEqual([0, 3]);
		await write(ann, "d2", 3);
		await bob.settled();
		const followed = (prdId: string) =>
			bob
				.of("operation:applied")
				.filter(({ data }) => data.prdId === prdId)
				.map(({ data }) => data.revision);
		expect(followed("d1")).toEqual([1, 2, 3]);
		expect(followed("d2")).toEqual([4]);
		const types = bob.frames.map(({ type }) => type);
		expect(types.indexOf("session:recovered")).toBeLessThan(
			types.indexOf("operation:applied"),
		);
	});

	it("[REC-7] ends the same person's earlier session first, and never another person's", async () => {
		const older = await lab.editor("ann", "d1");
		const eve = await lab.editor("eve", "d1");
		const newer = await lab.enter("ann");
		const data = { activeSessions: ["d1"], sessionId: "session-2" };
		await recover(newer, data);
		await eve.settled();
		await recover(newer, { ...data, sessionId: "session-1" });
		expect((await older.closed).code).toBe(4009);
		await newer.settled();
	});

	it("[REC-7] a late close of the connection that it replaced changes nothing", async () => {
		const older = await lab.editor("ann", "d1");
		const newer = await lab.enter("ann");
		older.socket.pause();
		const data = { activeSessions: ["d1"], sessionId: "session-1" };
		await recover(newer, data);
		older.socket.terminate();
		await newer.settled();
		expect((await write(newer, "d1", 0)).type).toBe("ack");
		expect(lab.gateway.sessions.all.size).toBe(1);
	});

	it("[REC-8] a session that ends meanwhile leaves nothing behind", async () => {
		await lab.editor("ann", "d1");
		lab.member("d1", "bob", "edit");
		const bob = await lab.enter("bob");
		const held = Promise.withResolvers<void>();
		const plain = lab.backend.joinDocument.bind(lab.backend);
		const asked = Promise.withResolvers<void>();
		lab.backend.joinDocument = async (request) => {
			asked.resolve();
			await held.promise;
			return plain(request);
		};
		const data = { activeSessions: ["d1", "none"] };
		bob.send({ type: "session:recover", data });
		await asked.promise;
		bob.socket.terminate();
		const [ann] = lab.clients as [RawClient];
		while (lab.gateway.sessions.all.size > 1) await ann.settled();
		held.resolve();
		await ann.settled();
		await ann.settled();
		expect(lab.backend.left).toContain("session-2");
		expect((await write(ann, "d1", 0)).type).toBe("ack");
		expect(lab.bus.receiversOf("doc.d1")).toBe(1);
	});
});

describe("document:join from a known place", () => {
	it("[REC-2] above the head gets the text, and is not called recovered", async () => {
		const ann = await lab.editor("ann", "d1");
		const join = { prdId: "d1", mode: "edit", lastKnownRevision: 7 };
		expect((await ann.request("document:join", join)).data).toMatchObject({
			recovered: false,
			currentContent: "",
		});
	});
});
