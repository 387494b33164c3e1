import { execFileSync } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Browser } from "playwright-core";
import { findChromium, launch } from "../support/chromium.ts";
import { Product } from "../support/product.ts";
import { createDataDir } from "../support/sqlite.ts";
import { Window } from "./window.ts";

/** A browser, two windows and two starts of the server. */
const WHOLE_STORY_MS = 120_000;
const ANNS = "Ann writes at the top 🎉 and Zoë agrees 👩‍💻. ";
const BOBS = "Bob answers below 😀 with 字 and more. ";

const chromiumPath = findChromium();
const inBrowser = chromiumPath === undefined ? describe.skip : describe;

inBrowser("two people in one document", () => {
	const dataDir = createDataDir();
	let browser: Browser;
	let product: Product;
	let shots: string;

	beforeAll(async () => {
		shots = await mkdtemp(join(tmpdir(), "prdtool-two-people-"));
		product = await start();
		browser = await launch(chromiumPath as string);
	}, WHOLE_STORY_MS);

	afterAll(async () => {
		await browser.close();
		await product.kill();
		dataDir.remove();
	});

	/** Without a key of its own the server signs visitors of this machine in by name. */
	const start = (port = 0): Promise<Product> =>
		Product.start(dataDir.path, { JWT_SECRET: "", PORT: String(port) });
	const newWindow = (): Promise<Window> => Window.open(browser);
	const shoot = (window: Window, name: string) =>
		window.page.screenshot({ path: join(shots, `${name}.png`) });

	/** Ann makes a document, Bob comes in by a link with a token. */
	async function together(id: string): Promise<readonly [Window, Window]> {
		const address = `${product.url}/d/${id}`;
		const [ann, bob] = [await newWindow(), await newWindow()];
		await ann.visit(address, "Ann Lee");
		await bob.open(`${address}#token=${tokenOfBob(dataDir.path, id)}`);
		expect(bob.page.url()).toBe(address);
		await ann.page
			.getByRole("listitem")
			.filter({ hasText: "Bob Ray" })
			.waitFor({ state: "attached" });
		return [ann, bob];
	}

	it(
		"[WEB-1] both write at once and see the same; after a crash of the server both go on by themselves",
		async () => {
			const [ann, bob] = await together("two-people");
			await ann.type("\n");
			await bob.settled("\n");
			await bob.page.keyboard.press("Control+End");
			await ann.page.keyboard.press("Control+Home");
			await Promise.all([ann.type(ANNS), bob.type(BOBS)]);
			const text = await ann.settled(ANNS, BOBS);
			expect(await bob.settled(ANNS, BOBS)).toBe(text);
			await Promise.all([
				shoot(ann, "ann-together"),
				shoot(bob, "bob-together"),
			]);

			await product.kill();
			await Promise.all([ann.offline(), bob.offline()]);
			await ann.type("Ann while it was down. ");
			await shoot(ann, "ann-offline");
			product = await start(product.port);
			expect(await bob.settled(ANNS, BOBS, "Ann while it was down. ")).toBe(
				await ann.settled(),
			);

			await Promise.all([
				ann.type("Ann again 🥳. "),
				bob.type("Bob again 🥳. "),
			]);
			const end = await ann.settled("Ann again 🥳. ", "Bob again 🥳. ");
			expect(await bob.settled("Ann again 🥳. ", "Bob again 🥳. ")).toBe(end);
			await Promise.all([shoot(ann, "ann-end"), shoot(bob, "bob-end")]);
			expect([...ann.problems, ...bob.problems]).toEqual([]);
		},
		WHOLE_STORY_MS,
	);

	it(
		"[WEB-2] undo takes back what this person wrote and nothing else",
		async () => {
			const [ann, bob] = await together("undo");
			await ann.type("Ann's words. ");
			await bob.settled("Ann's words. ");
			await bob.page.keyboard.press("Control+End");
			await bob.type("Bob's words.");
			await ann.settled("Bob's words.");
			await ann.page.keyboard.press("Control+z");
			await ann.page.keyboard.press("Control+z");
			expect(await ann.settled()).toBe("Bob's words.");
			await bob.page.getByText("Ann's words.").waitFor({ state: "detached" });
			expect(await bob.settled()).toBe("Bob's words.");
		},
		WHOLE_STORY_MS,
	);
});

/** As an administrator hands it out. */
function tokenOfBob(dataDir: string, id: string): string {
	const person = ["--user", "bob", "--name", "Bob Ray"];
	const rights = ["--permission", `${id}=edit`];
	return execFileSync(
		process.execPath,
		["src/cli/main.ts", "token", ...person, ...rights],
		{ env: { ...process.env, DATA_DIR: dataDir }, encoding: "utf8" },
	).trim();
}
