import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { findChromium } from "../support/chromium.ts";
import { GOOD, looksOf } from "./looks.ts";
import { Stage } from "./stage.ts";

const STORY_MS = 120_000;
const WIDE = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true };
const LOOKS = [
	["light", { colorScheme: "light", ...WIDE }],
	["dark", { colorScheme: "dark", ...WIDE }],
	["phone", { colorScheme: "light", ...PHONE }],
	["dark phone", { colorScheme: "dark", ...PHONE }],
] as const;
const PRD = `# Payments relaunch

## Goal

Checkout in under a minute, on a phone, with one hand. 🎉

## User stories

- As a returning customer I pay with a saved card.
- As a support agent I see *why* a payment failed: \`declined\`, [expired](https://example.org), **blocked**.

> Which wallets do we support at launch?
`;

const chromiumPath = findChromium();
const inBrowser = chromiumPath === undefined ? describe.skip : describe;

inBrowser("the page", () => {
	let stage: Stage;

	beforeAll(async () => {
		stage = await Stage.open("page", chromiumPath as string);
	}, STORY_MS);

	afterAll(() => stage.close());

	it(
		"[WEB-8] a document is made with a title, renamed by its owner in place, listed at home, and downloaded",
		async () => {
			const ann = await stage.window();
			const { page } = ann;
			await page.goto(stage.url);
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
		"[WEB-9] %s: nothing reaches over the window, every control has a name, every text is readable",
		async (look, options) => {
			const still = { ...options, reducedMotion: "reduce" } as const;
			const address = `${stage.url}/d/look-${look.replace(" ", "-")}`;
			const ann = await stage.window(still);
			const { page } = ann;
			const bad: unknown[] = [];
			const show = async (name: string, window = ann) => {
				await stage.shoot(window, `${look}-${name}`);
				const looks = await looksOf(window);
				if (!isDeepStrictEqual(looks, GOOD)) bad.push([name, looks]);
			};
			await page.goto(stage.url);
			await show("first-visit");
			await page.goto(address);
			await page.getByLabel("Your name").waitFor();
			await show("sign-in");
			await ann.signIn("Ann Lee");
			await show("empty");
			await page.keyboard.insertText(PRD);
			await page.locator(".cm-line", { hasText: "saved card" }).click();
			await page.keyboard.press("End");
			const bob = await stage.window(still);
			await bob.visit(address, "Bob Ray");
			await bob.page.locator(".cm-line", { hasText: "one hand" }).click();
			await bob.page.keyboard.press("Home");
			await bob.page.keyboard.press("Shift+End");
			await page.locator(".cm-peer-selection").first().waitFor();
			await show("document");
			await page.getByRole("button", { name: "2 people here" }).focus();
			await show("people");
			await page.getByRole("button", { name: "Share" }).click();
			await page.getByLabel("Role of Bob Ray").waitFor();
			await show("share");
			await page.keyboard.press("Escape");
			ann.goOffline();
			await ann.offline();
			await ann.type(" Or a wallet.");
			await page.getByText("No connection.").waitFor();
			await page
				.getByText(/^Offline – /)
				.first()
				.waitFor();
			await show("offline");
			await ann.comeBack();
			await ann.settled(" Or a wallet.");
			await page.getByRole("button", { name: "Share" }).click();
			await bob.page.getByRole("button", { name: "Share" }).click();
			await page.getByLabel("Role of Bob Ray").selectOption("view");
			await bob.page.keyboard.press("Escape");
			await bob.page.getByText("Read only").waitFor();
			await show("read-only", bob);
			await page.goto(stage.url);
			await page.getByRole("link", { name: /Payments relaunch/ }).waitFor();
			await show("home");
			expect(bad).toEqual([]);
			expect([...ann.problems, ...bob.problems]).toEqual([]);
		},
		STORY_MS,
	);

	it(
		"[WEB-13] from the home page into a shared document and back by keyboard alone, always seeing where one is",
		async () => {
			const ann = await stage.window({ reducedMotion: "reduce" });
			const { page } = ann;
			const { keyboard } = page;
			const at = (): Promise<string> => page.evaluate(focusedName);
			await page.goto(stage.url);
			await keyboard.press("Tab");
			expect(await at()).toBe("prdtool, all documents");
			await keyboard.press("Tab");
			await keyboard.type("By keyboard");
			await keyboard.press("Tab");
			expect(await at()).toBe("New document");
			await keyboard.press("Enter");
			await page.getByLabel("Your name").waitFor();
			expect(await at()).toBe("Your name");
			await keyboard.type("Ann Lee");
			await keyboard.press("Enter");
			await ann.settled("# By keyboard");
			expect(await at()).toBe("Text of the document");
			const back: string[] = [];
			for (let step = 0; step < 5; step++) {
				await keyboard.press("Shift+Tab");
				back.push(await at());
			}
			expect(back).toEqual([
				"Share",
				"Download as Markdown",
				"Only you are here",
				"Title of the document",
				"prdtool, all documents",
			]);
			for (let step = 0; step < 4; step++) await keyboard.press("Tab");
			await keyboard.press("Enter");
			const dialog = page.getByRole("dialog", { name: "Share this document" });
			await dialog.getByText("Ann Lee (you)").waitFor();
			expect(await at()).toBe("Close");
			for (let step = 0; step < 2; step++) await keyboard.press("Tab");
			expect(await at()).toBe("Add somebody by user id");
			await keyboard.type("cy");
			await keyboard.press("Enter");
			await dialog.getByText("cy can edit now.").waitFor();
			await keyboard.press("Escape");
			await dialog.waitFor({ state: "detached" });
			expect(await at()).toBe("Share");
			await keyboard.press("Tab");
			await keyboard.insertText("Typed.");
			await ann.settled("Typed.");
			expect(ann.problems).toEqual([]);
		},
		STORY_MS,
	);

	it(
		"[WEB-9] what the page learns after it is drawn does not move what is there",
		async () => {
			const ann = await stage.window();
			await ann.visit(`${stage.url}/d/still`, "Ann Lee");
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
			await ann.open(`${stage.url}/d/still`);
			await ann.page.getByLabel("Title of the document").waitFor();
			const bob = await stage.window();
			await bob.visit(`${stage.url}/d/still`, "Bob Ray");
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

/** Runs in the page: what has the focus, by its name; says so when the focus cannot be seen. */
function focusedName(): string {
	const element = document.activeElement as HTMLInputElement;
	const probe = document.createElement("i");
	probe.style.color = "var(--accent)";
	document.body.append(probe);
	const accent = getComputedStyle(probe).color;
	probe.remove();
	const isSeen =
		element.isContentEditable ||
		getComputedStyle(element).outlineStyle !== "none" ||
		[element, element.closest(".row")].some(
			(framed) => framed && getComputedStyle(framed).borderColor === accent,
		);
	const told = element.cloneNode(true) as Element;
	for (const drawn of told.querySelectorAll("[aria-hidden]")) drawn.remove();
	const name =
		element.getAttribute("aria-label") ??
		element.labels?.[0]?.textContent ??
		told.textContent ??
		"";
	return isSeen ? name.trim() : `${name.trim()} (focus not seen)`;
}
