import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { Cluster } from "../support/cluster.ts";
import { inCluster } from "../support/in-cluster.ts";
import { type Product, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";

const DOC = "plan";
const MS = 120_000;

inCluster("comments in a cluster", () => {
	let cluster: Cluster;
	let ann: RawClient;
	let bob: RawClient;

	beforeAll(async () => {
		cluster = await Cluster.start("nats", ["comments"]);
		const [one, other] = cluster.gateways as [Product, Product];
		ann = await connect(one.ws, { token: tokenFor("ann") });
		await ann.request("document:join", { prdId: DOC, mode: "edit" });
		await ann.request("room:invite", {
			room: DOC,
			userId: "bob",
			role: "comment",
		});
		bob = await connect(other.ws, { token: tokenFor("bob") });
		await bob.request("document:join", { prdId: DOC, mode: "comment" });
	}, MS);
	afterAll(() => cluster?.close(), MS);

	const write = (content: string, revision: number) =>
		ann.request("operation:edit", {
			prdId: DOC,
			operation: { type: "insert", position: 0, content, revision },
		});

	it(
		"[COMMENT-21] people at different gateways see the same comments, where they stand",
		async () => {
			await write("one\ntwo", 0);
			const selection = { start: { line: 1, ch: 0 }, end: { line: 1, ch: 3 } };
			const { data } = await ann.request("comment:add", {
				prdId: DOC,
				content: "Bob?",
				selection,
				mentions: ["bob"],
			});
			expect((await bob.next("comment:added")).data).toEqual(data);
			expect((await bob.next("comment:mentioned")).data).toMatchObject({
				commentId: data.commentId,
				author: { id: "ann" },
			});
			await write("zero\n", 1);
			const list = async (who: RawClient) =>
				(await who.request("comment:list", { prdId: DOC })).data;
			const ofBob = await list(bob);
			expect(ofBob).toMatchObject({
				revision: 2,
				comments: [
					{
						commentId: data.commentId,
						selection: { start: { line: 2, ch: 0 }, end: { line: 2, ch: 3 } },
						unread: true,
					},
				],
			});
			const [seenByBob] = ofBob.comments as object[];
			expect(await list(ann)).toEqual({
				...ofBob,
				comments: [{ ...seenByBob, unread: false }],
			});
			const { commentId } = data;
			await bob.request("comment:resolve", { commentId });
			expect((await ann.next("comment:resolved")).data).toMatchObject({
				commentId,
				resolvedBy: { id: "bob" },
			});
		},
		MS,
	);
});
