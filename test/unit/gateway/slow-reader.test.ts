import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { GatewayLab } from "../../support/gateway-lab.ts";
import type { RawClient } from "../../support/raw-client.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open();
});
afterEach(() => lab.close());

const MEGABYTE = 1_048_576;
/** Writes edits until the gateway has closed the session. */
async function flood(writer: RawClient, slow: RawClient): Promise<number> {
	const content = "x".repeat(60_000);
	for (let edits = 0; edits < 1_000; edits++) {
		const operation = { type: "insert", position: 0, content, revision: edits };
		await writer.request("operation:edit", { prdId: "d1", operation });
		if (lab.lines.some(({ code }) => code === 4208)) return edits;
	}
	throw new Error(`never closed: ${slow.frames.length} frames`);
}

describe("a client that does not read", () => {
	it("[FAN-7] is closed with 4208 and cut after 1 s; nobody else notices", async () => {
		const writer = await lab.editor("ann", "d1");
		const witness = await lab.editor("bob", "d1");
		const slow = await lab.editor("cy", "d1");
		slow.socket.pause();
		const edits = await flood(writer, slow);
		expect(lab.gateway.sessions.all.size).toBe(2);
		await witness.settled();
		expect(witness.of("operation:applied").length).toBeGreaterThanOrEqual(
			edits,
		);
		expect((await writer.next("presence:left")).data).toMatchObject({
			session: { userId: "cy" },
		});
		expect(lab.door.size).toBe(3);
		lab.clock.advance(1_000);
		await writer.settled();
		expect(lab.door.size).toBe(2);
		slow.socket.resume();
		await slow.closed;
	});

	it("[FAN-7] may take its time with a document that is bigger than the queue", async () => {
		const writer = await lab.editor("ann", "d1");
		await fill(writer);
		lab.member("d1", "bob", "view");
		const reader = await lab.enter("bob");
		reader.socket.pause();
		reader.send({
			type: "document:join",
			id: "j",
			data: { prdId: "d1", mode: "view" },
		});
		await writer.next("presence:joined");
		await writer.request(
			"document:update",
			{ operation: "insert", position: 0, text: "z", version: 40 },
			{ room: "d1" },
		);
		reader.socket.resume();
		const { data } = await reader.next("ack");
		expect(String(data.currentContent).length).toBeGreaterThan(2 * MEGABYTE);
		await reader.next("operation:applied");
	});
});

async function fill(writer: RawClient): Promise<void> {
	const content = "x".repeat(60_000);
	for (let revision = 0; revision < 40; revision++)
		await writer.request("operation:edit", {
			prdId: "d1",
			operation: { type: "insert", position: 0, content, revision },
		});
}
