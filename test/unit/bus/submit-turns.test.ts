import { once } from "node:events";
import { afterEach, describe, expect, it } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { callAction, handles } from "../../../src/bus/actions.ts";
import {
	ownerOf,
	submitOwn,
	TO_OWNER,
} from "../../../src/bus/owner-routing.ts";
import { SubmitTurns } from "../../../src/bus/submit-turns.ts";
import type { Submission } from "../../../src/protocol/submission.ts";
import type { DocId } from "../../../src/shared/ids.ts";

const DOCUMENTS = Array.from({ length: 20 }, (_, i) => `d${i}` as DocId);
const submission = (docId: DocId, seq = 1): Submission =>
	({ docId, seq }) as Submission;

/** A call as a node got it. */
interface Call {
	readonly node: string;
	readonly items: readonly string[];
	readonly isFinal: boolean;
}

let brokers: ServiceBroker[] = [];
let calls: Call[] = [];
let failing: string | undefined;
let installation = 0;

afterEach(async () => {
	await Promise.all(brokers.map((broker) => broker.stop()));
	brokers = [];
	calls = [];
	failing = undefined;
	installation += 1;
});

/** A process; all of one test hear of each other without a bus. */
async function join(nodeID: string, isOwning: boolean): Promise<ServiceBroker> {
	const broker = new ServiceBroker({
		nodeID,
		namespace: `turns-${process.pid}-${installation}`,
		logger: false,
		transporter: "Fake",
		registry: { preferLocal: false, stopDelay: 0 },
		transit: { serviceChangedDebounceTime: 1 } as never,
	});
	brokers.push(broker);
	if (isOwning)
		broker.createService({
			name: "document-ot",
			actions: {
				submit: handles<"document-ot.submit", unknown>(
					async ({ items, isFinal = false }) => {
						const seen = items.map(({ docId, seq }) => `${docId}:${seq}`);
						calls.push({ node: nodeID, items: seen, isFinal });
						if (failing === nodeID) throw new Error("no");
						const commit = async (own: readonly Submission[]) =>
							own.map(
								({ seq }) => ({ outcome: "committed", rev: seq }) as const,
							);
						return isFinal ? commit(items) : submitOwn(broker, items, commit);
					},
				),
				opsSince: {
					strategy: TO_OWNER,
					handler: () => nodeID,
				},
			},
		});
	await broker.start();
	return broker;
}

/** Resolves when the node knows so many owners. */
async function knows(broker: ServiceBroker, count: number): Promise<void> {
	const owners = () =>
		(broker.registry.actions.get("document-ot.submit")?.endpoints ?? []).length;
	while (owners() !== count)
		await once(broker.localBus as never, "$services.changed");
}

describe("edits on their way to their owners", () => {
	it("[OWN-3] of one turn travel in one call for each owner, in their order", async () => {
		const gateway = await join("g", false);
		await join("a", true);
		await join("b", true);
		await knows(gateway, 2);
		const turns = new SubmitTurns(gateway);
		const results = await Promise.all(
			[1, 2].flatMap((seq) =>
				DOCUMENTS.map((docId) => turns.submit(submission(docId, seq))),
			),
		);
		expect(results.map((result) => "rev" in result && result.rev)).toEqual([
			...DOCUMENTS.map(() => 1),
			...DOCUMENTS.map(() => 2),
		]);
		const own = (node: string) =>
			[1, 2].flatMap((seq) =>
				DOCUMENTS.filter((id) => ownerOf(["a", "b"], id) === node).map(
					(id) => `${id}:${seq}`,
				),
			);
		expect(calls.toSorted((x, y) => (x.node < y.node ? -1 : 1))).toEqual(
			["a", "b"].map((node) => ({ node, items: own(node), isFinal: false })),
		);
	});

	it("[OWN-3] go to the one owner that there is", async () => {
		const both = await join("a", true);
		const turns = new SubmitTurns(both);
		await Promise.all(
			DOCUMENTS.map((docId) => turns.submit(submission(docId))),
		);
		expect(calls.map(({ items }) => items.length)).toEqual([DOCUMENTS.length]);
	});

	it("[OWN-4] that reach a node which knows of a better one go there at once, and are judged there whatever it thinks", async () => {
		const gateway = await join("g", false);
		const a = await join("a", true);
		await knows(gateway, 1);
		await join("b", true);
		await knows(a, 2);
		await knows(gateway, 2);
		// The gateway alone takes b for gone.
		gateway.registry.nodes.disconnected("b", true);
		const turns = new SubmitTurns(gateway);
		const results = await Promise.all(
			DOCUMENTS.map((docId) => turns.submit(submission(docId))),
		);
		expect(results).toEqual(
			DOCUMENTS.map(() => ({ outcome: "committed", rev: 1 })),
		);
		const strangers = DOCUMENTS.filter((id) => ownerOf(["a", "b"], id) === "b");
		expect(calls).toEqual([
			{ node: "a", items: DOCUMENTS.map((id) => `${id}:1`), isFinal: false },
			{ node: "a", items: strangers.map((id) => `${id}:1`), isFinal: true },
		]);
	});

	it("[OWN-5] are unknown where the call fails, and nowhere else", async () => {
		const gateway = await join("g", false);
		await join("a", true);
		await join("b", true);
		await knows(gateway, 2);
		failing = "b";
		const turns = new SubmitTurns(gateway);
		for (const docId of DOCUMENTS) {
			const owner = ownerOf(["a", "b"], docId);
			const { outcome } = await turns.submit(submission(docId));
			expect(outcome).toBe(owner === "b" ? "unknown" : "committed");
		}
	});

	it("[OWN-5] are unknown when there is no owner at all", async () => {
		const gateway = await join("g", false);
		const turns = new SubmitTurns(gateway);
		const result = await turns.submit(submission("d1" as DocId));
		expect(result.outcome).toBe("unknown");
	});
});

describe("calls about one document", () => {
	it("[OWN-1] go to its owner, from wherever", async () => {
		const gateway = await join("g", false);
		const a = await join("a", true);
		await join("b", true);
		await knows(gateway, 2);
		await knows(a, 2);
		for (const docId of DOCUMENTS)
			for (const from of [gateway, a])
				expect(
					await callAction(from, "document-ot.opsSince", { docId, since: 0 }),
				).toBe(ownerOf(["a", "b"], docId));
	});
});
