import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { Cluster } from "../support/cluster.ts";
import { inCluster } from "../support/in-cluster.ts";
import { type Product, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";

const prdId = "prd_123";
const MS = 120_000;

inCluster("versions in a cluster, with two services that make them", () => {
	let cluster: Cluster;
	let ann: RawClient;
	let bob: RawClient;

	const enter = async (at: Product, userId: string): Promise<RawClient> =>
		connect(at.ws, { token: tokenFor(userId) });
	const join = async (client: RawClient) =>
		(await client.request("document:join", { prdId, mode: "edit" })).data;
	const type = (client: RawClient, content: string, revision: number) =>
		client.request("operation:edit", {
			prdId,
			operation: { type: "insert", position: 0, content, revision },
		});

	beforeAll(async () => {
		cluster = await Cluster.start("nats", ["versioning", "versioning"]);
		const [one, other] = cluster.gateways as [Product, Product];
		[ann, bob] = [await enter(one, "ann"), await enter(other, "bob")];
		await join(ann);
		const bobs = { room: prdId, userId: "bob", role: "edit" };
		await ann.request("room:invite", bobs);
		await join(bob);
		await type(ann, "first\n", 0);
	}, MS);
	afterAll(() => cluster?.close(), MS);

	it(
		"[VERSION-3] of many who make one version at once, at both gateways, one wins; everybody hears of it once",
		async () => {
			const asks = [ann, bob, ann, bob, ann, bob].map((client) =>
				client.request("version:create", { prdId, version: "1.0.0" }),
			);
			const answers = await Promise.all(asks);
			const codes = answers.map(({ type: kind, data }) =>
				kind === "ack" ? "ack" : data.code,
			);
			expect(codes.sort()).toEqual([...Array(5).fill("ALREADY_EXISTS"), "ack"]);
			const made = answers.find(({ type: kind }) => kind === "ack");
			for (const client of [ann, bob]) {
				expect((await client.next("version:created")).data).toEqual(made?.data);
				await client.settled();
				expect(client.of("version:created")).toHaveLength(1);
			}
		},
		MS,
	);

	it(
		"[VERSION-12] a join at the other gateway names it, and a restore from there reaches everybody",
		async () => {
			expect((await join(bob)).version).toBe("1.0.0");
			await type(ann, "second\n", 1);
			const named = { prdId, version: "1.0.0" };
			const restored = await bob.request("version:restore", named);
			expect(restored.data).toMatchObject({ revision: 3 });
			expect((await ann.next("version:restored")).data).toEqual(restored.data);
			expect((await join(ann)).currentContent).toBe("first\n");
			const got = await ann.request("version:get", named);
			expect(got.data.authors).toEqual([
				{ position: 0, length: 6, userId: "ann" },
			]);
		},
		MS,
	);
});
