import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import type { Limits } from "../../../src/shared/limits.ts";
import { GatewayLab } from "../../support/gateway-lab.ts";
import { type RawClient, UpgradeRefused } from "../../support/raw-client.ts";

let one: GatewayLab;
let other: GatewayLab;
const open = async (limits: Partial<Limits> = {}): Promise<void> => {
	one = await GatewayLab.open(limits, {}, true);
	other = await GatewayLab.open(limits, {}, true, one);
};
beforeEach(() => open());
afterEach(async () => {
	await one.close();
	await other.close();
});
const reopen = async (limits: Partial<Limits>): Promise<void> => {
	await one.close();
	await other.close();
	await open(limits);
};

/** The HTTP status of a connection that was refused; 101 for one that was not. */
const statusOf = (attempt: Promise<RawClient>): Promise<number> =>
	attempt.then(
		() => 101,
		(error: unknown) => {
			if (error instanceof UpgradeRefused) return error.status;
			throw error;
		},
	);
const taken = (): number =>
	[...one.quota.taken.values()].reduce((sum, count) => sum + count, 0);
const untilTaken = async (count: number): Promise<void> => {
	while (taken() !== count)
		await new Promise<void>((turn) => setImmediate(turn));
};

describe("bounds over all gateways", () => {
	it("[QUOTA-2] a person's connections at one gateway count at the other, until they end", async () => {
		await reopen({ connectionsPerUser: 2 });
		const first = await one.enter("ann");
		await other.enter("ann");
		expect(await statusOf(one.enter("ann"))).toBe(429);
		expect(await statusOf(other.enter("ann"))).toBe(429);
		expect(await statusOf(other.enter("bob"))).toBe(101);
		await first.close();
		await untilTaken(4);
		expect(await statusOf(other.enter("ann"))).toBe(101);
	});

	it("[QUOTA-2] so do those of an address, also when the token comes in the first frame", async () => {
		await reopen({ connectionsPerAddress: 2 });
		await one.enter("ann");
		await other.enter("bob");
		const late = await one.connect({ token: one.token("cy"), via: "frame" });
		expect((await late.next("error:auth")).data.code).toBe("RATE_LIMITED");
		expect((await late.closed).code).toBe(4213);
		expect(taken()).toBe(4);
	});

	it("[QUOTA-2] one who is refused, or goes while he is let in, leaves nothing behind", async () => {
		await reopen({ connectionsPerUser: 1 });
		const ann = await one.enter("ann");
		expect(await statusOf(other.enter("ann"))).toBe(429);
		await ann.close();
		await untilTaken(0);
		const take = other.quota.take.bind(other.quota);
		const asked = Promise.withResolvers<void>();
		const held = Promise.withResolvers<void>();
		other.quota.take = async (places) => {
			asked.resolve();
			await held.promise;
			return take(places);
		};
		const leaving = await other.connect({
			token: other.token("ann"),
			via: "frame",
		});
		await asked.promise;
		leaving.socket.terminate();
		while (other.gateway.doorkeeper.size > 0)
			await new Promise<void>((turn) => setImmediate(turn));
		held.resolve();
		await untilTaken(0);
		other.quota.take = take;
		expect(await statusOf(one.enter("ann"))).toBe(101);
	});

	it("[QUOTA-1] handshakes of an address are bounded over both", async () => {
		const token = one.token("ann");
		for (let i = 0; i < 25; i++)
			for (const lab of [one, other])
				await lab.connect({ token }).then((client) => client.close());
		for (const lab of [one, other])
			expect(await statusOf(lab.connect({ token }))).toBe(429);
		one.clock.advance(100);
		expect(await statusOf(one.connect({ token }))).toBe(101);
	});

	it("[QUOTA-4] while they are not known each gateway keeps its own", async () => {
		await reopen({ connectionsPerUser: 1 });
		one.quota.isAway = true;
		await one.enter("ann");
		await other.enter("ann");
		expect(await statusOf(one.enter("ann"))).toBe(429);
	});
});
