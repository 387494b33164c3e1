import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
	exchange,
	type UpgradeLines,
	upgradeRequest,
} from "../../support/bytes.ts";
import { GatewayLab, LAB_ORIGIN } from "../../support/gateway-lab.ts";
import type { UpgradeRefused } from "../../support/raw-client.ts";

let lab: GatewayLab;
beforeAll(async () => {
	lab = await GatewayLab.open(
		{},
		{ headersTimeout: 200, connectionsCheckingInterval: 50 },
	);
});
afterAll(() => lab.close());

const answer = (lines: UpgradeLines): Promise<string> =>
	exchange(lab.port, upgradeRequest(lines));
const refusal = async (
	options: Parameters<GatewayLab["connect"]>[0],
): Promise<UpgradeRefused> => {
	try {
		await lab.connect(options);
	} catch (error) {
		return error as UpgradeRefused;
	}
	throw new Error("it was accepted");
};

describe("an upgrade request", () => {
	it.each<[number, string, UpgradeLines]>([
		[405, "POST", { method: "POST" }],
		[400, "h2c", { headers: { Upgrade: "h2c" } }],
		[400, "no key", { headers: { "Sec-WebSocket-Key": undefined } }],
		[400, "short key", { headers: { "Sec-WebSocket-Key": "abc" } }],
		[426, "version 12", { headers: { "Sec-WebSocket-Version": "12" } }],
		[426, "version 8", { headers: { "Sec-WebSocket-Version": "8" } }],
		[426, "no version", { headers: { "Sec-WebSocket-Version": undefined } }],
		[400, "HTTP/1.0", { http: "1.0" }],
		[404, "another path", { target: "/other" }],
		[404, "dots", { target: "/ws/../admin" }],
		[404, "two slashes", { target: "//ws" }],
		[404, "an encoded slash", { target: "/ws%2f" }],
		[404, "a longer path", { target: "/ws/" }],
		[400, "bad percent-encoding", { target: "/ws%zz" }],
		[
			400,
			"empty subprotocol",
			{ headers: { "Sec-WebSocket-Protocol": "prdtool.v1,,b" } },
		],
		[
			400,
			"repeated subprotocol",
			{ headers: { "Sec-WebSocket-Protocol": "prdtool.v1, prdtool.v1" } },
		],
		[
			400,
			"foreign subprotocol",
			{ headers: { "Sec-WebSocket-Protocol": "graphql-ws" } },
		],
		[
			400,
			"a token without a version",
			{ headers: { "Sec-WebSocket-Protocol": "bearer.abc" } },
		],
		[431, "header of 9 KiB", { headers: { "X-Long": "x".repeat(9_216) } }],
		[431, "query token of 9 KiB", { target: `/ws?token=${"x".repeat(9_216)}` }],
		[
			400,
			"length and chunks",
			{ headers: { "Content-Length": "1", "Transfer-Encoding": "chunked" } },
		],
		[403, "evil origin", { headers: { Origin: "https://evil.com" } }],
		[403, "origin null", { headers: { Origin: "null" } }],
		[
			403,
			"origin with a suffix",
			{ headers: { Origin: `${LAB_ORIGIN}.evil.com` } },
		],
		[
			403,
			"origin over http",
			{ headers: { Origin: "http://app.example.com" } },
		],
		[
			403,
			"origin on another port",
			{ headers: { Origin: `${LAB_ORIGIN}:8443` } },
		],
		[
			403,
			"origin in upper case",
			{ headers: { Origin: "https://APP.example.com" } },
		],
		[
			403,
			"two origins",
			{ headers: { Origin: [LAB_ORIGIN, "https://evil.com"] } },
		],
	])("[DOOR-1] is refused with %i: %s", async (status, _, lines) => {
		expect(await answer(lines)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
	});

	it("[DOOR-1] a wrong version is told the right one", async () => {
		const text = await answer({ headers: { "Sec-WebSocket-Version": "8" } });
		expect(text).toContain("Sec-WebSocket-Version: 13\r\n");
		expect(text).toContain('"code":"VALIDATION_FAILED"');
	});

	it("[DOOR-1] a plain GET is told to upgrade", async () => {
		const response = await fetch(`http://127.0.0.1:${lab.port}/ws`);
		expect(response.status).toBe(426);
		expect(response.headers.get("upgrade")).toBe("websocket");
		expect(await response.json()).toMatchObject({ code: "VALIDATION_FAILED" });
	});

	it.each([
		["garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n"],
		["NUL in a header", upgradeRequest({ headers: { "X-Bad": "a\0b" } })],
	])("[DOOR-1] what is not HTTP gets 400: %s", async (_, bytes) => {
		expect(await exchange(lab.port, bytes)).toMatch(/^HTTP\/1.1 400 /);
	});

	it("[DOOR-1] headers that never end get 408", async () => {
		expect(await exchange(lab.port, "GET /ws HTTP/1.1\r\nHost: x\r\n")).toMatch(
			/^HTTP\/1.1 408 /,
		);
	});

	it("[DOOR-2] an allowed origin, and none at all, come in", async () => {
		for (const origin of [LAB_ORIGIN, undefined]) {
			const client = await lab.connect({
				token: lab.token("ann"),
				...(origin === undefined ? {} : { origin }),
			});
			expect((await client.next("session:ready")).data).toMatchObject({
				userId: "ann",
				protocol: 1,
				heartbeatInterval: 25_000,
				limits: { frameBytes: 262_144, inflight: 64, rates: {} },
			});
		}
	});

	it("[DOOR-2] compression that is offered is not used", async () => {
		const client = await lab.connect({ token: lab.token("ann") });
		expect(client.socket.extensions).toBe("");
	});
});

describe("the token of an upgrade request", () => {
	it.each(["header", "query", "subprotocol", "frame"] as const)(
		"[DOOR-3] comes by %s",
		async (via) => {
			const client = await lab.connect({ token: lab.token("bob"), via });
			const { data } = await client.next("session:ready");
			expect(data).toMatchObject({ userId: "bob" });
			expect(client.socket.protocol).toBe(
				via === "subprotocol" ? "prdtool.v1" : "",
			);
		},
	);

	it("[DOOR-3] the same token twice is one token", async () => {
		const token = lab.token("bob");
		const client = await lab.connect({
			token,
			via: "query",
			headers: { authorization: `bearer ${token}` },
		});
		await client.next("session:ready");
	});

	it("[DOOR-3] the server never selects the entry with the token", async () => {
		const token = `bearer.${lab.token("bob")}`;
		const client = await lab.connect({ protocols: [token, "prdtool.v1"] });
		expect(client.socket.protocol).toBe("prdtool.v1");
	});

	it("[DOOR-4] two that differ are refused", async () => {
		const { status, body } = await refusal({
			token: lab.token("ann"),
			via: "query",
			headers: { authorization: `Bearer ${lab.token("bob")}` },
		});
		expect(status).toBe(401);
		expect(JSON.parse(body)).toEqual({
			operation: "connect",
			code: "UNAUTHENTICATED",
			message: "Two different tokens",
			retryable: false,
		});
	});

	it.each(["header", "query", "subprotocol"] as const)(
		"[DOOR-4] a bad one by %s is refused, and never logged",
		async (via) => {
			const token = `${lab.token("ann")}x`;
			const { status, body } = await refusal({ token, via });
			expect(status).toBe(401);
			expect(JSON.parse(body)).toMatchObject({
				code: "UNAUTHENTICATED",
				data: { reason: "invalid_token" },
			});
			expect(JSON.stringify(lab.lines)).not.toContain(token.slice(0, 20));
		},
	);

	it("[DOOR-4] an empty one is bad, not missing", async () => {
		expect(
			(await refusal({ headers: { authorization: "Bearer " } })).status,
		).toBe(401);
	});

	it("[DOOR-5] a cookie is no credential", async () => {
		const client = await lab.connect({
			headers: { cookie: `token=${lab.token("ann")}` },
		});
		client.send({ type: "ping", id: "1" });
		expect((await client.closed).code).toBe(4101);
	});

	it("[DOOR-6] an unsupported version is told by the close 4010", async () => {
		const client = await lab.connect({ protocols: ["prdtool.v2"] });
		expect((await client.closed).code).toBe(4010);
		const other = await lab.connect({});
		other.send({
			type: "auth",
			data: { token: lab.token("ann"), protocol: 2 },
		});
		expect((await other.closed).code).toBe(4010);
	});

	it("[DOOR-2] versions side by side: the one that is spoken is selected", async () => {
		const client = await lab.connect({
			protocols: ["prdtool.v2", "prdtool.v1", `bearer.${lab.token("ann")}`],
		});
		await client.next("session:ready");
		expect(client.socket.protocol).toBe("prdtool.v1");
	});
});
