import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { SOFT_BYTES } from "../../../src/gateway/outbox.ts";
import type { Session } from "../../../src/gateway/session.ts";
import { flood, untilShed } from "../../support/flood.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";
import type { RawClient } from "../../support/raw-client.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open();
});
afterEach(() => lab.close());

const MEGABYTE = 1_048_576;
const FRAME_BYTES = 61_000;
const write = (writer: RawClient, revision: number, content = "z") =>
	writer.request("operation:edit", {
		prdId: "d1",
		operation: { type: "insert", position: 0, content, revision },
	});
const revisionsOf = (client: RawClient): readonly unknown[] =>
	client.of("operation:applied").map(({ data }) => data.revision);
const range = (from: number, to: number): readonly number[] =>
	Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Holds back what a session's connection has taken, as a peer that does not read does. */
function stall(userId: string): { readonly release: () => void } {
	const session = [...lab.gateway.sessions.all].find(
		(one) => one.userId === userId,
	) as Session;
	const drained: (() => void)[] = [];
	Object.defineProperty(session, "isCongested", {
		get: () => true,
		configurable: true,
	});
	session.onceDrained = (task) => drained.push(task);
	return {
		release() {
			Reflect.deleteProperty(session, "isCongested");
			Reflect.deleteProperty(session, "onceDrained");
			for (const task of drained.splice(0)) task();
		},
	};
}

describe("a client that does not read", () => {
	it("[FAN-7] is closed with 4208 after 5 s and cut after 1 s more; nobody else notices", async () => {
		const writer = await lab.editor("ann", "d1");
		const witness = await lab.editor("bob", "d1");
		const slow = await lab.editor("cy", "d1");
		slow.socket.pause();
		await flood(writer);
		expect(lab.gateway.sessions.all.size).toBe(3);
		await untilShed(lab, writer);
		expect(lab.gateway.sessions.all.size).toBe(2);
		await witness.settled();
		expect(revisionsOf(witness)).toEqual(range(1, 120));
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
		await flood(writer, 40);
		lab.member("d1", "bob", "view");
		const reader = await lab.enter("bob");
		reader.socket.pause();
		const join = { prdId: "d1", mode: "view" };
		reader.send({ type: "document:join", id: "j", data: join });
		await writer.next("presence:joined");
		await write(writer, 40);
		reader.socket.resume();
		const { data } = await reader.next("ack");
		expect(String(data.currentContent).length).toBeGreaterThan(2 * MEGABYTE);
		expect((await reader.next("operation:applied")).data.revision).toBe(41);
	});

	it("[FAN-8] holds no more than 256 KiB and a frame of a document for it, and gets the rest from the log when it reads on", async () => {
		const writer = await lab.editor("ann", "d1");
		const slow = await lab.editor("bob", "d1");
		const session = [...lab.gateway.sessions.all].find(
			({ userId }) => userId === "bob",
		);
		slow.socket.pause();
		await flood(writer);
		expect(session?.isCongested).toBe(true);
		expect(session?.queuedBytes).toBeGreaterThan(SOFT_BYTES);
		expect(session?.queuedBytes).toBeLessThan(SOFT_BYTES + FRAME_BYTES);
		expect(lab.backend.reads).toBe(0);
		slow.socket.resume();
		while (revisionsOf(slow).length < 120) await slow.next("operation:applied");
		expect(lab.backend.reads).toBeGreaterThan(0);
		await write(writer, 120);
		await slow.settled();
		expect(revisionsOf(slow)).toEqual(range(1, 121));
	});

	it("[FAN-8] gets its own acks in their place when it reads on", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.editor("bob", "d1");
		const { release } = stall("ann");
		await write(bob, 0);
		const ack = write(ann, 0);
		await write(bob, 1);
		await ann.settled();
		expect(ann.of("operation:applied")).toEqual([]);
		release();
		expect((await ack).data).toMatchObject({ revision: 2 });
		await ann.settled();
		expect(revisionsOf(ann)).toEqual([1, 3]);
		const answers = ann.frames.filter(
			({ type, data }) =>
				type === "operation:applied" || data.opId !== undefined,
		);
		expect(answers.map(({ data }) => data.revision)).toEqual([1, 2, 3]);
	});

	it("[FAN-9] hears of presence later, of each session the latest alone", async () => {
		const ann = await lab.editor("ann", "d1");
		await lab.editor("bob", "d1");
		const { release } = stall("bob");
		for (let line = 1; line <= 5; line++) {
			const cursor = { line, ch: 0 };
			await ann.request("presence:cursor", { prdId: "d1", cursor });
			lab.clock.advance(100);
		}
		const cy = await lab.editor("cy", "d1");
		const cursor = { line: 9, ch: 0 };
		await cy.request("presence:cursor", { prdId: "d1", cursor });
		lab.clock.advance(100);
		await cy.request("document:leave", { prdId: "d1" });
		const [, bob] = lab.clients as [RawClient, RawClient];
		await bob.settled();
		const heard = () =>
			bob.frames
				.filter(({ type }) => type.startsWith("presence:"))
				.map(({ type, data }) => [
					type,
					(data.cursor as { line?: number } | undefined)?.line,
				]);
		expect(heard()).toEqual([]);
		release();
		await bob.settled();
		expect(heard()).toEqual([
			["presence:updated", 5],
			["presence:left", undefined],
		]);
	});
});

describe("a client that is too far behind for the log", () => {
	/** Ann has written what Bob did not read, and cannot be told op by op any more. */
	async function leaveBehind(): Promise<[RawClient, RawClient, () => void]> {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.editor("bob", "d1");
		await write(bob, 0, "b");
		await ann.settled();
		const { release } = stall("bob");
		for (let revision = 1; revision <= 5; revision++)
			await write(ann, revision, "a");
		lab.backend.farthest = 3;
		return [ann, bob, release];
	}

	it("[FAN-10] gets document:reset with all that replaces its state, then goes on", async () => {
		const [ann, bob, release] = await leaveBehind();
		release();
		const { data } = await bob.next("document:reset");
		expect(data).toEqual({
			prdId: "d1",
			currentContent: "aaaaab",
			attributes: [],
			revision: 6,
			epoch: "e1",
			vectorClock: { ann: 5, bob: 1 },
			reason: "behind",
		});
		await write(ann, 6);
		await bob.settled();
		expect(revisionsOf(bob)).toEqual([7]);
		expect((await write(bob, 7)).data).toMatchObject({ revision: 8 });
		expect(bob.of("presence:left")).toEqual([]);
	});

	it("[FAN-10] so does everybody when a gap in the channel is too wide, instead of being closed", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.editor("bob", "d1");
		lab.bus.isHolding = true;
		for (let revision = 0; revision < 5; revision++)
			ann.send({
				type: "operation:edit",
				data: {
					prdId: "d1",
					operation: { type: "insert", position: 0, content: "a", revision },
				},
			});
		await ann.settled();
		lab.backend.farthest = 3;
		lab.bus.held.splice(0, lab.bus.held.length - 1);
		lab.bus.isHolding = false;
		lab.bus.deliver();
		for (const client of [ann, bob])
			expect((await client.next("document:reset")).data).toMatchObject({
				currentContent: "aaaaa",
				revision: 5,
			});
		expect(await write(bob, 5)).toMatchObject({ data: { revision: 6 } });
		await ann.settled();
		expect(revisionsOf(ann)).toEqual([6]);
		expect(ann.of("operation:ack")).toHaveLength(5);
	});

	it.each([
		["revision", { revision: 1 }],
		["clock", { vectorClock: { ann: 0, bob: 2 } }],
	])(
		"[FAN-11] what it makes on the text before the reset is RESYNC_REQUIRED and not committed (by %s)",
		async (_by, base) => {
			const [, bob, release] = await leaveBehind();
			release();
			await bob.next("document:reset");
			const operation = { type: "insert", position: 0, content: "x", ...base };
			const edit = { prdId: "d1", operation };
			expect((await bob.request("operation:edit", edit)).data).toMatchObject({
				code: "RESYNC_REQUIRED",
				data: { reason: "reset" },
			});
			const fresh = { ...operation, revision: undefined };
			const vectorClock = { ann: 5, bob: 2 };
			const again = { prdId: "d1", operation: { ...fresh, vectorClock } };
			expect((await bob.request("operation:edit", again)).type).toBe("ack");
			expect(lab.backend.document("d1" as never).log).toHaveLength(7);
		},
	);

	it("[FAN-11] what was committed before the reset is acknowledged, not refused", async () => {
		const [, bob, release] = await leaveBehind();
		const inflight = write(bob, 1, "B");
		await bob.settled();
		release();
		const { data } = await bob.next("document:reset");
		expect(data).toMatchObject({ currentContent: "Baaaaab", revision: 7 });
		expect(await inflight).toMatchObject({
			type: "ack",
			data: { revision: 7, vectorClock: data.vectorClock },
		});
		const types = bob.frames.map(({ type, data: { opId } }) =>
			opId === undefined ? type : "answer",
		);
		expect(types.slice(-2)).toEqual(["document:reset", "answer"]);
	});

	it("[FAN-11] an op id that is sent again on the old text gets its first answer, a new one is refused", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.editor("bob", "d1", { clientId: "client-b" });
		const edit = (seq: number) =>
			bob.request("operation:edit", {
				prdId: "d1",
				operation: {
					type: "insert",
					position: 0,
					content: "b",
					revision: 0,
					opId: `client-b:${seq}`,
				},
			});
		await edit(1);
		const { release } = stall("bob");
		for (let revision = 1; revision <= 5; revision++)
			await write(ann, revision, "a");
		lab.backend.farthest = 3;
		release();
		await bob.next("document:reset");
		expect((await edit(1)).data).toMatchObject({ revision: 1 });
		expect((await edit(2)).data).toMatchObject({ code: "RESYNC_REQUIRED" });
		expect(lab.backend.document("d1" as never).log).toHaveLength(6);
	});
});
