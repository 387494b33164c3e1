import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
const prdId = "emoji";
let product: Product;
let ann: RawClient;
let ben: RawClient;

const edit = (client: RawClient, operation: object) =>
	client.request("operation:edit", { prdId, operation });

beforeAll(async () => {
	product = await Product.start(dataDir.path);
	ann = await connect(product.ws, { token: tokenFor("ann") });
	await ann.request("document:join", { prdId, mode: "edit" });
	await ann.request("room:invite", {
		room: prdId,
		userId: "ben",
		role: "edit",
	});
	ben = await connect(product.ws, { token: tokenFor("ben") });
	await ben.request("document:join", { prdId, mode: "edit" });
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

describe("an author who counts UTF-16 units", () => {
	it("[EDIT-3] is told his operation when an emoji before it has moved it in units alone", async () => {
		await edit(ann, {
			type: "insert",
			position: 0,
			content: "abc",
			revision: 0,
		});
		// "a" becomes an emoji in one operation: as many code points as before, one unit more.
		await edit(ann, { op: ["😀", { d: 1 }], revision: 1 });
		const ack = await edit(ben, {
			type: "insert",
			position: 2,
			content: "X",
			revision: 1,
		});
		expect(ack.data).toMatchObject({
			revision: 3,
			operations: [{ type: "insert", position: 3, content: "X" }],
		});
		const reader = await connect(product.ws, { token: tokenFor("ann") });
		const joined = await reader.request("document:join", {
			prdId,
			mode: "view",
		});
		expect(joined.data.currentContent).toBe("😀bXc");
	});
});
