import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect as open } from "../../src/sdk/client.ts";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";
import { opOf, readTrace, type Trace } from "../support/traces.ts";

const INFLIGHT = 64;
const dataDir = createDataDir();
let product: Product;

beforeAll(async () => {
	// Days of typing in seconds.
	product = await Product.start(dataDir.path, { RATE_LIMITS: "off" });
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

async function contentOf(prdId: string, user: string): Promise<unknown> {
	const reader = await connect(product.ws, { token: tokenFor(user) });
	const joined = await reader.request("document:join", { prdId, mode: "view" });
	await reader.close();
	return joined.data.currentContent;
}

describe("real editing traces", () => {
	it.each(["sveltecomponent", "friendsforever_flat"] as const)(
		"[SDK-1] %s through the SDK ends in exactly its text",
		async (name) => {
			const { txns, endContent } = readTrace(name);
			const client = open({ url: product.ws, token: tokenFor("writer") });
			const doc = await client.open(name);
			for (const [i, { patches }] of txns.entries()) {
				for (const [position, deleted, inserted] of patches) {
					if (deleted > 0) doc.delete(position, deleted);
					if (inserted !== "") doc.insert(position, inserted);
				}
				// A person's pauses: the edits travel as many operations.
				if (i % 10 === 0) await doc.whenSaved();
			}
			await doc.whenSaved();
			expect(doc.text).toBe(endContent);
			expect(doc.revision).toBeGreaterThan(1_000);
			expect(await contentOf(name, "writer")).toBe(endContent);
			client.close();
		},
		120_000,
	);

	it.each(["revision", "vectorClock"] as const)(
		"[DOC-7] friendsforever as two people who send without waiting, by %s, ends in exactly its text",
		async (by) => {
			const trace = readTrace("friendsforever");
			const prdId = `friendsforever-${by}`;
			const writers = await Promise.all(
				["amy", "ben"].map((name) => join(prdId, name)),
			);
			await replay(trace, writers as [Writer, Writer], prdId, by);
			expect(await contentOf(prdId, "amy")).toBe(trace.endContent);
			for (const { client } of writers) await client.close();
		},
		120_000,
	);
});

interface Writer {
	readonly name: string;
	readonly client: RawClient;
	sent: number;
	acked: number;
	/** Revisions of the other one's operations, in the order in which this session saw them. */
	readonly seen: number[];
	wake: () => void;
}

async function join(prdId: string, name: string): Promise<Writer> {
	const client = await connect(product.ws, { token: tokenFor(name) });
	if (name === "amy") {
		await client.request("document:join", {
			prdId,
			mode: "edit",
			unit: "codepoint",
		});
		await client.request("room:invite", {
			room: prdId,
			userId: "ben",
			role: "edit",
		});
	} else {
		await client.settled();
		let joined = await client.request("document:join", {
			prdId,
			mode: "edit",
			unit: "codepoint",
		});
		// Amy may still be inviting.
		while (joined.type !== "ack")
			joined = await client.request("document:join", {
				prdId,
				mode: "edit",
				unit: "codepoint",
			});
	}
	const writer: Writer = {
		name,
		client,
		sent: 0,
		acked: 0,
		seen: [],
		wake: () => {},
	};
	client.socket.on("message", (data) => {
		const { type, data: payload } = JSON.parse(String(data)) as Frame;
		if (type === "operation:ack") writer.acked += 1;
		else if (type === "operation:applied" && (payload.part ?? 1) === 1)
			writer.seen.push(payload.revision as number);
		else if (type.startsWith("error:"))
			throw new Error(JSON.stringify(payload));
		writer.wake();
	});
	return writer;
}

/** Sends every txn in file order, each on the state that its parents name. */
async function replay(
	{ txns }: Trace,
	writers: readonly [Writer, Writer],
	prdId: string,
	by: "revision" | "vectorClock",
): Promise<void> {
	const agents = txns.map(({ agent }) => agent ?? 0);
	// What a txn's author had seen, as a count per agent: his own are all before it.
	const known: (readonly [number, number])[] = [];
	for (const [i, { parents = [], patches }] of txns.entries()) {
		const agent = agents[i] as 0 | 1;
		const counts = [0, 0];
		for (const parent of parents)
			for (const side of [0, 1] as const)
				counts[side] = Math.max(
					counts[side] as number,
					(known[parent]?.[side] ?? 0) + (agents[parent] === side ? 1 : 0),
				);
		known.push([counts[0] as number, counts[1] as number]);
		const author = writers[agent];
		const other = writers[1 - agent] as Writer;
		const foreign = counts[1 - agent] as number;
		while (
			author.seen.length < foreign ||
			author.sent - author.acked >= INFLIGHT
		)
			await new Promise<void>((wake) => {
				author.wake = wake;
			});
		author.sent += 1;
		const context =
			by === "revision"
				? { revision: foreign === 0 ? 0 : author.seen[foreign - 1] }
				: {
						vectorClock: { [author.name]: author.sent, [other.name]: foreign },
					};
		const [patch] = patches;
		if (patch === undefined || patches.length > 1)
			throw new Error("one patch a txn");
		author.client.send({
			type: "operation:edit",
			data: { prdId, operation: { ...operationOf(patch, by), ...context } },
		});
	}
	for (const writer of writers)
		while (writer.acked < writer.sent)
			await new Promise<void>((wake) => {
				writer.wake = wake;
			});
}

/** The trace's patches insert or delete, never both. */
function operationOf(
	patch: Trace["txns"][number]["patches"][number],
	by: string,
) {
	const [position, length, content] = patch;
	if (by === "revision") return { op: opOf(patch) };
	return length > 0
		? { type: "delete", position, length }
		: { type: "insert", position, content };
}
