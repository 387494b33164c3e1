import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect as open } from "../../src/sdk/client.ts";
import { createPostgresDatabase } from "../support/postgres.ts";
import { Product, tokenFor } from "../support/product.ts";
import { connect } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const WORDS = 150;
const dataDir = createDataDir();
let products: readonly Product[] = [];

beforeAll(async () => {
	const DATABASE_URL = await createPostgresDatabase();
	// Two processes without a bus: each is the owner of every document, and only the database stands between them.
	products = [
		await Product.start(dataDir.path, { DATABASE_URL }),
		await Product.start(dataDir.path, { DATABASE_URL }),
	];
}, 60_000);
afterAll(async () => {
	for (const product of products) await product.kill();
	dataDir.remove();
});

describe("two actors on one document", () => {
	it("[DOC-8] converge and lose nothing: the database's compare-and-set decides", async () => {
		const prdId = "shared";
		const [first] = products as [Product, Product];
		const owner = await connect(first.ws, { token: tokenFor("owner") });
		await owner.request("document:join", { prdId, mode: "edit" });
		const names = ["amy", "ben", "cat", "dan"];
		for (const userId of names)
			await owner.request("room:invite", { room: prdId, userId, role: "edit" });
		await Promise.all(
			names.map((name, i) => type(products[i % 2] as Product, prdId, name)),
		);
		const texts = await Promise.all(
			products.map(async ({ ws }) => {
				const reader = await connect(ws, { token: tokenFor("owner") });
				const joined = await reader.request("document:join", {
					prdId,
					mode: "view",
				});
				await reader.close();
				return joined.data;
			}),
		);
		const [one, two] = texts;
		expect(one?.currentContent).toBe(two?.currentContent);
		expect(one?.revision).toBe(two?.revision);
		const words = String(one?.currentContent).match(/<[^>]+>/g) ?? [];
		const typed = names.flatMap((name) =>
			Array.from({ length: WORDS }, (_, i) => `<${name}${i}>`),
		);
		expect(words.toSorted()).toEqual(typed.toSorted());
		await owner.close();
	}, 120_000);
});

/** Types words one after the other, each saved before the next. */
async function type(
	{ ws }: Product,
	prdId: string,
	name: string,
): Promise<void> {
	const client = open({ url: ws, token: tokenFor(name) });
	const doc = await client.open(prdId);
	for (let i = 0; i < WORDS; i++) {
		doc.insert(0, `<${name}${i}>`);
		await doc.whenSaved();
	}
	client.close();
}
