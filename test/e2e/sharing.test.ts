import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { findChromium, launch } from "../support/chromium.ts";
import { Product } from "../support/product.ts";
import { createDataDir } from "../support/sqlite.ts";
import { Window } from "./window.ts";

const STORY_MS = 60_000;
const TEXT = "Ann 🎉 Zoë 👩‍💻 end";

const chromiumPath = findChromium();
const inBrowser = chromiumPath === undefined ? describe.skip : describe;

inBrowser("people who share a document", () => {
	const dataDir = createDataDir();
	let browser: Browser;
	let product: Product;
	let shots: string;
	let documents = 0;

	beforeAll(async () => {
		shots = await mkdtemp(join(tmpdir(), "prdtool-sharing-"));
		product = await Product.start(dataDir.path, { JWT_SECRET: "" });
		browser = await launch(chromiumPath as string);
	}, STORY_MS);

	afterAll(async () => {
		await browser.close();
		await product.kill();
		dataDir.remove();
	});

	const shoot = ({ page }: Window, name: string) =>
		page.screenshot({ path: join(shots, `${name}.png`) });

	/** Ann's new document, with Bob in it; both have signed in by name. */
	async function together(
		options: BrowserContextOptions = {},
	): Promise<readonly [Window, Window]> {
		documents += 1;
		const address = `${product.url}/d/shared-${documents}`;
		const ann = await Window.open(browser, options);
		await ann.visit(address, "Ann Lee");
		const bob = await Window.open(browser, options);
		await bob.visit(address, "Bob Ray");
		return [ann, bob];
	}

	const shareButton = ({ page }: Window) =>
		page.getByRole("button", { name: "Share" });
	const roleOfBob = ({ page }: Window) => page.getByLabel("Role of Bob Ray");

	it(
		"[WEB-3] each sees where the other writes, by name and to the character, and keeps the focus",
		async () => {
			const [ann, bob] = await together();
			await ann.type(TEXT);
			await bob.settled(TEXT);
			await bob.caretAt("Ann Lee", TEXT);
			await bob.page.keyboard.press("Control+Home");
			for (let step = 0; step < 5; step++)
				await bob.page.keyboard.press("ArrowRight");
			await ann.caretAt("Bob Ray", "Ann 🎉");
			// Ann writes before Bob's place: his caret goes with the text, and her typing does not move elsewhere.
			await ann.page.keyboard.press("Control+Home");
			await ann.type("😀 ");
			await ann.caretAt("Bob Ray", "😀 Ann 🎉");
			await bob.caretAt("Ann Lee", "😀 ");
			await bob.page.keyboard.press("Shift+End");
			await ann.page.locator(".cm-peer-selection").first().waitFor();
			expect(
				await ann.page.locator(".cm-peer-selection").allTextContents(),
			).toEqual([" Zoë 👩‍💻 end"]);
			expect(await ann.page.locator(".cm-editor.cm-focused").count()).toBe(1);
			await bob.page.close();
			await ann.page.locator(".cm-peer-caret").waitFor({ state: "detached" });
			expect([...ann.problems, ...bob.problems]).toEqual([]);
		},
		STORY_MS,
	);

	it(
		"[WEB-4] people present are listed with what they do, on hover and for those who listen",
		async () => {
			const [ann, bob] = await together();
			await ann.page.getByRole("button", { name: "2 people here" }).hover();
			const row = ann.page.getByRole("listitem").filter({ hasText: "Bob Ray" });
			await row.waitFor();
			await bob.type("x");
			await row.getByText("writing").waitFor();
			await row.getByText("here").waitFor();
			await bob.page.evaluate(() => {
				Object.defineProperty(document, "hidden", { value: true });
				document.dispatchEvent(new Event("visibilitychange"));
			});
			await row.getByText("away").waitFor();
			await shoot(ann, "people");
		},
		STORY_MS,
	);

	it(
		"[WEB-5] the owner shares by user id, changes a role and takes it away, by keyboard too; it takes effect at once",
		async () => {
			const [ann, bob] = await together();
			await ann.type("Shared text.");
			await bob.settled("Shared text.");
			await shareButton(ann).press("Enter");
			const dialog = ann.page.getByRole("dialog", {
				name: "Share this document",
			});
			await roleOfBob(ann).waitFor();
			await shoot(ann, "share");
			await roleOfBob(ann).selectOption("view");
			await bob.page.getByText("Read only").waitFor();
			await bob.type("Not mine to write.");
			expect(await bob.text).toBe("Shared text.");
			await roleOfBob(ann).selectOption("edit");
			await bob.page.getByText("You can edit this document now.").waitFor();
			await bob.type("Bob again. ");
			await ann.settled("Bob again. ");

			await ann.page.getByLabel("Add somebody by user id").fill("cy");
			await ann.page.keyboard.press("Enter");
			await dialog.getByText("cy can edit now.").waitFor();
			await ann.page.getByRole("button", { name: "Remove Bob Ray" }).click();
			await dialog.getByText("Bob Ray is no member any more.").waitFor();
			await bob.page.getByText("The text stays here to be copied.").waitFor();

			for (let step = 0; step < 12; step++)
				await ann.page.keyboard.press("Tab");
			const inside = await ann.page.evaluate(
				() =>
					document.activeElement === document.body ||
					document.querySelector("dialog")?.contains(document.activeElement),
			);
			expect(inside).toBe(true);
			await ann.page.keyboard.press("Escape");
			await dialog.waitFor({ state: "detached" });
			expect(
				await ann.page.evaluate(() => document.activeElement?.className),
			).toContain("share-button");
			expect([...ann.problems, ...bob.problems]).toEqual([]);
		},
		STORY_MS,
	);

	it(
		"[WEB-10] on a demo server who opens a document becomes its editor; the role that its owner chose stays",
		async () => {
			const [ann, bob] = await together();
			await bob.type("Bob came by the link. ");
			await ann.settled("Bob came by the link. ");
			await shareButton(ann).click();
			await roleOfBob(ann).selectOption("view");
			await ann.page.getByText("Bob Ray: can read.").waitFor();
			await bob.page.reload();
			await bob.page.getByText("Read only").waitFor();
		},
		STORY_MS,
	);

	it(
		"[WEB-5] who is no owner sees the members and changes nothing",
		async () => {
			const [, bob] = await together();
			await shareButton(bob).click();
			const dialog = bob.page.getByRole("dialog");
			await dialog.getByText("Ann Lee").waitFor();
			await dialog.getByText("Bob Ray (you)").waitFor();
			expect(await dialog.getByRole("combobox").count()).toBe(0);
		},
		STORY_MS,
	);

	it(
		"[WEB-6] offline is told calmly, edits are kept, and go out on the return",
		async () => {
			const [ann, bob] = await together();
			await ann.type("Before. ");
			await bob.settled("Before. ");
			bob.goOffline();
			await bob.offline();
			await bob.type("Bob alone. ");
			await bob.page.getByText("No connection.").waitFor();
			await bob.page
				.getByText(/^Offline – \d+ changes kept$/)
				.first()
				.waitFor();
			await shoot(bob, "offline");
			await ann.type("Ann goes on. ");
			await bob.comeBack();
			const text = await ann.settled("Bob alone. ", "Ann goes on. ");
			expect(await bob.settled("Bob alone. ", "Ann goes on. ")).toBe(text);
			await bob.page.getByText("No connection.").waitFor({ state: "detached" });
		},
		STORY_MS,
	);

	it(
		"[WEB-7] edits that a lost right keeps from being saved are given back as a copy",
		async () => {
			const [ann, bob] = await together();
			await ann.type("Ann's text.");
			await bob.settled("Ann's text.");
			bob.goOffline();
			await bob.offline();
			await bob.type("Bob's hour of work. ");
			await shareButton(ann).click();
			await roleOfBob(ann).selectOption("comment");
			await ann.page.getByText("Bob Ray: can comment.").waitFor();
			await bob.comeBack();
			await bob.page.getByText("Read and comment", { exact: true }).waitFor();
			const download = bob.page.waitForEvent("download");
			await bob.page.getByRole("button", { name: "Download copy" }).click();
			const copy = await readFile(await (await download).path(), "utf8");
			expect(copy).toContain("Bob's hour of work. ");
			expect(copy).toContain("Ann's text.");
			await bob.page.getByText("Bob's hour").waitFor({ state: "detached" });
			expect(await bob.text).toBe("Ann's text.");
			expect([...ann.problems, ...bob.problems]).toEqual([]);
		},
		STORY_MS,
	);
});
