import { afterAll, describe, expect, it } from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const KILLS = 20;
const WRITERS = 4;
const dataDir = createDataDir();
afterAll(dataDir.remove);

/** One person who types words that nobody else types, and remembers which were acknowledged. */
class Typist {
	readonly name: string;
	readonly acknowledged = new Set<string>();
	readonly sent = new Set<string>();
	readonly refusals: unknown[] = [];
	#words = 0;

	constructor(name: string) {
		this.name = name;
	}

	/** Types until the connection breaks; resolves then. */
	async type(product: Product, prdId: string): Promise<void> {
		// The server may die while somebody is still on the way in.
		const token = tokenFor(this.name);
		const client = await connect(product.ws, { token }).catch(() => undefined);
		const joined = await client
			?.request("document:join", {
				prdId,
				mode: "edit",
				format: "native",
				clientId: `${this.name}-client`,
			})
			.catch(() => undefined);
		if (client === undefined || joined === undefined) return;
		const inflight = new Map<string, string>();
		let revision = joined.data.revision as number;
		client.socket.on("message", (data) => {
			const frame = JSON.parse(String(data)) as Frame;
			if (frame.type === "operation:applied")
				revision = frame.data.revision as number;
			// A refusal would stop the typing without a word.
			if (frame.type.startsWith("error:")) this.refusals.push(frame.data);
			if (frame.type !== "operation:ack") return;
			revision = frame.data.revision as number;
			const word = inflight.get(frame.data.opId as string);
			if (word !== undefined) this.acknowledged.add(word);
			this.#send(client, prdId, revision, inflight);
		});
		for (let i = 0; i < 8; i++) this.#send(client, prdId, revision, inflight);
		await client.closed;
	}

	#send(
		client: RawClient,
		prdId: string,
		revision: number,
		inflight: Map<string, string>,
	): void {
		const word = `<${this.name}${++this.#words}>`;
		const opId = `${this.name}-client:${this.#words}`;
		this.sent.add(word);
		inflight.set(opId, word);
		const operation = { op: [word], revision, opId };
		client.send({ type: "operation:edit", data: { prdId, operation } });
	}
}

/** Resolves when so many words have been acknowledged in all. */
async function until(typists: readonly Typist[], count: number): Promise<void> {
	const total = () => typists.reduce((sum, t) => sum + t.acknowledged.size, 0);
	while (total() < count) {
		const [refusal] = typists.flatMap(({ refusals }) => refusals);
		if (refusal !== undefined) throw new Error(JSON.stringify(refusal));
		await new Promise(setImmediate);
	}
}

describe("kill -9 in the middle of editing", () => {
	it(`[DOC-6] loses nothing acknowledged and applies nothing twice, ${KILLS} times in a row`, async () => {
		const prdId = "killed";
		const typists = Array.from(
			{ length: WRITERS },
			(_, i) => new Typist(`typist-${i}-`),
		);
		let total = 0;
		for (let kill = 0; kill < KILLS; kill++) {
			const product = await Product.start(dataDir.path);
			if (kill === 0) await share(product, prdId, typists);
			const typing = typists.map((typist) => typist.type(product, prdId));
			// Another moment of the server's work each time.
			await until(typists, total + 5 + kill * 7);
			await product.kill();
			await Promise.all(typing);
			total = typists.reduce((sum, t) => sum + t.acknowledged.size, 0);
		}
		const product = await Product.start(dataDir.path);
		const reader = await connect(product.ws, { token: tokenFor("owner") });
		const joined = await reader.request("document:join", {
			prdId,
			mode: "view",
		});
		await product.kill();
		const counts = new Map<string, number>();
		for (const [word] of String(joined.data.currentContent).matchAll(
			/<[^>]+>/g,
		))
			counts.set(word, (counts.get(word) ?? 0) + 1);
		const words = typists.flatMap((typist) => [...typist.acknowledged]);
		expect(words.length).toBeGreaterThan(KILLS * 5);
		expect(words.filter((word) => counts.get(word) !== 1)).toEqual([]);
		expect([...counts].filter(([, count]) => count > 1)).toEqual([]);
		expect(typists.every((t) => t.sent.size >= t.acknowledged.size)).toBe(true);
	}, 300_000);
});

async function share(
	product: Product,
	prdId: string,
	typists: readonly Typist[],
): Promise<void> {
	const owner = await connect(product.ws, { token: tokenFor("owner") });
	await owner.request("document:join", { prdId, mode: "edit" });
	for (const { name } of typists)
		await owner.request("room:invite", {
			room: prdId,
			userId: name,
			role: "edit",
		});
	await owner.close();
}
