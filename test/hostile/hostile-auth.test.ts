import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { tokenFor } from "../support/product.ts";
import { connect, UpgradeRefused } from "../support/raw-client.ts";
import { SocketioClient } from "../support/socketio-client.ts";
import { WAYS_IN } from "./bad-tokens.ts";
import { forgedToken } from "./forged-token.ts";
import { DOORS, enter, tokenOf } from "./message-attacker.ts";
import { atDoors, CANARY } from "./message-row.ts";
import { MessageRunner } from "./message-runner.ts";
import { AUTH_ROWS } from "./rows-auth.ts";
import { TOKEN_ROWS } from "./rows-auth-tokens.ts";

let runner: MessageRunner;
beforeAll(async () => {
	runner = await MessageRunner.open();
}, 20_000);
afterAll(() => runner.close());

const tokensByWay = TOKEN_ROWS.flatMap((row) =>
	Object.entries(WAYS_IN).map(([way, show]) => ({ ...row, way, show })),
);

describe("tokens", () => {
	it.each(tokensByWay)(
		"[HOSTILE-21] row $row, $name ($way)",
		async ({ show, ...row }) => {
			const reason = row.reason ?? "invalid_token";
			expect(await show(runner.product, forgedToken(row))).toEqual({
				code: "UNAUTHENTICATED",
				message: expect.stringMatching(/^.{3,100}$/),
				retryable: false,
				data: { reason },
			});
			expect(await runner.look()).toEqual([]);
		},
	);

	it("[HOSTILE-21] a forged token that says nothing wrong is good: the table's own fault would show", async () => {
		const attacker = await enter(runner.product, "raw", forgedToken({}));
		await attacker.settled();
		attacker.close();
	});

	it.each([
		["header and query", { token: tokenOf("eve"), query: tokenOf("mallory") }],
		[
			"subprotocol and query",
			{
				protocols: ["prdtool.v1", `bearer.${tokenOf("eve")}`],
				query: tokenOf("mallory"),
			},
		],
		["a good and a bad one", { token: tokenOf("eve"), query: "bad" }],
	])(
		"[HOSTILE-21] row 77, two tokens that differ: %s (raw)",
		async (_, { query, ...options }) => {
			const url = `${runner.product.ws}?token=${query}`;
			const refused = await connect(url, options).catch((error) => error);
			expect(refused).toBeInstanceOf(UpgradeRefused);
			expect(refused).toMatchObject({ status: 401 });
			expect(JSON.parse(refused.body).code).toBe("UNAUTHENTICATED");
		},
	);

	it("[HOSTILE-21] row 77, two tokens that differ (Socket.IO)", async () => {
		const client = new SocketioClient(`${runner.product.url}/ws`, {
			auth: { token: tokenOf("eve") },
			query: { token: tokenOf("mallory") },
			transports: ["websocket"],
			reconnection: false,
		});
		const { data } = await client.refusal();
		expect(data).toMatchObject({ code: "UNAUTHENTICATED", retryable: false });
		client.socket.disconnect();
	});
});

describe("another token in a session", () => {
	it.each(DOORS)(
		"[HOSTILE-23] row 76, one of another person ends it, and warns the person's others (%s)",
		async (door) => {
			const attacker = await enter(runner.product, door, tokenOf("ann"));
			const other = await enter(runner.product, "raw", tokenOf("ann"));
			attacker.forget();
			const token = tokenOf("neighbour");
			attacker.send({ type: "auth:refresh", data: { token } });
			expect(await attacker.closed).toBe(4100);
			expect(attacker.news()).toMatchObject([
				{
					type: "error:auth",
					data: { code: "UNAUTHENTICATED", data: { reason: "invalid_token" } },
				},
				{
					type: "security:alert",
					data: { type: "suspicious_activity", action: "session_terminated" },
				},
				...(door === "raw" ? [] : [{ type: "connection:closing" }]),
			]);
			await other.untilNews();
			await other.settled();
			expect(other.news()).toMatchObject([{ type: "security:alert" }]);
			other.close();
			expect(await runner.look()).toEqual([]);
		},
	);

	it.each(DOORS)(
		"[HOSTILE-21] row 76, one of fewer rights holds at once (%s)",
		async (door) => {
			const docId = await runner.neighbour.document("hello");
			const rights = (role: string) => tokenOf("ann", { [docId]: role });
			const attacker = await enter(runner.product, door, rights("edit"));
			await attacker.request("document:join", { prdId: docId, mode: "edit" });
			attacker.forget();
			const operation = { type: "insert", position: 0, content: CANARY };
			const edit = {
				type: "operation:edit",
				data: { prdId: docId, operation: { ...operation, revision: 1 } },
			};
			attacker.send({ type: "auth:refresh", data: { token: rights("view") } });
			attacker.send(edit);
			await attacker.until(({ type }) => type === "permission:changed");
			attacker.send(edit);
			await attacker.settled();
			const codes = attacker.news().map(({ data }) => data.code ?? data.mode);
			expect(codes.at(-1)).toBe("FORBIDDEN");
			expect(codes).toContain("view");
			attacker.close();
		},
	);

	it("[HOSTILE-23] row 76, five bad ones in a minute end it", async () => {
		const attacker = await enter(runner.product, "raw", tokenOf("ann"));
		for (let i = 0; i < 5; i++)
			attacker.send({ type: "auth:refresh", data: { token: `bad${i}` } });
		expect(await attacker.closed).toBe(4100);
		expect(attacker.news().map(({ type }) => type)).toEqual([
			...Array.from({ length: 5 }, () => "error:auth"),
			"security:alert",
		]);
	});
});

describe("rooms and rights", () => {
	it.each(atDoors(AUTH_ROWS))(
		"[HOSTILE-21] row $row, $name ($door)",
		async (row) => runner.play(row),
	);

	it("[HOSTILE-21] row 84, the session of another person that was named lives on", async () => {
		const victim = await enter(runner.product, "raw", tokenFor("victim"));
		const attacker = await enter(runner.product, "raw", tokenOf("mallory"));
		await attacker.request("session:recover", {
			activeSessions: [],
			sessionId: victim.sessionId,
		});
		victim.forget();
		await victim.settled();
		expect(victim.news()).toEqual([]);
		for (const client of [victim, attacker]) client.close();
	});

	it("[HOSTILE-24] logs each refusal once, and nothing of what was sent", async () => {
		expect(await runner.strayLines()).toEqual([]);
	});
});
