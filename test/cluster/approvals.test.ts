import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { Cluster } from "../support/cluster.ts";
import { inCluster } from "../support/in-cluster.ts";
import { type Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";

const MS = 120_000;
const APPROVERS = Array.from({ length: 6 }, (_, i) => `user-${i}`);
const dataOf = ({ data }: Frame) => data;

inCluster("approvals in a cluster with two replicas of their service", () => {
	let cluster: Cluster;
	let ann: RawClient;
	/** Half of them at the other gateway; none has joined the document. */
	let people: readonly RawClient[];
	let names = 0;

	const connectTo = (at: Product, userId: string): Promise<RawClient> =>
		connect(at.ws, { token: tokenFor(userId) });
	/** Asks all of them about Ann's new document. */
	async function ask(fields: object = {}) {
		const prdId = `plan-${++names}`;
		await ann.request("document:join", { prdId, mode: "edit" });
		const request = { prdId, version: "1.0.0", approvers: APPROVERS };
		const answer = await ann.request("approval:request", {
			...request,
			...fields,
		});
		expect(answer.type).toBe("ack");
		const { approvalId } = dataOf(answer);
		return { prdId, approvalId };
	}
	/** What each of them has heard of how it ended, once everybody has. */
	async function ends(approvalId: unknown): Promise<readonly unknown[][]> {
		const all = [ann, ...people];
		for (const who of all) {
			await who.next("approval:completed");
			await who.settled();
		}
		return all.map((who) =>
			who
				.of("approval:completed")
				.filter(({ data }) => data.approvalId === approvalId)
				.map(({ data }) => data.outcome),
		);
	}
	const once = (outcome: string) => [ann, ...people].map(() => [outcome]);

	beforeAll(async () => {
		const services = ["approvals", "approvals", "versioning"];
		cluster = await Cluster.start("nats", services);
		const [one, other] = cluster.gateways as [Product, Product];
		ann = await connectTo(one, "ann");
		people = await Promise.all(
			APPROVERS.map((id, i) => connectTo(i % 2 === 0 ? one : other, id)),
		);
	}, MS);
	afterAll(() => cluster?.close(), MS);

	it(
		"[APPROVAL-6] people who decide at once at two gateways and two replicas all count, and it ends once",
		async () => {
			const { approvalId } = await ask();
			for (const who of people) await who.next("approval:requested");
			const answers = await Promise.all(
				people.map((who) => who.request("approval:grant", { approvalId })),
			);
			expect(answers.map(({ type }) => type)).toEqual(people.map(() => "ack"));
			expect(await ends(approvalId)).toEqual(once("approved"));
			for (const who of people)
				expect(who.of("approval:granted")).toHaveLength(APPROVERS.length);
		},
		MS,
	);

	it(
		"[APPROVAL-8] a newer version supersedes it, and everybody hears of that once",
		async () => {
			const { prdId, approvalId } = await ask();
			await ann.request("version:create", { prdId, bump: "major" });
			expect(await ends(approvalId)).toEqual(once("superseded"));
		},
		MS,
	);

	it(
		"[APPROVAL-7] it expires when it is due, and everybody hears of that once",
		async () => {
			const dueAt = new Date(Date.now() + 3_000).toISOString();
			const { approvalId } = await ask({ dueAt });
			expect(await ends(approvalId)).toEqual(once("expired"));
		},
		MS,
	);
});
