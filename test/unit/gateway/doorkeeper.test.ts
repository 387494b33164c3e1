import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { addressOf } from "../../../src/gateway/address-of.ts";
import { USERS_CHANNEL } from "../../../src/gateway/user-relay.ts";
import type { Revocation } from "../../../src/rooms/revocation-store.ts";
import type { UserId } from "../../../src/shared/ids.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";
import { type RawClient, UpgradeRefused } from "../../support/raw-client.ts";

let lab: GatewayLab;
const open = async (limits = {}, isLimiting = true) => {
	lab = await GatewayLab.open(limits, {}, isLimiting);
};
beforeEach(() => open());
afterEach(() => lab.close());

/** The HTTP answer where a connection was refused. */
const refusal = async (
	attempt: Promise<RawClient>,
): Promise<UpgradeRefused> => {
	const outcome = await attempt.catch((error: unknown) => error);
	if (outcome instanceof UpgradeRefused) return outcome;
	throw new Error(`not refused: ${outcome}`);
};
const withToken = (token: string) => lab.connect({ token });
const codeOf = ({ body }: UpgradeRefused) => JSON.parse(body).code;
const until = async (isTrue: () => boolean): Promise<void> => {
	while (!isTrue()) await new Promise<void>((turn) => setImmediate(turn));
};

describe("how many may come in", () => {
	it("[ADM-1] over the connections of a person, or of an address, is 429 with Retry-After, until one goes", async () => {
		await lab.close();
		await open({ connectionsPerUser: 2, connectionsPerAddress: 3 });
		const first = await lab.enter("ann");
		await lab.enter("ann");
		const third = await refusal(withToken(lab.token("ann")));
		expect(third).toMatchObject({
			status: 429,
			headers: { "retry-after": "1" },
		});
		expect(codeOf(third)).toBe("RATE_LIMITED");
		await lab.enter("bob");
		expect((await refusal(withToken(lab.token("cy")))).status).toBe(429);
		await first.close();
		await until(() => lab.gateway.doorkeeper.size === 2);
		await lab.enter("ann");
	});

	it("[ADM-1] a person who says who he is in the first frame counts as well", async () => {
		await lab.close();
		await open({ connectionsPerUser: 1 });
		await lab.enter("ann");
		const token = lab.token("ann");
		const second = await lab.connect({ token, via: "frame" });
		expect((await second.next("error:auth")).data.code).toBe("RATE_LIMITED");
		expect((await second.closed).code).toBe(4213);
	});

	it("[ADM-1] several at once do not slip through together", async () => {
		await lab.close();
		await open({ connectionsPerUser: 3 });
		const attempts = await Promise.allSettled(
			Array.from({ length: 8 }, () => lab.enter("ann")),
		);
		const isIn = ({ status }: { status: string }) => status === "fulfilled";
		expect(attempts.filter(isIn)).toHaveLength(3);
		await until(() => lab.gateway.doorkeeper.size === 3);
	});

	it("[ADM-2] a full gateway answers 503 with Retry-After", async () => {
		await lab.close();
		await open({ connections: 2 });
		await lab.enter("ann");
		await lab.enter("bob");
		const third = await refusal(withToken(lab.token("cy")));
		expect(third).toMatchObject({
			status: 503,
			headers: { "retry-after": "5" },
		});
		expect(codeOf(third)).toBe("UNAVAILABLE");
	});

	it("[ADM-3] more than 50 handshakes at once from one address wait, 10 a second come in", async () => {
		const token = lab.token("ann");
		for (let i = 0; i < 50; i++)
			await lab.connect({ token }).then((client) => client.close());
		const next = await refusal(withToken(token));
		expect([next.status, next.headers["retry-after"]]).toEqual([429, "1"]);
		lab.clock.advance(100);
		await withToken(token);
		expect((await refusal(withToken(token))).status).toBe(429);
	});

	it("[RATE-9] off: none of it", async () => {
		await lab.close();
		await open({ connectionsPerUser: 1, connections: 1 }, false);
		for (let i = 0; i < 60; i++) await lab.enter("ann");
		expect(lab.gateway.doorkeeper.size).toBe(60);
	});
});

describe("bad tokens", () => {
	const bad = () => refusal(withToken("x.y.z"));

	it("[ADM-4] five in a minute block the address for bad ones, 15 minutes long; valid tokens come in all the same", async () => {
		for (let i = 0; i < 5; i++) expect((await bad()).status).toBe(401);
		const blocked = await bad();
		expect([blocked.status, blocked.headers["retry-after"]]).toEqual([
			429,
			"900",
		]);
		await lab.enter("ann");
		const frame = await lab.connect({ token: lab.token("bob"), via: "frame" });
		await frame.next("session:ready");
		for (let minute = 0; minute < 15; minute++) lab.clock.advance(60_000);
		expect((await bad()).status).toBe(401);
	});

	it("[ADM-4] slow ones block nobody, and failed refreshes never count", async () => {
		for (let i = 0; i < 8; i++) {
			expect((await bad()).status).toBe(401);
			lab.clock.advance(12_000);
		}
		const ann = await lab.enter("ann");
		for (let i = 0; i < 4; i++)
			await ann.request("auth:refresh", { token: "x.y.z" });
		for (let i = 0; i < 3; i++) expect((await bad()).status).toBe(401);
	});

	it("[ADM-5] admins hear of a blocked address, others do not", async () => {
		const admin = await lab.enter("root", { roles: ["admin"] });
		const ann = await lab.enter("ann");
		for (let i = 0; i < 7; i++) await bad();
		expect((await admin.next("security:alert")).data).toEqual({
			type: "suspicious_activity",
			message:
				"Multiple failed authentication attempts detected from 127.0.0.1",
			action: "address_blocked",
		});
		for (const client of [admin, ann]) await client.settled();
		expect(admin.of("security:alert")).toHaveLength(1);
		expect(ann.of("security:alert")).toEqual([]);
	});

	it.each([
		["::ffff:10.0.0.7", "10.0.0.7"],
		["10.0.0.7", "10.0.0.7"],
		["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
		["2001:db8::5", "2001:db8:0:0::/64"],
		["::1", "0:0:0:0::/64"],
		["fe80::1%eth0", "fe80:0:0:0::/64"],
	])("[ADM-6] %s counts as %s", (remoteAddress, address) => {
		expect(addressOf({ remoteAddress })).toBe(address);
	});
});

describe("revoked tokens", () => {
	const untilMs = 4_000_000_000_000;
	const revoke = (revocation: Revocation, isHeard = true): void => {
		lab.backend.revocations.push(revocation);
		const head = { kind: "revoked", revocation };
		if (isHeard) lab.bus.publish(USERS_CHANNEL, { head });
	};

	it("[REV-1] one by its jti is refused at the door and at a refresh, and closes its session 4100 at once", async () => {
		const token = lab.token("ann", { jti: "t1" });
		const other = await lab.enter("ann", { jti: "t2" });
		const ann = await withToken(token);
		await ann.next("session:ready");
		revoke({ kind: "token", jti: "t1", untilMs });
		expect((await ann.closed).code).toBe(4100);
		expect((await refusal(withToken(token))).status).toBe(401);
		expect((await other.request("auth:refresh", { token })).data).toMatchObject(
			{ code: "UNAUTHENTICATED" },
		);
		await other.settled();
		const frame = await lab.connect({ token, via: "frame" });
		expect((await frame.closed).code).toBe(4101);
	});

	it("[REV-2] all of a person up to a moment; one that was issued later comes in", async () => {
		const ann = await lab.enter("ann");
		const bob = await lab.enter("bob");
		const userId = "ann" as UserId;
		lab.clock.advance(1_000);
		const revokedAtMs = lab.clock.nowMs();
		const old = lab.token("ann", { iat: revokedAtMs / 1_000 - 1 });
		revoke({ kind: "user", userId, revokedAtMs, untilMs });
		expect((await ann.closed).code).toBe(4100);
		expect((await refusal(withToken(old))).status).toBe(401);
		await lab.enter("ann", { iat: revokedAtMs / 1_000 });
		await bob.settled();
	});

	it("[REV-3] one that is revoked while the database is asked does not slip in", async () => {
		const token = lab.token("ann", { jti: "t1" });
		const asked = Promise.withResolvers<void>();
		const held = Promise.withResolvers<void>();
		lab.backend.listRevocations = async () => {
			asked.resolve();
			await held.promise;
			return [];
		};
		const attempt = refusal(withToken(token));
		await asked.promise;
		revoke({ kind: "token", jti: "t1", untilMs });
		held.resolve();
		expect((await attempt).status).toBe(401);
	});

	it("[REV-4] nobody comes in while it cannot be known", async () => {
		lab.backend.listRevocations = () => Promise.reject(new Error("down"));
		const refused = await refusal(withToken(lab.token("ann")));
		expect([refused.status, codeOf(refused)]).toEqual([503, "UNAVAILABLE"]);
		expect(refused.body).not.toContain("down");
		const frame = await lab.connect({ token: lab.token("ann"), via: "frame" });
		expect((await frame.closed).code).toBe(1013);
	});

	it("[DOOR-3] what follows the auth frame waits for its answer", async () => {
		const ann = await lab.connect({ token: lab.token("ann"), via: "frame" });
		const join = { prdId: "d1", mode: "edit" };
		ann.send({ type: "document:join", id: "1", data: join });
		expect((await ann.next("ack")).data).toMatchObject({ prdId: "d1" });
		const types = ann.frames.map(({ type }) => type);
		expect(types[0]).toBe("session:ready");
	});
});
