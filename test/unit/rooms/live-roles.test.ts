import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { documentChannel } from "../../../src/protocol/document-message.ts";
import type {
	Submission,
	SubmissionResult,
} from "../../../src/protocol/submission.ts";
import type { DocId } from "../../../src/shared/ids.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";
import type { RawClient } from "../../support/raw-client.ts";

const DOC = "d1" as DocId;

let lab: GatewayLab;
beforeEach(async () => {
	lab = await GatewayLab.open();
});
afterEach(() => lab.close());

const edit = (content: string, revision = 0) => ({
	prdId: DOC,
	operation: { type: "insert", position: 0, content, revision },
});
const invite = (role: string) => ({ room: DOC, userId: "bob", role });

/** Ann owns the document and is in it; Bob may edit it. */
async function annAndBob(): Promise<{ ann: RawClient; bob: RawClient }> {
	const ann = await lab.editor("ann", DOC);
	lab.member(DOC, "ann", "owner");
	lab.member(DOC, "bob", "edit");
	return { ann, bob: await lab.enter("bob") };
}

/** Lets calls of that name wait for `release`; `entered` and `second` resolve when the first and the second wait. */
function hold(name: "joinDocument" | "present") {
	const { backend } = lab;
	const real = backend[name].bind(backend) as (
		...args: unknown[]
	) => Promise<unknown>;
	const gate = Promise.withResolvers<void>();
	const entered = Promise.withResolvers<void>();
	const second = Promise.withResolvers<void>();
	let calls = 0;
	Object.assign(backend, {
		[name]: async (...args: unknown[]) => {
			const answer = await real(...args);
			calls += 1;
			if (calls === 1) entered.resolve();
			else second.resolve();
			await gate.promise;
			return answer;
		},
	});
	const { promise } = second;
	return { entered: entered.promise, second: promise, release: gate.resolve };
}

/** Edits get no answer from the owner until the returned function gives it. */
function holdAnswers() {
	const waiting: ((result: SubmissionResult) => void)[] = [];
	lab.backend.answer = () => new Promise((resolve) => waiting.push(resolve));
	return waiting;
}

const deleteDocument = (): void =>
	lab.bus.publish(documentChannel(DOC), { head: { kind: "deleted" } });

describe("a role that changes while a join is under way", () => {
	it.each([
		["view", "document:join"],
		[null, "document:join"],
		[null, "room:join"],
	] as const)(
		"[ROOM-11] to %s takes effect on %s, which is refused",
		async (role, type) => {
			const { ann, bob } = await annAndBob();
			const { entered, release } = hold("joinDocument");
			const join = { prdId: DOC, room: DOC, mode: "edit" };
			const answer = bob.request(type, join);
			await entered;
			if (role === null)
				await ann.request("room:kick", { room: DOC, userId: "bob" });
			else await ann.request("room:invite", invite(role));
			release();
			expect((await answer).data.code).toBe("FORBIDDEN");
			await ann.settled();
			expect(ann.of("presence:joined")).toEqual([]);
			expect(lab.backend.left).toHaveLength(1);
			const late = await bob.request("operation:edit", edit("x"));
			expect(late.data.code).toBe("NOT_JOINED");
		},
	);

	it("[ROOM-11] also on the way into a generic room", async () => {
		const ann = await lab.enter("ann");
		const bob = await lab.enter("bob");
		await ann.request("room:create", { room: "r1", visibility: "private" });
		await ann.request("room:join", { room: "r1" });
		const to = { room: "r1", userId: "bob" };
		await ann.request("room:invite", { ...to, role: "edit" });
		const { entered, release } = hold("present");
		const answer = bob.request("room:join", { room: "r1" });
		await entered;
		await ann.request("room:kick", to);
		release();
		expect((await answer).data.code).toBe("FORBIDDEN");
		await ann.settled();
		expect(ann.of("room:member-joined")).toEqual([]);
	});

	it("[ROOM-11] a higher one does not stop it", async () => {
		const { ann, bob } = await annAndBob();
		lab.member(DOC, "bob", "view");
		const { entered, release } = hold("joinDocument");
		const answer = bob.request("document:join", { prdId: DOC, mode: "view" });
		await entered;
		await ann.request("room:invite", invite("edit"));
		release();
		expect((await answer).data).toMatchObject({ mode: "view" });
		const now = await bob.request("operation:edit", edit("x"));
		expect(now.type).toBe("ack");
	});
});

describe("a person who is removed with edits on their way", () => {
	it("[ROOM-10] gets their answers and nothing of the others", async () => {
		const { ann, bob } = await annAndBob();
		await bob.request("document:join", { prdId: DOC, mode: "edit" });
		const waiting = holdAnswers();
		const own = bob.request("operation:edit", edit("mine"));
		await bob.settled();
		await ann.request("room:kick", { room: DOC, userId: "bob" });
		await bob.next("permission:changed");
		const more = await bob.request("operation:edit", edit("more"));
		expect(more.data.code).toBe("FORBIDDEN");
		const [submission] = lab.backend.submitted as [Submission];
		lab.backend.answer = undefined;
		await ann.request("operation:edit", edit("secret"));
		const message = lab.backend.commit(submission);
		lab.bus.publish(documentChannel(DOC), message);
		waiting[0]?.({ outcome: "committed", rev: message.head.rev });
		expect(await own).toMatchObject({ type: "ack", data: { revision: 2 } });
		await ann.next("presence:left");
		expect(bob.of("operation:applied")).toEqual([]);
	});
});

describe("a document that is deleted", () => {
	it("[ROOM-14] refuses what has no answer yet, once, then ends everybody's part in it", async () => {
		const { bob } = await annAndBob();
		await bob.request("document:join", { prdId: DOC, mode: "edit" });
		const waiting = holdAnswers();
		const sent = [1, 2, 3].map((n) =>
			bob.request("operation:edit", edit(`${n}`)),
		);
		await bob.settled();
		deleteDocument();
		for (const answer of await Promise.all(sent))
			expect(answer.data).toMatchObject({ code: "NOT_FOUND" });
		await bob.next("document:deleted");
		const error = { code: "NOT_FOUND", message: "gone" } as const;
		for (const answer of waiting) answer({ outcome: "refused", error });
		await bob.settled();
		expect(bob.of("error:operation")).toHaveLength(3);
		const late = await bob.request("operation:edit", edit("x"));
		expect(late.data.code).toBe("NOT_JOINED");
	});

	it("[ROOM-14] tells those who are still coming in, and not those who come into its successor", async () => {
		const { ann, bob } = await annAndBob();
		const { entered, second, release } = hold("joinDocument");
		const answer = bob.request("document:join", { prdId: DOC, mode: "edit" });
		await entered;
		deleteDocument();
		await ann.next("document:deleted");
		const again = ann.request("document:join", { prdId: DOC, mode: "edit" });
		await second;
		release();
		expect((await answer).type).toBe("ack");
		await bob.next("document:deleted");
		expect((await again).type).toBe("ack");
		const now = await ann.request("operation:edit", edit("new"));
		expect(now.type).toBe("ack");
		expect(ann.of("document:deleted")).toHaveLength(1);
	});
});
