import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { Cluster } from "../support/cluster.ts";
import { inCluster } from "../support/in-cluster.ts";
import { type Product, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";

const DOC = "plan";
const JOIN = { prdId: DOC, mode: "edit" };
const MS = 120_000;

inCluster("who is there, in a cluster", () => {
	let cluster: Cluster;
	let one: Product;
	let other: Product;
	let ann: RawClient;
	let bob: RawClient;

	const enter = async (at: Product, userId: string): Promise<RawClient> => {
		const client = await connect(at.ws, { token: tokenFor(userId) });
		const answer = await client.request("document:join", JOIN);
		expect(answer.type).toBe("ack");
		return client;
	};
	const invite = (userId: string) =>
		ann.request("room:invite", { room: DOC, userId, role: "edit" });
	/** Whom a joiner is shown. */
	async function seenFrom(at: Product, userId: string): Promise<string[]> {
		const visitor = await connect(at.ws, { token: tokenFor(userId) });
		const { data } = await visitor.request("document:join", JOIN);
		await visitor.request("document:leave", { prdId: DOC });
		await visitor.close();
		return (data.activeSessions as { userId: string }[])
			.map((session) => session.userId)
			.sort();
	}

	beforeAll(async () => {
		cluster = await Cluster.start("nats");
		[one, other] = cluster.gateways as [Product, Product];
		const first = await connect(one.ws, { token: tokenFor("ann") });
		await first.request("document:join", JOIN);
		ann = first;
		for (const userId of ["bob", "cy", "visitor"]) await invite(userId);
		bob = await enter(other, "bob");
	}, MS);
	afterAll(() => cluster?.close(), MS);

	it(
		"[PRES-6] people see each other across gateways",
		async () => {
			expect((await ann.next("presence:joined")).data.session).toMatchObject({
				userId: "bob",
			});
			expect(await seenFrom(one, "visitor")).toEqual(["ann", "bob"]);
		},
		MS,
	);

	it(
		"[ROOM-15] a kick takes effect at another gateway",
		async () => {
			const cy = await enter(other, "cy");
			const { type } = await ann.request("room:kick", {
				room: DOC,
				userId: "cy",
			});
			expect(type).toBe("ack");
			expect((await cy.next("permission:changed")).data.mode).toBeNull();
			await cy.close();
		},
		MS,
	);

	it(
		"[PRES-9] while Redis is away people come in and write; on its return all see all, though it has lost everything",
		async () => {
			await cluster.redis.kill();
			expect(await seenFrom(other, "visitor")).toContain("bob");
			const edit = {
				prdId: DOC,
				operation: { type: "insert", position: 0, content: "x", revision: 0 },
			};
			expect((await bob.request("operation:edit", edit)).type).toBe("ack");
			await cluster.redis.restart();
			let seen: string[] = [];
			while (seen.join() !== "ann,bob") seen = await seenFrom(one, "visitor");
		},
		MS,
	);

	it(
		"[PRES-7] those on a gateway that is killed leave within 45 s",
		async () => {
			const fromMs = performance.now();
			await one.kill();
			for (;;) {
				const { data } = await bob.next("presence:left");
				const { userId } = data.session as { userId: string };
				if (userId === "ann") break;
			}
			expect(performance.now() - fromMs).toBeLessThan(45_000);
			expect(await seenFrom(other, "visitor")).toEqual(["bob"]);
		},
		MS,
	);
});
