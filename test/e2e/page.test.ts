import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Browser } from "playwright-core";
import { findChromium, launch } from "../support/chromium.ts";
import { Product } from "../support/product.ts";
import { createDataDir } from "../support/sqlite.ts";
import { Window } from "./window.ts";

const STORY_MS = 60_000;
const LOOKS = [
	["light", { colorScheme: "light", viewport: { width: 1280, height: 800 } }],
	["dark", { colorScheme: "dark", viewport: { width: 1280, height: 800 } }],
	["phone", { colorScheme: "light", viewport: { width: 390, height: 780 } }],
] as const;

const chromiumPath = findChromium();
const inBrowser = chromiumPath === undefined ? describe.skip : describe;

inBrowser("the page", () => {
	const dataDir = createDataDir();
	let browser: Browser;
	let product: Product;
	let shots: string;

	beforeAll(async () => {
		shots = await mkdtemp(join(tmpdir(), "prdtool-page-"));
		product = await Product.start(dataDir.path, { JWT_SECRET: "" });
		browser = await launch(chromiumPath as string);
	}, STORY_MS);

	afterAll(async () => {
		await browser.close();
		await product.kill();
		dataDir.remove();
	});

	it(
		"[WEB-8] a document is made with a title, renamed by its owner in place, listed at home, and downloaded",
		async () => {
			const ann = await Window.open(browser);
			const { page } = ann;
			await page.goto(product.url);
			await page.getByLabel("Title").fill("Payments relaunch");
			await page.getByRole("button", { name: "New document" }).click();
			await ann.signIn("Ann Lee");
			expect(page.url()).toMatch(/\/d\/payments-relaunch-[a-z0-9]{5}$/);
			await page.keyboard.insertText("Checkout in under a minute. 💳");
			const text = await ann.settled("# Payments relaunch", "minute. 💳");

			const title = page.getByLabel("Title of the document");
			await title.fill("Payments, second try");
			const renamed = page.waitForResponse(
				(answer) => answer.request().method() === "PATCH",
			);
			await title.press("Enter");
			expect((await renamed).status()).toBe(200);
			await title.fill("never");
			await title.press("Escape");
			expect(await title.inputValue()).toBe("Payments, second try");

			const download = page.waitForEvent("download");
			await page.getByRole("button", { name: "Download as Markdown" }).click();
			const file = await download;
			expect(file.suggestedFilename()).toMatch(/^payments-relaunch-.*\.md$/);
			expect(await readFile(await file.path(), "utf8")).toBe(text);

			await page.getByRole("link", { name: "prdtool, all documents" }).click();
			await page.getByRole("link", { name: /Payments, second try/ }).click();
			await page.locator(".cm-content").waitFor();
			expect(await title.inputValue()).toBe("Payments, second try");
			expect(ann.problems).toEqual([]);
		},
		STORY_MS,
	);

	it.each(LOOKS)(
		"[WEB-9] %s: nothing is wider than the window, and every control has a name",
		async (look, options) => {
			const id = `look-${look}`;
			const address = `${product.url}/d/${id}`;
			const ann = await Window.open(browser, options);
			await ann.visit(address, "Ann Lee");
			await ann.page.keyboard.insertText(
				"# A look\n\nA paragraph that is long enough to be broken into several lines on a telephone. 🎉\n\n- one\n- two\n",
			);
			const bob = await Window.open(browser, options);
			await bob.visit(address, "Bob Ray");
			await bob.page.locator(".cm-line", { hasText: "paragraph" }).click();
			await bob.page.keyboard.press("Home");
			await bob.page.keyboard.press("Shift+End");
			await ann.page.locator(".cm-peer-selection").first().waitFor();
			const { page } = ann;
			await page.screenshot({ path: join(shots, `${look}-document.png`) });
			await check(ann);
			await page.getByRole("button", { name: "Share" }).click();
			await page.getByLabel("Role of Bob Ray").waitFor();
			await page.screenshot({ path: join(shots, `${look}-share.png`) });
			await check(ann);
			await page.goto(product.url);
			await page.getByRole("link", { name: /A look/ }).waitFor();
			await page.screenshot({ path: join(shots, `${look}-home.png`) });
			await check(ann);
			expect([...ann.problems, ...bob.problems]).toEqual([]);
		},
		STORY_MS,
	);

	it(
		"[WEB-9] what the page learns after it is drawn does not move what is there",
		async () => {
			const ann = await Window.open(browser);
			await ann.visit(`${product.url}/d/still`, "Ann Lee");
			await ann.page.keyboard.insertText("# Still\n\nText.\n");
			await ann.settled("Text.");
			await ann.page.addInitScript(() => {
				const shifts: number[] = [];
				Object.assign(window, { shifts });
				new PerformanceObserver((list) => {
					for (const entry of list.getEntries())
						shifts.push((entry as unknown as { value: number }).value);
				}).observe({ type: "layout-shift", buffered: true });
			});
			await ann.open(`${product.url}/d/still`);
			await ann.page.getByLabel("Title of the document").waitFor();
			const bob = await Window.open(browser);
			await bob.visit(`${product.url}/d/still`, "Bob Ray");
			await ann.caretAt("Bob Ray", "");
			const shifts = await ann.page.evaluate(
				() => (window as unknown as { shifts: number[] }).shifts,
			);
			const sum = shifts.reduce((total, shift) => total + shift, 0);
			expect(sum).toBeLessThan(0.01);
		},
		STORY_MS,
	);
});

async function check({ page }: Window): Promise<void> {
	const found = await page.evaluate(() => {
		const controls = document.querySelectorAll<HTMLElement>(
			"button, a[href], input, select, textarea",
		);
		const isNamed = (element: HTMLElement): boolean =>
			element.hidden === true ||
			(element.getAttribute("aria-label") ?? element.textContent ?? "") !==
				"" ||
			((element as HTMLInputElement).labels?.length ?? 0) > 0;
		return {
			overflow: document.documentElement.scrollWidth - innerWidth,
			unnamed: [...controls]
				.filter((element) => !isNamed(element))
				.map(({ outerHTML }) => outerHTML),
			language: document.documentElement.lang,
			headings: document.querySelectorAll("h1").length,
		};
	});
	expect(found).toEqual({
		overflow: 0,
		unnamed: [],
		language: "en",
		headings: 1,
	});
}
