import { beforeEach, describe, expect, it } from "@jest/globals";
import { type Client, connect } from "../../../src/sdk/client.ts";
import type { Doc } from "../../../src/sdk/document.ts";
import { FakeNetwork } from "../../support/fake-socket.ts";
import { ManualClock } from "../../support/manual-clock.ts";

let clock: ManualClock;
let network: FakeNetwork;
let tokens: number;
let random: number;

beforeEach(() => {
	clock = new ManualClock();
	network = new FakeNetwork();
	tokens = 0;
	random = 0.5;
});

/** Lets promises run that have their value already. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function dial(
	more: { readonly token?: string; readonly signals?: EventTarget } = {},
): Promise<Client> {
	const { token, ...rest } = more;
	const client = connect({
		url: "ws://host/ws",
		WebSocket: network.WebSocket,
		clock,
		random: () => random,
		...rest,
		...(token === undefined
			? { getToken: async () => `t${++tokens}` }
			: { token }),
	});
	await turn();
	return client;
}

async function pass(ms: number): Promise<void> {
	clock.advance(ms);
	await turn();
}

async function openDoc(client: Client, text = ""): Promise<Doc> {
	const opening = client.open("d");
	network.last.answer("document:join", joinedWith(text));
	return opening;
}

const joinedWith = (text: string, revision = 0) => ({
	currentContent: text,
	revision,
	epoch: "e",
	mode: "edit",
	title: "A title",
	activeSessions: [],
});

describe("Client", () => {
	it("[SDK-10] presents its token by subprotocol and is online after the greeting", async () => {
		const client = await dial();
		expect(network.last.protocols).toEqual(["prdtool.v1", "bearer.t1"]);
		expect(client.status).toBe("connecting");
		network.last.greet();
		expect(client.status).toBe("online");
	});

	it("[SDK-11] waits longer after each failure, up to 30 s, and starts anew after a steady session", async () => {
		random = 0.999;
		const client = await dial();
		for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
			const before = network.sockets.length;
			network.last.end(1006);
			expect(client.status).toBe("offline");
			await pass(seconds * 999 - 1);
			expect(network.sockets).toHaveLength(before);
			await pass(1);
			expect(network.sockets).toHaveLength(before + 1);
		}
		network.last.greet();
		await pass(5_000);
		network.last.end(1001);
		const before = network.sockets.length;
		await pass(999);
		expect(network.sockets).toHaveLength(before + 1);
	});

	it("[SDK-11] a failed token is waited out like a failed connection", async () => {
		const client = connect({
			url: "ws://host/ws",
			WebSocket: network.WebSocket,
			clock,
			random: () => random,
			getToken: async () => {
				if (++tokens < 3) throw new Error("no network");
				return `t${tokens}`;
			},
		});
		await turn();
		expect(client.status).toBe("offline");
		await pass(500);
		await pass(1_000);
		expect(network.last.protocols[1]).toBe("bearer.t3");
	});

	it("[SDK-12] comes back at once when the network is said to be back", async () => {
		const signals = new EventTarget();
		random = 0.999;
		await dial({ signals });
		network.last.end(1006);
		signals.dispatchEvent(new Event("online"));
		await turn();
		expect(network.sockets).toHaveLength(2);
		await pass(60_000);
	});

	it.each([4000, 4003, 4009, 4010, 4077])(
		"[SDK-13] stops at close code %i and gives the reason",
		async (code) => {
			const client = await dial();
			network.last.greet();
			const doc = await openDoc(client);
			network.last.end(code, "because");
			expect(client.status).toBe("stopped");
			await expect(client.open("other")).rejects.toThrow("because");
			expect(() => doc.insert(0, "x")).toThrow("closed");
			await pass(120_000);
			expect(network.sockets).toHaveLength(1);
		},
	);

	it.each([4100, 4101, 4109, 4188])(
		"[SDK-14] gets a new token after close code %i and reconnects",
		async (code) => {
			await dial();
			network.last.greet();
			network.last.end(code);
			await pass(1_000);
			expect(network.sockets).toHaveLength(2);
			expect(network.last.protocols[1]).toBe("bearer.t2");
		},
	);

	it("[SDK-14] with a lone token, the end of the token is the end", async () => {
		const client = await dial({ token: "only" });
		network.last.greet();
		network.last.end(4109, "token expired");
		expect(client.status).toBe("stopped");
	});

	it.each([1001, 1006, 1012, 1013, 4208, 4210, 4212, 4299])(
		"[SDK-15] reconnects with the same token after close code %i",
		async (code) => {
			await dial();
			network.last.greet();
			network.last.end(code);
			await pass(1_000);
			expect(network.sockets).toHaveLength(2);
			expect(network.last.protocols[1]).toBe("bearer.t1");
		},
	);

	it("[SDK-15] a draining server is given the time that it asks for", async () => {
		await dial();
		network.last.greet();
		network.last.tell("system:draining", { retryAfter: 7 });
		network.last.end(1012);
		await pass(7_000);
		expect(network.sockets).toHaveLength(1);
		await pass(500);
		expect(network.sockets).toHaveLength(2);
	});

	it("[SDK-16] after a failed handshake asks for a new token and shows it in a frame, so that a refusal is told", async () => {
		const client = await dial({ token: "bad" });
		network.last.end(1006);
		await pass(1_000);
		expect(network.last.protocols).toEqual(["prdtool.v1"]);
		network.last.open();
		expect(network.last.sent).toEqual([
			{ type: "auth", data: { token: "bad" } },
		]);
		network.last.end(4101, "token bad");
		expect(client.status).toBe("stopped");
	});

	it("[SDK-17] renews its token before it ends, on the same connection", async () => {
		await dial();
		network.last.greet();
		network.last.tell("auth:expiring", {});
		await turn();
		expect(network.last.ofType("auth:refresh")[0]?.data).toEqual({
			token: "t2",
		});
	});

	it("[SDK-18] a line without a sign of life is asked, and given up when it does not answer", async () => {
		const client = await dial();
		network.last.greet();
		await pass(25_000);
		expect(network.last.ofType("ping")).toHaveLength(1);
		network.last.answer("ping", {});
		await pass(25_000);
		expect(client.status).toBe("online");
		const [silent] = network.sockets;
		await pass(35_000);
		expect(silent?.closedByClient).toBe(true);
		await pass(1_000);
		expect(network.sockets).toHaveLength(2);
	});

	it("[SDK-18] a request without an answer for 20 s ends the connection", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client);
		doc.insert(0, "x");
		for (let second = 0; second < 20; second++) {
			network.last.tell("system:health", {});
			await pass(1_000);
		}
		expect(client.status).toBe("offline");
	});
});

describe("Doc, over a connection", () => {
	it("[SDK-20] sends one op at a time and composes the others behind it", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client);
		doc.insert(0, "a");
		doc.insert(1, "b");
		doc.insert(2, "c");
		const edits = () =>
			network.last
				.ofType("operation:edit")
				.map(({ data }) => (data as { operation: object }).operation);
		const opId = (n: number) => `${client.clientId}:${n}`;
		expect(edits()).toEqual([{ op: ["a"], revision: 0, opId: opId(1) }]);
		expect([doc.saveState, doc.unsent]).toEqual(["saving", 3]);
		const saved = doc.whenSaved();
		network.last.answer("operation:edit", { opId: opId(1), revision: 1 });
		expect(edits()[1]).toEqual({
			op: [1, "bc"],
			revision: 1,
			opId: opId(2),
		});
		network.last.answer("operation:edit", { opId: opId(2), revision: 2 });
		await saved;
		expect([doc.saveState, doc.unsent, doc.revision]).toEqual(["saved", 0, 2]);
	});

	it("[SDK-21] after a reconnect sends the unanswered op again as it was, with its old revision", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client);
		doc.insert(0, "mine");
		const [first] = network.last.ofType("operation:edit");
		network.last.end(1006);
		expect([doc.saveState, doc.unsent]).toEqual(["offline", 1]);
		doc.insert(4, "!");
		await pass(1_000);
		network.last.greet();
		expect(network.last.ofType("document:join")[0]?.data).toMatchObject({
			lastKnownRevision: 0,
			lastEpoch: "e",
			clientId: client.clientId,
			create: false,
		});
		network.last.answer("document:join", {
			missedOperations: [{ op: ["theirs "], revision: 1, opId: "other:1" }],
			revision: 1,
			epoch: "e",
			recovered: true,
		});
		expect(network.last.ofType("operation:edit")[0]?.data).toEqual(first?.data);
		expect(doc.text).toBe("mine!theirs ");
		network.last.answer("operation:edit", {
			opId: `${client.clientId}:1`,
			revision: 2,
		});
		expect(doc.unsent).toBe(1);
	});

	it("[SDK-22] an op that the server had committed before the line broke is not sent again", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client);
		doc.insert(0, "mine");
		network.last.end(1006);
		await pass(1_000);
		network.last.greet();
		network.last.answer("document:join", {
			missedOperations: [
				{ op: ["mine"], revision: 1, opId: `${client.clientId}:1` },
			],
			revision: 1,
			epoch: "e",
		});
		expect(network.last.ofType("operation:edit")).toEqual([]);
		expect([doc.text, doc.saveState]).toEqual(["mine", "saved"]);
	});

	it("[SDK-23] a refused edit is taken back, said so and handed out; later edits stay", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client, "base");
		const refusals: string[] = [];
		doc.on("refused", ({ error, text }) =>
			refusals.push(`${error.code} ${text}`),
		);
		doc.insert(0, "bad ");
		doc.insert(8, " good");
		const saved = doc.whenSaved();
		network.last.refuse("operation:edit", {
			code: "PAYLOAD_TOO_LARGE",
			message: "too large",
			retryable: false,
		});
		await expect(saved).rejects.toThrow("too large");
		expect([doc.text, doc.saveState]).toEqual(["base good", "failed"]);
		expect(refusals).toEqual(["PAYLOAD_TOO_LARGE bad "]);
		network.last.answer("operation:edit", {
			opId: `${client.clientId}:2`,
			revision: 1,
		});
		expect(doc.saveState).toBe("saved");
	});

	it("[SDK-24] a retryable refusal is sent again as it was, after the time that the server asks for", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client);
		doc.insert(0, "x");
		network.last.refuse("operation:edit", {
			code: "RATE_LIMITED",
			message: "slow down",
			retryable: true,
			retryAfterMs: 3_000,
		});
		await pass(2_999);
		expect(network.last.ofType("operation:edit")).toHaveLength(1);
		await pass(1_000);
		const [first, second] = network.last.ofType("operation:edit");
		expect(second?.data).toEqual(first?.data);
		expect(doc.saveState).toBe("saving");
	});

	it("[SDK-24] of an op that was sent twice, only the newest refusal counts: the older one may cross the commit", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client);
		doc.insert(0, "mine");
		const theirs = { prdId: "d", op: ["theirs "], opId: "other:1" };
		network.last.tell("operation:applied", { ...theirs, revision: 2 });
		network.last.answer("document:join", {
			missedOperations: [
				{ ...theirs, revision: 1 },
				{ ...theirs, revision: 2, opId: "other:2" },
			],
			revision: 2,
			epoch: "e",
		});
		expect(network.last.ofType("operation:edit")).toHaveLength(2);
		const resync = {
			code: "RESYNC_REQUIRED",
			message: "",
			retryable: false,
		};
		network.last.refuse("operation:edit", resync, 0);
		network.last.answer("operation:edit", {
			opId: `${client.clientId}:1`,
			revision: 3,
		});
		expect(network.last.ofType("operation:edit")).toHaveLength(2);
		expect([doc.text, doc.saveState]).toEqual(["minetheirs theirs ", "saved"]);
	});

	it("[SDK-27] when the history was replaced, what is unsent is kept and sent as a new op on the new text", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client, "one\ntwo\n");
		doc.insert(4, "mine ");
		network.last.end(1006);
		await pass(1_000);
		network.last.greet();
		network.last.answer("document:join", {
			...joinedWith("zero\none\ntwo\n", 7),
			epoch: "restored",
		});
		expect(doc.text).toBe("zero\none\nmine two\n");
		expect(network.last.ofType("operation:edit")[0]?.data).toEqual({
			prdId: "d",
			operation: {
				op: [9, "mine "],
				revision: 7,
				opId: `${client.clientId}:2`,
			},
		});
	});

	it("[SDK-25] without a mode, opens in the best one that is allowed; with one, a refusal is an error", async () => {
		const client = await dial();
		network.last.greet();
		const opening = client.open("d");
		const forbidden = {
			code: "FORBIDDEN",
			message: "no",
			retryable: false,
		};
		network.last.refuse("document:join", forbidden);
		network.last.refuse("document:join", forbidden);
		network.last.answer("document:join", { ...joinedWith(""), mode: "view" });
		const doc = await opening;
		expect(doc.mode).toBe("view");
		expect(() => doc.insert(0, "x")).toThrow("reading only");
		const strict = client.open("e", { mode: "edit" });
		network.last.refuse("document:join", forbidden);
		await expect(strict).rejects.toMatchObject({ code: "FORBIDDEN" });
	});

	it("[SDK-26] knows who else is there", async () => {
		const client = await dial();
		network.last.greet();
		const doc = await openDoc(client);
		const bob = {
			sessionId: "s2",
			userId: "bob",
			userName: "Bob",
			mode: "edit",
			color: "#345",
			lastActivity: "2026-01-01T00:00:00Z",
		};
		network.last.tell("presence:joined", { prdId: "d", session: bob });
		expect(doc.peers).toEqual([bob]);
		network.last.tell("presence:left", { prdId: "d", session: bob });
		expect(doc.peers).toEqual([]);
	});
});
