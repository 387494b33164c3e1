import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { GatewayLab } from "../../support/gateway-lab.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open();
});
afterEach(() => lab.close());

describe("editing over the raw door", () => {
	it("[PROTO-2] the seeds' frames work literally", async () => {
		const sarah = await lab.enter("user_456");
		const john = await lab.enter("user_123");
		sarah.send({
			type: "document:join",
			data: { prdId: "prd_123", mode: "edit" },
		});
		await sarah.next("document:joined");
		lab.backend
			.document("prd_123" as never)
			.roles.set("user_123" as never, "edit");
		john.send({
			type: "document:join",
			data: { prdId: "prd_123", mode: "edit", lastKnownVersion: "1.2.0" },
		});
		const joined = await john.next("document:joined");
		expect(joined.data).toMatchObject({
			prdId: "prd_123",
			currentContent: "",
			version: "0.0.0",
			vectorClock: {},
			recovered: false,
			activeSessions: [{ userId: "user_456", mode: "edit" }],
		});
		john.send({
			type: "operation:edit",
			data: {
				prdId: "prd_123",
				operation: {
					type: "insert",
					position: 0,
					content: "New content here",
					vectorClock: { user_123: 1 },
					attributes: { bold: true },
				},
			},
		});
		const applied = await sarah.next("operation:applied");
		expect(applied).toEqual({
			type: "operation:applied",
			room: "prd_123",
			data: {
				prdId: "prd_123",
				operation: {
					userId: "user_123",
					sessionId: "session-2",
					type: "insert",
					position: 0,
					content: "New content here",
					attributes: { bold: true },
					vectorClock: { user_123: 1 },
				},
				newVectorClock: { user_123: 1 },
				revision: 1,
			},
		});
		const ack = await john.next("operation:ack");
		expect(ack.data).toEqual({
			prdId: "prd_123",
			opId: "session-2:1",
			revision: 1,
			vectorClock: { user_123: 1 },
		});
		john.send({
			type: "document.update",
			room: "prd_123",
			data: {
				operation: "insert",
				position: 3,
				text: "Hello World",
				version: 1,
			},
		});
		expect((await john.next("operation:ack")).data).toMatchObject({
			revision: 2,
		});
		expect((await sarah.next("operation:applied")).data).toMatchObject({
			operation: { type: "insert", position: 3, content: "Hello World" },
			revision: 2,
		});
		expect(john.of("operation:applied")).toEqual([]);
	});

	it("[FAN-5] native sessions get the owner's bytes, simple ones their own unit, in parts", async () => {
		const ann = await lab.editor("ann", "d1", { format: "native" });
		const bob = await lab.editor("bob", "d1");
		const native = await lab.editor("cy", "d1", { format: "native" });
		await ann.request("operation:edit", {
			prdId: "d1",
			operation: { op: ["hello"], revision: 0 },
		});
		const edit = { op: ["a", { d: 1 }, 2, "b"], revision: 1 };
		await ann.request("operation:edit", { prdId: "d1", operation: edit });
		await native.next("operation:applied");
		expect(await native.next("operation:applied")).toEqual({
			type: "operation:applied",
			room: "d1",
			data: {
				prdId: "d1",
				op: edit.op,
				userId: "ann",
				sessionId: "session-1",
				opId: "session-1:2",
				revision: 2,
				clock: { ann: 2 },
			},
		});
		await bob.settled();
		const parts = bob.of("operation:applied").slice(1);
		expect(parts.map(({ data }) => data)).toMatchObject([
			{ part: 1, parts: 3, revision: 2, newVectorClock: { ann: 2 } },
			{ part: 2, parts: 3, revision: 2, newVectorClock: { ann: 2 } },
			{ part: 3, parts: 3, revision: 2, newVectorClock: { ann: 2 } },
		]);
	});
});
