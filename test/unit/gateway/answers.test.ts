import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type {
	Submission,
	SubmissionResult,
} from "../../../src/protocol/submission.ts";
import type { DocId } from "../../../src/shared/ids.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";
import type { Frame, RawClient } from "../../support/raw-client.ts";

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open({ inflight: 4 });
});
afterEach(() => lab.close());

const edit = (text: string, revision: number, opId?: string) => ({
	prdId: "d1",
	operation: { type: "insert", position: 0, content: text, revision, opId },
});
const type = (
	client: RawClient,
	text: string,
	revision: number,
	opId?: string,
) => client.request("operation:edit", edit(text, revision, opId));
/** Sends an edit of which nobody waits for the answer here. */
const send = (client: RawClient, text: string, opId?: string, id?: string) =>
	client.send({ type: "operation:edit", data: edit(text, 0, opId), id });
/** Everything in one write, so that the server reads it at once. */
const atOnce = (client: RawClient, task: () => void) => {
	const { _socket: tcp } = client.socket as unknown as {
		readonly _socket: Socket;
	};
	tcp.cork();
	task();
	tcp.uncork();
};
/** Takes the owner's place: every submission waits until the test answers it. */
function owner() {
	const calls: {
		readonly submission: Submission;
		answer(result: SubmissionResult): void;
	}[] = [];
	const watchers: (() => void)[] = [];
	lab.backend.answer = (submission) =>
		new Promise((answer) => {
			calls.push({ submission, answer });
			for (const watch of watchers.splice(0)) watch();
		});
	const until = async (count: number) => {
		while (calls.length < count)
			await new Promise<void>((resolve) => watchers.push(resolve));
	};
	return { calls, until };
}
const unknown: SubmissionResult = { outcome: "unknown", reason: "timeout" };
const refused: SubmissionResult = {
	outcome: "refused",
	error: {
		code: "OPERATION_INVALID",
		message: "no",
		data: { reason: "range" },
	},
};
/** Lets the gateway's promises run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const summary = ({ type: name, id, data }: Frame) => [
	name,
	id,
	data.revision ?? data.code,
];

describe("the answer to an edit", () => {
	it("[EDIT-1] is the ack by id when it had one, else the event; never both", async () => {
		const ann = await lab.editor("ann", "d1");
		await type(ann, "a", 0);
		send(ann, "b");
		await ann.next("operation:ack");
		await ann.settled();
		const own = ann.frames.filter((frame) => frame.data.opId !== undefined);
		expect(own.map(summary)).toEqual([
			["ack", "r2", 1],
			["operation:ack", undefined, 2],
		]);
	});

	it("[EDIT-2] comes in its place among the other operations, whatever the owner says earlier", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.editor("bob", "d1");
		lab.bus.isHolding = true;
		send(bob, "bob");
		await bob.settled();
		const answer = type(ann, "ann", 0);
		await ann.settled();
		expect(lab.backend.document("d1" as DocId).log).toHaveLength(2);
		expect(ann.of("operation:applied")).toEqual([]);
		lab.bus.deliver([1, 0]);
		await answer;
		const revisions = ann.frames.flatMap(({ type: name, data }) =>
			name === "operation:applied" || data.opId ? [[name, data.revision]] : [],
		);
		expect(revisions).toEqual([
			["operation:applied", 1],
			["ack", 2],
		]);
	});

	it("[EDIT-3] tells what was committed when that differs from what was sent", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.editor("bob", "d1");
		await type(ann, "abc", 0);
		const moved = await bob.request("operation:edit", {
			prdId: "d1",
			operation: { type: "insert", position: 0, content: "x", revision: 0 },
		});
		expect(moved.data).not.toHaveProperty("operations");
		const operation = {
			type: "insert",
			position: 4,
			content: "y",
			revision: 2,
		};
		await bob.request("operation:edit", { prdId: "d1", operation });
		const behind = { ...operation, position: 3, revision: 1 };
		const answer = await ann.request("operation:edit", {
			prdId: "d1",
			operation: behind,
		});
		expect(answer.data.operations).toEqual([
			{ type: "insert", position: 4, content: "y" },
		]);
	});

	it("[EDIT-4] an op id that was committed before is acknowledged at once with its first revision", async () => {
		const clientId = "client-0001";
		const old = await lab.editor("ann", "d1", { clientId });
		await type(old, "a", 0, "client-0001:7");
		await type(old, "b", 1, "client-0001:8");
		const ann = await lab.editor("ann", "d1", { clientId });
		const { data } = await type(ann, "a", 0, "client-0001:7");
		expect(data).toMatchObject({ opId: "client-0001:7", revision: 1 });
		expect(lab.backend.document("d1" as DocId).log).toHaveLength(2);
	});

	it("[EDIT-4] an op of the client's earlier session that comes after the join is the answer to its repetition", async () => {
		const clientId = "client-0001";
		const old = await lab.editor("ann", "d1", { clientId });
		lab.bus.isHolding = true;
		send(old, "a", "client-0001:7");
		await old.settled();
		const plain = lab.backend.joinDocument.bind(lab.backend);
		lab.backend.joinDocument = async (request) => ({
			...(await plain(request)),
			revision: 0,
			state: { kind: "snapshot", text: "", runs: [] },
		});
		const ann = await lab.editor("ann", "d1", { clientId });
		send(ann, "a", "client-0001:7", "again");
		await ann.next("ack");
		lab.bus.deliver();
		await ann.settled();
		const own = ann.frames.filter((frame) => frame.data.opId !== undefined);
		expect(own.map(summary)).toEqual([["ack", "again", 1]]);
	});

	it("[EDIT-5] another person's op never answers an edit, not even under its op id", async () => {
		const clientId = "client-0001";
		const ann = await lab.editor("ann", "d1", { clientId });
		const eve = await lab.editor("eve", "d1", { clientId });
		const { calls, until } = owner();
		send(eve, "mine", "client-0001:1", "e");
		await until(1);
		lab.backend.answer = undefined;
		await type(ann, "hers", 0, "client-0001:1");
		await eve.next("operation:applied");
		calls[0]?.answer(refused);
		expect(await eve.next("error:operation")).toMatchObject({ id: "e" });
	});

	it("[EDIT-11] an op id of another session, or of a client that was not told at join, is FORBIDDEN", async () => {
		const ann = await lab.editor("ann", "d1", { clientId: "client-0001" });
		for (const opId of ["session-9:1", "client-0002:1"])
			expect((await type(ann, "x", 0, opId)).data).toMatchObject({
				code: "FORBIDDEN",
				data: { reason: "opId" },
			});
		expect((await type(ann, "x", 0, "client-0001:1")).type).toBe("ack");
	});

	it("[EDIT-6] a refusal is told under the request's id, with the owner's reason", async () => {
		const ann = await lab.editor("ann", "d1");
		lab.backend.answer = () => Promise.resolve(refused);
		expect(await type(ann, "x", 0)).toMatchObject({
			type: "error:operation",
			data: {
				operation: "operation:edit",
				code: "OPERATION_INVALID",
				data: { reason: "range" },
			},
		});
		lab.backend.answer = undefined;
		expect((await type(ann, "x", 0)).type).toBe("ack");
	});

	it("[EDIT-6] after a refusal in a pipeline nothing is taken before a new join", async () => {
		const ann = await lab.editor("ann", "d1");
		const { calls, until } = owner();
		send(ann, "a", undefined, "a");
		send(ann, "b", undefined, "b");
		await until(2);
		calls[0]?.answer(refused);
		await ann.next("error:operation");
		expect((await type(ann, "c", 0)).data).toMatchObject({
			code: "RESYNC_REQUIRED",
		});
		calls[1]?.answer(refused);
		lab.backend.answer = undefined;
		await ann.request("document:join", { prdId: "d1", mode: "edit" });
		expect((await type(ann, "c", 0)).type).toBe("ack");
	});

	it.each([
		{ type: "insert", position: -1, content: "b", revision: 0 },
		"not an operation",
	])(
		"[EDIT-6] nor after one that is refused before it reaches the document: %j",
		async (operation) => {
			const ann = await lab.editor("ann", "d1");
			const { calls, until } = owner();
			send(ann, "a", undefined, "a");
			await until(1);
			ann.send({ type: "operation:edit", data: { prdId: "d1", operation } });
			await ann.next("error:operation");
			expect((await type(ann, "c", 0)).data).toMatchObject({
				code: "RESYNC_REQUIRED",
			});
			calls[0]?.answer(refused);
		},
	);

	it("[EDIT-7] more than the announced number in flight is RATE_LIMITED until all are answered", async () => {
		const ann = await lab.editor("ann", "d1");
		const { calls, until } = owner();
		atOnce(ann, () => {
			for (const id of ["a", "b", "c", "d", "e"]) send(ann, id, undefined, id);
		});
		expect(await ann.next("error:operation")).toMatchObject({
			id: "e",
			data: { code: "RATE_LIMITED", data: { limit: "inflight", max: 4 } },
		});
		await until(4);
		lab.backend.answer = undefined;
		for (const { submission, answer } of calls.splice(0)) {
			const message = lab.backend.commit(submission);
			lab.bus.publish("doc.d1", message);
			answer({ outcome: "committed", rev: message.head.rev });
			// Only with two of them open is anything read again.
			const { rev } = message.head;
			if (rev !== 2 && rev !== 3) continue;
			expect((await type(ann, "f", 0)).data).toMatchObject({
				code: "RATE_LIMITED",
			});
		}
		expect((await type(ann, "f", 4)).type).toBe("ack");
	});

	it("[EDIT-7] with that number in flight the raw door reads no more, and takes the next when half are answered", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.enter("bob");
		const { calls, until } = owner();
		for (const id of ["a", "b", "c", "d"]) send(ann, id, undefined, id);
		await until(4);
		send(ann, "e", undefined, "e");
		for (let i = 0; i < 5; i++) await bob.settled();
		expect(lab.backend.submitted).toHaveLength(4);
		for (const { answer, submission } of calls.slice(0, 2)) {
			const message = lab.backend.commit(submission);
			lab.bus.publish("doc.d1", message);
			answer({ outcome: "committed", rev: message.head.rev });
		}
		await until(5);
		expect(ann.of("error:operation")).toEqual([]);
		for (const { answer } of calls.slice(2)) answer(refused);
	});

	it("[EDIT-7] what a flood sends meanwhile waits on the side of its sender", async () => {
		const ann = await lab.editor("ann", "d1");
		const bob = await lab.enter("bob");
		const { calls, until } = owner();
		for (const id of ["a", "b", "c", "d"]) send(ann, id, undefined, id);
		await until(4);
		const bulk = "x".repeat(60_000);
		for (let i = 0; i < 400; i++) send(ann, bulk);
		for (let i = 0; i < 20; i++) await bob.settled();
		expect(ann.socket.bufferedAmount).toBeGreaterThan(8_000_000);
		expect(lab.lines).toEqual([]);
		for (const { answer } of calls) answer(unknown);
		ann.socket.terminate();
	});

	it("[EDIT-7] a session whose document ends meanwhile is read again", async () => {
		const ann = await lab.editor("ann", "d1");
		const { until } = owner();
		for (const id of ["a", "b", "c", "d"]) send(ann, id, undefined, id);
		await until(4);
		lab.bus.publish("doc.d1", { head: { kind: "deleted" } });
		await ann.settled();
		expect((await ann.next("document:deleted")).data).toEqual({ prdId: "d1" });
	});

	it("[EDIT-8] the gateway numbers the edits of a session, and says how many were answered", async () => {
		const ann = await lab.editor("ann", "d1");
		await type(ann, "a", 0);
		const { calls, until } = owner();
		send(ann, "b");
		send(ann, "c");
		await until(2);
		expect(
			[...lab.backend.submitted].map(({ seq, settled, opId }) => [
				seq,
				settled,
				opId,
			]),
		).toEqual([
			[1, 0, "session-1:1"],
			[2, 1, "session-1:2"],
			[3, 1, "session-1:3"],
		]);
		for (const { answer } of calls) answer(refused);
	});

	it("[EDIT-8] numbers of op ids are not used twice after a new join", async () => {
		const ann = await lab.editor("ann", "d1");
		await type(ann, "a", 0);
		await ann.request("document:join", { prdId: "d1", mode: "edit" });
		const { data } = await type(ann, "b", 1);
		expect(data.opId).toBe("session-1:2");
		expect(lab.backend.submitted.at(-1)).toMatchObject({
			seq: 1,
			joinedRev: 1,
		});
	});

	it("[EDIT-9] edits whose fate is unknown are repeated in order until it is known; others wait behind them", async () => {
		const ann = await lab.editor("ann", "d1");
		const { calls, until } = owner();
		send(ann, "a");
		send(ann, "b");
		await until(2);
		calls[0]?.answer(unknown);
		await settle();
		send(ann, "c");
		await ann.settled();
		expect(calls).toHaveLength(2);
		calls[1]?.answer(unknown);
		await settle();
		lab.clock.advance(100);
		await until(5);
		const seqs = calls.map(({ submission }) => submission.seq);
		expect(seqs).toEqual([1, 2, 1, 2, 3]);
		const message = lab.backend.commit(calls[2]?.submission as Submission);
		lab.bus.publish("doc.d1", message);
		calls[2]?.answer({ outcome: "committed", rev: 1 });
		for (const call of calls.slice(3)) call.answer(unknown);
		await settle();
		lab.clock.advance(199);
		await ann.settled();
		expect(calls).toHaveLength(5);
		lab.backend.answer = undefined;
		lab.clock.advance(1);
		for (let i = 0; i < 3; i++) await ann.next("operation:ack");
		expect(lab.backend.document("d1" as DocId).content.text).toBe("cba");
	});

	it("[EDIT-9] a fate that stays unknown for 15 s ends the connection with 4210", async () => {
		const ann = await lab.editor("ann", "d1");
		lab.backend.answer = () => Promise.resolve(unknown);
		send(ann, "a");
		await ann.settled();
		for (let second = 0; second < 14; second++) {
			lab.clock.advance(1_000);
			await settle();
		}
		await ann.settled();
		expect(lab.backend.submitted.length).toBeGreaterThan(10);
		lab.clock.advance(1_500);
		expect((await ann.closed).code).toBe(4210);
		expect(ann.of("error:operation")).toEqual([]);
	});

	it("[EDIT-9] an op that is committed and does not come over the channel is read from the log", async () => {
		const ann = await lab.editor("ann", "d1");
		lab.bus.isHolding = true;
		const answer = type(ann, "a", 0);
		await ann.settled();
		lab.bus.drop();
		lab.clock.advance(1_500);
		expect((await answer).data).toMatchObject({ revision: 1 });
	});

	it("[EDIT-10] leaving waits for the answers to earlier edits", async () => {
		const ann = await lab.editor("ann", "d1");
		const { calls, until } = owner();
		send(ann, "a", undefined, "edit");
		ann.send({ type: "document:leave", id: "leave", data: { prdId: "d1" } });
		await until(1);
		await ann.settled();
		calls[0]?.answer(refused);
		await ann.next("ack");
		const answers = ann.frames.filter(
			({ id }) => id === "edit" || id === "leave",
		);
		expect(answers.map(({ id }) => id)).toEqual(["edit", "leave"]);
	});
});
