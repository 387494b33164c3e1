import { beforeEach, describe, expect, it } from "@jest/globals";
import { ClientLab, joinedWith } from "./client-lab.ts";

let lab: ClientLab;

beforeEach(() => {
	lab = new ClientLab();
});

const failure = (prdId: string, code: string, more: object = {}) => ({
	prdId,
	recovered: false,
	error: { code, message: code, retryable: false, ...more },
});
const recoveries = () => lab.last.ofType("session:recover");
const joins = () => lab.last.ofType("document:join");

describe("after a reconnect", () => {
	it("[SDK-36] all documents come back by one request, which says where each of them was and which session is over", async () => {
		const client = await lab.online();
		const a = await lab.open(client, "one", "a");
		const opening = client.open("b", { mode: "view" });
		lab.last.answer("document:join", { ...joinedWith("two", 7), mode: "view" });
		const b = await opening;
		await lab.comeBack("s2");
		expect(recoveries().map(({ data }) => data)).toEqual([
			{
				activeSessions: ["a", "b"],
				lastRevisions: { a: 0, b: 7 },
				epochs: { a: "e", b: "e" },
				modes: { b: "view" },
				formats: { a: "native", b: "native" },
				clientId: client.clientId,
				sessionId: "s1",
			},
		]);
		expect(joins()).toEqual([]);
		lab.last.recovered(
			{
				prdId: "b",
				recovered: false,
				revision: 9,
				snapshot: { currentContent: "two and a half" },
				mode: "view",
			},
			{
				prdId: "a",
				revision: 1,
				missedOperations: [{ op: ["zero "], revision: 1, opId: "x:1" }],
			},
		);
		expect([a.text, a.saveState, a.mode]).toEqual([
			"zero one",
			"saved",
			"edit",
		]);
		expect([b.text, b.revision, b.mode]).toEqual(["two and a half", 9, "view"]);
		await lab.comeBack("s3");
		expect(recoveries()[0]?.data).toMatchObject({ sessionId: "s2" });
	});

	it("[SDK-36] a document that was never joined is joined by itself, and so is one that lost its place on the way", async () => {
		const client = await lab.online();
		const doc = await lab.open(client, "one");
		const opening = client.open("new");
		await lab.comeBack();
		expect(recoveries()).toHaveLength(1);
		expect(joins().map(({ data }) => data)).toMatchObject([
			{ prdId: "new", create: true },
		]);
		lab.last.answer("document:join", joinedWith("", 0));
		await opening;
		lab.last.recovered({});
		lab.last.tell("operation:applied", {
			prdId: "d",
			op: ["x"],
			revision: 5,
			opId: "other:5",
		});
		expect(recoveries()).toHaveLength(1);
		expect(joins().at(-1)?.data).toMatchObject({
			prdId: "d",
			create: false,
			lastKnownRevision: 0,
			lastEpoch: "e",
		});
		lab.last.answer("document:join", joinedWith("whole", 5));
		expect(doc.text).toBe("whole");
	});

	it("[SDK-36] more documents than a session may have are asked for in as many requests as it takes", async () => {
		const client = await lab.dial();
		lab.last.greet({ limits: { documents: 2 } });
		for (const id of ["a", "b", "c"]) await lab.open(client, "", id);
		lab.last.end(1006);
		await lab.pass(1_000);
		lab.last.greet({ limits: { documents: 2 } });
		expect(
			recoveries().map(
				({ data }) => (data as { activeSessions: unknown }).activeSessions,
			),
		).toEqual([["a", "b"], ["c"]]);
	});

	it("[SDK-37] what one document fails with is its alone: forbidden and gone end it with the reason, edits become a draft", async () => {
		const client = await lab.online();
		const [fine, shut, gone] = [
			await lab.open(client, "", "fine"),
			await lab.open(client, "", "shut"),
			await lab.open(client, "", "gone"),
		];
		const heard: string[] = [];
		shut.on("draft", ({ text }) => heard.push(`draft ${text}`));
		shut.on("closed", ({ code }) => heard.push(`shut ${code}`));
		gone.on("closed", ({ code }) => heard.push(`gone ${code}`));
		lab.last.end(1006);
		shut.insert(0, "mine");
		await lab.pass(1_000);
		lab.last.greet();
		lab.last.recovered(
			{ prdId: "fine" },
			failure("shut", "FORBIDDEN"),
			failure("gone", "NOT_FOUND"),
		);
		expect(heard).toEqual(["draft mine", "shut FORBIDDEN", "gone NOT_FOUND"]);
		expect([fine.saveState, shut.saveState]).toEqual(["saved", "failed"]);
		expect(joins()).toEqual([]);
	});

	it("[SDK-37] one that fails for now is tried again after the time asked for; one too big for the answer at once", async () => {
		const client = await lab.online();
		await lab.open(client, "", "busy");
		await lab.open(client, "", "big");
		await lab.comeBack();
		lab.last.recovered(
			failure("busy", "UNAVAILABLE", { retryable: true, retryAfterMs: 2_000 }),
			failure("big", "PAYLOAD_TOO_LARGE"),
		);
		expect(joins().map(({ data }) => data)).toMatchObject([{ prdId: "big" }]);
		await lab.pass(1_999);
		expect(joins()).toHaveLength(1);
		await lab.pass(1_000);
		expect(joins().at(-1)?.data).toMatchObject({ prdId: "busy" });
	});

	it("[SDK-37] when the whole request is refused each document comes back by itself", async () => {
		const client = await lab.online();
		await lab.open(client, "", "a");
		await lab.open(client, "", "b");
		await lab.comeBack();
		lab.last.refuse("session:recover", {
			code: "RATE_LIMITED",
			message: "slow down",
			retryable: true,
			retryAfterMs: 6_000,
		});
		expect(joins()).toEqual([]);
		await lab.pass(7_000);
		expect(joins().map(({ data }) => data)).toMatchObject([
			{ prdId: "a" },
			{ prdId: "b" },
		]);
	});

	it("[SDK-37] a document that was closed meanwhile is not joined again", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		await lab.comeBack();
		doc.close();
		lab.last.recovered(failure("d", "PAYLOAD_TOO_LARGE"));
		const other = client.open("other");
		client.close();
		await expect(other).rejects.toMatchObject({ code: "CLOSED" });
		expect(joins().map(({ data }) => data)).toMatchObject([{ prdId: "other" }]);
	});
});
