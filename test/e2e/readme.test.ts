import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { connect } from "../../src/sdk/client.ts";
import { Product, tokenFor } from "../support/product.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
let product: Product;

beforeAll(async () => {
	product = await Product.start(dataDir.path);
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

const AsyncFunction = (async () => {}).constructor as new (
	...parts: readonly string[]
) => (...values: readonly unknown[]) => Promise<{
	readonly client: ReturnType<typeof connect>;
	readonly doc: { readonly text: string; readonly saveState: string };
}>;

/** The one JavaScript example that uses the client library, without its import. */
function example(): string {
	const blocks = readFileSync("README.md", "utf8").split("```js\n").slice(1);
	const [code] = blocks
		.map((block) => block.split("```")[0] ?? "")
		.filter((block) => block.includes("client.open("));
	return (code ?? "").replace(/^import .*$/m, "");
}

it("[WEB-14] the client example of the README does what it says", async () => {
	const shown: string[] = [];
	const ignored = () => {};
	const code = example().replace("ws://127.0.0.1:3000/ws", product.ws);
	const run = new AsyncFunction(
		...["connect", "token", "render", "draw", "keep", "log"],
		`${code}\nreturn { client, doc };`,
	);
	const { client, doc } = await run(
		connect,
		tokenFor("ann"),
		(text: string) => shown.push(text),
		...[ignored, ignored, ignored],
	);
	expect([shown, doc.text, doc.saveState]).toEqual([
		["Hello"],
		"Hello",
		"saved",
	]);
	client.close();
});
