import { beforeEach, describe, expect, it } from "@jest/globals";
import { ClientLab, joinedWith } from "./client-lab.ts";

let lab: ClientLab;

beforeEach(() => {
	lab = new ClientLab();
});

describe("Doc, over a connection", () => {
	it("[SDK-20] sends one op at a time and composes the others behind it", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		doc.insert(0, "a");
		doc.insert(1, "b");
		doc.insert(2, "c");
		const edits = () =>
			lab.last
				.ofType("operation:edit")
				.map(({ data }) => (data as { operation: object }).operation);
		const opId = (n: number) => `${client.clientId}:${n}`;
		expect(edits()).toEqual([{ op: ["a"], revision: 0, opId: opId(1) }]);
		expect([doc.saveState, doc.unsent]).toEqual(["saving", 3]);
		const saved = doc.whenSaved();
		lab.last.answer("operation:edit", { opId: opId(1), revision: 1 });
		expect(edits()[1]).toEqual({
			op: [1, "bc"],
			revision: 1,
			opId: opId(2),
		});
		lab.last.answer("operation:edit", { opId: opId(2), revision: 2 });
		await saved;
		expect([doc.saveState, doc.unsent, doc.revision]).toEqual(["saved", 0, 2]);
	});

	it("[SDK-21] after a reconnect sends the unanswered op again as it was, with its old revision", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		doc.insert(0, "mine");
		const [first] = lab.last.ofType("operation:edit");
		lab.last.end(1006);
		expect([doc.saveState, doc.unsent]).toEqual(["offline", 1]);
		doc.insert(4, "!");
		await lab.pass(1_000);
		lab.last.greet();
		lab.last.recovered({
			missedOperations: [{ op: ["theirs "], revision: 1, opId: "other:1" }],
			revision: 1,
			epoch: "e",
		});
		expect(lab.last.ofType("operation:edit")[0]?.data).toEqual(first?.data);
		expect(doc.text).toBe("mine!theirs ");
		lab.last.answer("operation:edit", {
			opId: `${client.clientId}:1`,
			revision: 2,
		});
		expect(doc.unsent).toBe(1);
	});

	it("[SDK-22] an op that the server had committed before the line broke is not sent again", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		doc.insert(0, "mine");
		await lab.comeBack();
		lab.last.recovered({
			missedOperations: [
				{ op: ["mine"], revision: 1, opId: `${client.clientId}:1` },
			],
			revision: 1,
			epoch: "e",
		});
		expect(lab.last.ofType("operation:edit")).toEqual([]);
		expect([doc.text, doc.saveState]).toEqual(["mine", "saved"]);
	});

	it("[SDK-23] a refused edit is taken back, said so and handed out; later edits stay", async () => {
		const client = await lab.online();
		const doc = await lab.open(client, "base");
		const refusals: string[] = [];
		doc.on("refused", ({ error, text }) =>
			refusals.push(`${error.code} ${text}`),
		);
		doc.insert(0, "bad ");
		doc.insert(8, " good");
		const saved = doc.whenSaved();
		lab.last.refuse("operation:edit", {
			code: "PAYLOAD_TOO_LARGE",
			message: "too large",
			retryable: false,
		});
		await expect(saved).rejects.toThrow("too large");
		expect([doc.text, doc.saveState]).toEqual(["base good", "failed"]);
		expect(refusals).toEqual(["PAYLOAD_TOO_LARGE bad "]);
		lab.last.answer("operation:edit", {
			opId: `${client.clientId}:2`,
			revision: 1,
		});
		expect(doc.saveState).toBe("saved");
	});

	it("[SDK-24] a retryable refusal is sent again as it was, after the time that the server asks for", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		doc.insert(0, "x");
		lab.last.refuse("operation:edit", {
			code: "RATE_LIMITED",
			message: "slow down",
			retryable: true,
			retryAfterMs: 3_000,
		});
		await lab.pass(2_999);
		expect(lab.last.ofType("operation:edit")).toHaveLength(1);
		await lab.pass(1_000);
		const [first, second] = lab.last.ofType("operation:edit");
		expect(second?.data).toEqual(first?.data);
		expect(doc.saveState).toBe("saving");
	});

	it("[SDK-24] of an op that was sent twice, only the newest refusal counts: the older one may cross the commit", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		doc.insert(0, "mine");
		const theirs = { prdId: "d", op: ["theirs "], opId: "other:1" };
		lab.last.tell("operation:applied", { ...theirs, revision: 2 });
		lab.last.answer("document:join", {
			missedOperations: [
				{ ...theirs, revision: 1 },
				{ ...theirs, revision: 2, opId: "other:2" },
			],
			revision: 2,
			epoch: "e",
		});
		expect(lab.last.ofType("operation:edit")).toHaveLength(2);
		const resync = {
			code: "RESYNC_REQUIRED",
			message: "",
			retryable: false,
		};
		lab.last.refuse("operation:edit", resync, 0);
		lab.last.answer("operation:edit", {
			opId: `${client.clientId}:1`,
			revision: 3,
		});
		expect(lab.last.ofType("operation:edit")).toHaveLength(2);
		expect([doc.text, doc.saveState]).toEqual(["minetheirs theirs ", "saved"]);
	});

	it("[SDK-27] when the history was replaced, what is unsent is kept and sent as a new op on the new text", async () => {
		const client = await lab.online();
		const doc = await lab.open(client, "one\ntwo\n");
		doc.insert(4, "mine ");
		await lab.comeBack();
		lab.last.recovered({
			recovered: false,
			missedOperations: [],
			snapshot: { currentContent: "zero\none\ntwo\n", attributes: [] },
			revision: 7,
			epoch: "restored",
		});
		expect(doc.text).toBe("zero\none\nmine two\n");
		expect(lab.last.ofType("operation:edit")[0]?.data).toEqual({
			prdId: "d",
			operation: {
				op: [9, "mine "],
				revision: 7,
				opId: `${client.clientId}:2`,
			},
		});
	});

	it("[SDK-25] without a mode, opens in the best one that is allowed; with one, a refusal is an error", async () => {
		const client = await lab.online();
		const opening = client.open("d");
		const forbidden = {
			code: "FORBIDDEN",
			message: "no",
			retryable: false,
		};
		lab.last.refuse("document:join", forbidden);
		lab.last.refuse("document:join", forbidden);
		lab.last.answer("document:join", { ...joinedWith(""), mode: "view" });
		const doc = await opening;
		expect(doc.mode).toBe("view");
		expect(() => doc.insert(0, "x")).toThrow("reading only");
		const strict = client.open("e", { mode: "edit" });
		lab.last.refuse("document:join", forbidden);
		await expect(strict).rejects.toMatchObject({ code: "FORBIDDEN" });
	});

	it("[SDK-26] knows who else is there", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		const bob = {
			sessionId: "s2",
			userId: "bob",
			userName: "Bob",
			mode: "edit",
			color: "#345",
			lastActivity: "2026-01-01T00:00:00Z",
		};
		lab.last.tell("presence:joined", { prdId: "d", session: bob });
		expect(doc.peers).toEqual([bob]);
		lab.last.tell("presence:left", { prdId: "d", session: bob });
		expect(doc.peers).toEqual([]);
	});

	it("[SDK-38] an edit that no frame can hold is refused by the library: the connection stays", async () => {
		const client = await lab.dial();
		lab.last.greet({ limits: { frameBytes: 2_000 } });
		const doc = await lab.open(client, "text");
		const refusals: string[] = [];
		doc.on("refused", ({ error }) => refusals.push(error.code));
		doc.edit({
			t: [],
			m: [{ n: 1, a: { a: "字".repeat(250), b: "\u0001".repeat(250) } }],
		});
		await lab.pass(0);
		expect(refusals).toEqual(["PAYLOAD_TOO_LARGE"]);
		expect(lab.last.ofType("operation:edit")).toEqual([]);
		doc.insert(0, "more ");
		expect(lab.last.ofType("operation:edit")).toHaveLength(1);
		expect([client.status, doc.text]).toEqual(["online", "more text"]);
	});

	it("[SDK-39] a failed save state says why, until an edit is saved again", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		doc.insert(0, "x");
		lab.last.refuse("operation:edit", {
			code: "PAYLOAD_TOO_LARGE",
			message: "The document is full",
			retryable: false,
		});
		expect([doc.saveState, doc.saveError?.message]).toEqual([
			"failed",
			"The document is full",
		]);
		doc.insert(0, "y");
		lab.last.answer("operation:edit", {
			opId: `${client.clientId}:2`,
			revision: 1,
		});
		expect([doc.saveState, doc.saveError]).toEqual(["saved", undefined]);
		doc.insert(0, "z");
		lab.last.refuse("operation:edit", {
			code: "OPERATION_INVALID",
			message: "Another reason",
			retryable: false,
		});
		doc.insert(0, "kept");
		const reports: (string | undefined)[] = [];
		doc.on("state", ({ saveState, error }) =>
			reports.push(saveState, error?.message),
		);
		lab.last.end(4003, "origin or person not allowed");
		expect(reports.slice(-2)).toEqual([
			"failed",
			"origin or person not allowed",
		]);
	});

	it("[SDK-40] a new title is told with who gave it, also when that happened while the connection was gone", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		const told: unknown[] = [];
		doc.on("renamed", (event) => told.push(event));
		lab.last.tell("document:renamed", {
			prdId: "d",
			title: "Plan",
			userId: "bob",
		});
		expect(doc.title).toBe("Plan");
		await lab.comeBack();
		lab.last.recovered({ title: "Plan" });
		await lab.comeBack();
		lab.last.recovered({ title: "Plan B" });
		expect(doc.title).toBe("Plan B");
		expect(told).toEqual([
			{ title: "Plan", userId: "bob" },
			{ title: "Plan B" },
		]);
	});

	it("[SDK-41] events are told in the order in which they happened, also when a listener causes the next one", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		const told: string[] = [];
		doc.on("change", ({ op }) => {
			if (op.t[0] === "a") doc.insert(1, "b");
		});
		doc.on("change", ({ op }) => told.push(String(op.t.at(-1))));
		doc.insert(0, "a");
		expect(told).toEqual(["a", "b"]);
		expect(doc.text).toBe("ab");
	});
});
