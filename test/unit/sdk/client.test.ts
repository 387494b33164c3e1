import { beforeEach, describe, expect, it } from "@jest/globals";
import { ClientLab, turn } from "./client-lab.ts";

let lab: ClientLab;

beforeEach(() => {
	lab = new ClientLab();
});

describe("Client", () => {
	it("[SDK-10] presents its token by subprotocol and is online after the greeting", async () => {
		const client = await lab.dial();
		expect(lab.last.protocols).toEqual(["prdtool.v1", "bearer.t1"]);
		expect(client.status).toBe("connecting");
		lab.last.greet();
		expect(client.status).toBe("online");
	});

	it("[SDK-11] waits longer after each failure, up to 30 s, and starts anew after a steady session", async () => {
		lab.random = 0.999;
		const client = await lab.dial();
		for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
			const before = lab.network.sockets.length;
			lab.last.end(1006);
			expect(client.status).toBe("offline");
			await lab.pass(seconds * 999 - 1);
			expect(lab.network.sockets).toHaveLength(before);
			await lab.pass(1);
			expect(lab.network.sockets).toHaveLength(before + 1);
		}
		lab.last.greet();
		await lab.pass(5_000);
		lab.last.end(1001);
		const before = lab.network.sockets.length;
		await lab.pass(999);
		expect(lab.network.sockets).toHaveLength(before + 1);
	});

	it("[SDK-11] a failed token is waited out like a failed connection", async () => {
		let tokens = 0;
		const client = await lab.dialWith({
			getToken: async () => {
				if (++tokens < 3) throw new Error("no network");
				return `t${tokens}`;
			},
		});
		await turn();
		expect(client.status).toBe("offline");
		await lab.pass(500);
		await lab.pass(1_000);
		expect(lab.last.protocols[1]).toBe("bearer.t3");
	});

	it("[SDK-12] comes back at once when the network is said to be back", async () => {
		const signals = new EventTarget();
		lab.random = 0.999;
		await lab.dial({ signals });
		lab.last.end(1006);
		signals.dispatchEvent(new Event("online"));
		await turn();
		expect(lab.network.sockets).toHaveLength(2);
		await lab.pass(60_000);
	});

	it.each([4000, 4003, 4009, 4010, 4077])(
		"[SDK-13] stops at close code %i and gives the reason",
		async (code) => {
			const client = await lab.online();
			const doc = await lab.open(client);
			lab.last.end(code, "because");
			expect(client.status).toBe("stopped");
			await expect(client.open("other")).rejects.toThrow("because");
			expect(() => doc.insert(0, "x")).toThrow("closed");
			await lab.pass(120_000);
			expect(lab.network.sockets).toHaveLength(1);
		},
	);

	it.each([4100, 4101, 4109, 4188])(
		"[SDK-14] gets a new token after close code %i and reconnects",
		async (code) => {
			await lab.online();
			lab.last.end(code);
			await lab.pass(1_000);
			expect(lab.network.sockets).toHaveLength(2);
			expect(lab.last.protocols[1]).toBe("bearer.t2");
		},
	);

	it("[SDK-14] with a lone token, the end of the token is the end", async () => {
		const client = await lab.dial({ token: "only" });
		lab.last.greet();
		lab.last.end(4109, "token expired");
		expect(client.status).toBe("stopped");
	});

	it.each([1001, 1006, 1012, 1013, 4208, 4210, 4212, 4299])(
		"[SDK-15] reconnects with the same token after close code %i",
		async (code) => {
			await lab.online();
			lab.last.end(code);
			await lab.pass(1_000);
			expect(lab.network.sockets).toHaveLength(2);
			expect(lab.last.protocols[1]).toBe("bearer.t1");
		},
	);

	it("[SDK-15] a draining server is given the time that it asks for", async () => {
		await lab.online();
		lab.last.tell("system:draining", { retryAfter: 7 });
		lab.last.end(1012);
		await lab.pass(7_000);
		expect(lab.network.sockets).toHaveLength(1);
		await lab.pass(500);
		expect(lab.network.sockets).toHaveLength(2);
	});

	it("[SDK-15] who was too busy comes back after the time that the server asked for, and not with all others at once", async () => {
		await lab.online();
		lab.last.tell("rate_limit:exceeded", {
			endpoint: "operation:edit",
			retryAfter: 12,
		});
		lab.last.end(4213);
		await lab.pass(12_000);
		expect(lab.network.sockets).toHaveLength(1);
		await lab.pass(499);
		expect(lab.network.sockets).toHaveLength(1);
		await lab.pass(1);
		expect(lab.network.sockets).toHaveLength(2);
	});

	it("[SDK-15] a new server is not given the time that an old one asked for", async () => {
		await lab.online();
		lab.last.tell("system:draining", { retryAfter: 7 });
		lab.last.end(1012);
		await lab.pass(7_500);
		lab.last.greet();
		lab.last.end(1006);
		await lab.pass(1_000);
		expect(lab.network.sockets).toHaveLength(3);
	});

	it.each([1002, 1003, 1007, 1008, 1009])(
		"[SDK-13] stops at close code %i, which another attempt would only repeat",
		async (code) => {
			const client = await lab.online();
			lab.last.end(code);
			expect(client.status).toBe("stopped");
			await lab.pass(120_000);
			expect(lab.network.sockets).toHaveLength(1);
		},
	);

	it("[SDK-16] after a failed handshake asks for a new token and shows it in a frame, so that a refusal is told", async () => {
		const client = await lab.dial({ token: "bad" });
		lab.last.end(1006);
		await lab.pass(1_000);
		expect(lab.last.protocols).toEqual(["prdtool.v1"]);
		lab.last.open();
		expect(lab.last.sent).toEqual([{ type: "auth", data: { token: "bad" } }]);
		lab.last.end(4101, "token bad");
		expect(client.status).toBe("stopped");
	});

	it("[SDK-17] renews its token before it ends, on the same connection", async () => {
		await lab.online();
		lab.last.tell("auth:expiring", {});
		await turn();
		expect(lab.last.ofType("auth:refresh")[0]?.data).toEqual({
			token: "t2",
		});
	});

	it("[SDK-18] a line without a sign of life is asked, and given up when it does not answer", async () => {
		const client = await lab.online();
		await lab.pass(25_000);
		expect(lab.last.ofType("ping")).toHaveLength(1);
		lab.last.answer("ping", {});
		await lab.pass(25_000);
		expect(client.status).toBe("online");
		const [silent] = lab.network.sockets;
		await lab.pass(35_000);
		expect(silent?.closedByClient).toBe(true);
		await lab.pass(1_000);
		expect(lab.network.sockets).toHaveLength(2);
	});

	it("[SDK-18] a request without an answer for 20 s ends the connection", async () => {
		const client = await lab.online();
		const doc = await lab.open(client);
		doc.insert(0, "x");
		for (let second = 0; second < 20; second++) {
			lab.last.tell("system:health", {});
			await lab.pass(1_000);
		}
		expect(client.status).toBe("offline");
	});
});
