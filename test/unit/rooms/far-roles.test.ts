import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { CHECK_MS } from "../../../src/gateway/rights-check.ts";
import { USERS_CHANNEL } from "../../../src/gateway/user-relay.ts";
import type { Revocation } from "../../../src/rooms/revocation-store.ts";
import type { DocId, UserId } from "../../../src/shared/ids.ts";
import type { Role } from "../../../src/shared/roles.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";
import type { RawClient } from "../../support/raw-client.ts";

const DOC = "d1" as DocId;
const BOB = { room: DOC, userId: "bob" };
const edit = {
	prdId: DOC,
	operation: { type: "insert", position: 0, content: "x", revision: 0 },
};

/** Ann owns the document and is at one gateway; Bob edits it at the other. */
let one: GatewayLab;
let other: GatewayLab;
let ann: RawClient;
let bob: RawClient;
beforeEach(async () => {
	one = await GatewayLab.open();
	other = await GatewayLab.open({}, {}, false, one);
	ann = await one.editor("ann", DOC);
	one.member(DOC, "ann", "owner");
	bob = await other.editor("bob", DOC);
});
afterEach(async () => {
	await one.close();
	await other.close();
});

const turns = async (): Promise<void> => {
	for (let i = 0; i < 10; i++)
		await new Promise<void>((turn) => setImmediate(turn));
};
/** What is told of people does not arrive while `task` runs. */
async function unheard(task: () => unknown): Promise<void> {
	one.bus.isHolding = true;
	await task();
	await turns();
	const others = one.bus.held.filter(
		({ channel }) => channel !== USERS_CHANNEL,
	);
	one.bus.drop();
	one.bus.isHolding = false;
	for (const { channel, message } of others) one.bus.publish(channel, message);
}
const revoke = (revocation: Revocation): void => {
	one.backend.revocations.push(revocation);
	const head = { kind: "revoked", revocation };
	one.bus.publish(USERS_CHANNEL, { head });
};
const ofBob = {
	kind: "token",
	jti: "bobs",
	untilMs: 4_000_000_000_000,
} as const;
const inviteAs = (role: Role) => ann.request("room:invite", { ...BOB, role });

describe("rights at another gateway", () => {
	it("[ROOM-15] a role that is lowered there, and a kick, take effect here at once", async () => {
		await inviteAs("view");
		const { data } = await bob.next("permission:changed");
		expect(data).toEqual({ prdId: DOC, mode: "view", reason: "invited" });
		expect((await bob.request("operation:edit", edit)).data.code).toBe(
			"FORBIDDEN",
		);
		await ann.request("room:kick", BOB);
		expect((await bob.next("permission:changed")).data.mode).toBeNull();
		await ann.next("presence:left");
		expect((await bob.request("operation:edit", edit)).data.code).toBe(
			"NOT_JOINED",
		);
	});

	it("[REV-1] so does a revocation", async () => {
		const late = await other.enter("bob", { jti: "bobs" });
		revoke(ofBob);
		expect((await late.closed).code).toBe(4100);
	});
});

describe("a gateway that did not hear of it", () => {
	it.each(["view", "comment"] as const)(
		"[ROOM-15] finds that a role is %s now when the bus is back",
		async (role) => {
			await unheard(() => inviteAs(role));
			expect(bob.of("permission:changed")).toEqual([]);
			one.bus.comeBack();
			const { data } = await bob.next("permission:changed");
			expect(data).toEqual({ prdId: DOC, mode: role, reason: "changed" });
			const answer = await bob.request("operation:edit", edit);
			expect(answer.data.code).toBe("FORBIDDEN");
		},
	);

	it("[ROOM-15] finds a kick within 30 s, from a document and from a room", async () => {
		await ann.request("room:create", { room: "r1", visibility: "private" });
		const ofRoom = { room: "r1", userId: "bob" };
		await ann.request("room:invite", { ...ofRoom, role: "edit" });
		await bob.next("permission:changed");
		await bob.request("room:join", { room: "r1" });
		await unheard(async () => {
			await ann.request("room:kick", BOB);
			await ann.request("room:kick", ofRoom);
		});
		for (let ms = 0; ms < CHECK_MS; ms += 10_000) one.clock.advance(10_000);
		const told = [
			await bob.next("permission:changed"),
			await bob.next("permission:changed"),
		].map(({ data }) => [data.prdId, data.mode]);
		expect(told.sort()).toEqual([
			[DOC, null],
			["r1", null],
		]);
		await ann.next("presence:left");
		const message = { room: "r1", event: "e", payload: 1 };
		expect((await bob.request("room:message", message)).data.code).toBe(
			"NOT_JOINED",
		);
	});

	it("[REV-7] finds a revocation when the bus is back, or within 30 s", async () => {
		const first = await other.enter("bob", { jti: "bobs" });
		await unheard(() => revoke(ofBob));
		one.bus.comeBack();
		expect((await first.closed).code).toBe(4100);
		const userId = "bob" as UserId;
		const { untilMs } = ofBob;
		one.clock.advance(1_000);
		const revokedAtMs = one.clock.nowMs();
		await unheard(() => revoke({ kind: "user", userId, revokedAtMs, untilMs }));
		for (let ms = 0; ms < CHECK_MS; ms += 10_000) one.clock.advance(10_000);
		expect((await bob.closed).code).toBe(4100);
		await ann.settled();
	});

	it("[ROOM-15] asks again when it cannot be told", async () => {
		const { listRoles } = one.backend;
		one.backend.listRoles = () => Promise.reject(new Error("away"));
		await unheard(() => inviteAs("view"));
		one.bus.comeBack();
		await turns();
		one.backend.listRoles = listRoles;
		one.clock.advance(1_000);
		expect((await bob.next("permission:changed")).data.mode).toBe("view");
		expect(
			other.lines.filter(({ message }) => message === "rights not checked"),
		).toHaveLength(1);
	});

	it("[ROOM-15] what it hears while it asks is newer than the answer", async () => {
		await inviteAs("view");
		await bob.next("permission:changed");
		const asked = Promise.withResolvers<void>();
		const held = Promise.withResolvers<void>();
		one.backend.listRoles = async (visits) => {
			asked.resolve();
			await held.promise;
			return visits.map(() => "view");
		};
		one.bus.comeBack();
		await asked.promise;
		await inviteAs("edit");
		await bob.next("permission:changed");
		held.resolve();
		await turns();
		expect((await bob.request("operation:edit", edit)).type).toBe("ack");
	});

	it("[ROOM-15] leaves those alone who came in as less than they may, or by their token", async () => {
		const less = await other.enter("bob");
		await less.request("document:join", { prdId: DOC, mode: "view" });
		const guest = await other.enter("guest", { permissions: { d1: "edit" } });
		await guest.request("document:join", { prdId: DOC, mode: "edit" });
		one.bus.comeBack();
		await turns();
		for (const client of [ann, bob, less, guest]) {
			await client.settled();
			expect(client.of("permission:changed")).toEqual([]);
		}
	});
});
