import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { findChromium } from "../support/chromium.ts";
import { Stage } from "./stage.ts";

const STORY_MS = 120_000;
/** Also what only a screen reader shows. */
const ATTACHED = { state: "attached" } as const;
const TEXT = "Ann 🎉 Zoë 👩‍💻 end";

const chromiumPath = findChromium();
const inBrowser = chromiumPath === undefined ? describe.skip : describe;

inBrowser("people who share a document", () => {
	let stage: Stage;

	beforeAll(async () => {
		stage = await Stage.open("sharing", chromiumPath as string);
	}, STORY_MS);

	afterAll(() => stage.close());

	it(
		"[WEB-3] each sees where the other writes, by name and to the character, and keeps the focus",
		async () => {
			const [ann, bob] = await stage.together();
			await ann.type(TEXT);
			await bob.settled(TEXT);
			await bob.caretAt("Ann Lee", TEXT);
			await bob.page.keyboard.press("Control+Home");
			for (let step = 0; step < 5; step++)
				await bob.page.keyboard.press("ArrowRight");
			await ann.caretAt("Bob Ray", "Ann 🎉");
			const before = await ann.caretLook("Bob Ray");
			expect(Math.abs(before.left - before.textLeft)).toBeLessThan(4);
			const disc = ann.page.locator(".discs .disc", { hasText: "BR" });
			const colorOfBob = await disc.evaluate(
				(element) => getComputedStyle(element).backgroundColor,
			);
			expect(before.label).toBe(colorOfBob);
			await bob.page.keyboard.press("ArrowRight");
			await ann.caretAt("Bob Ray", "Ann 🎉 ");
			const after = await ann.caretLook("Bob Ray");
			expect(after.left).toBeGreaterThan(before.left);
			expect(Math.abs(after.left - after.textLeft)).toBeLessThan(4);
			expect([after.top, after.color]).toEqual([before.top, before.color]);
			await bob.page.keyboard.press("ArrowLeft");
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
			const [ann, bob] = await stage.together();
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
			await stage.shoot(ann, "people");
			const said = ann.page.getByRole("status");
			await said.filter({ hasText: "Bob Ray is here." }).waitFor(ATTACHED);
			await bob.page.close();
			await said.filter({ hasText: "Bob Ray has left." }).waitFor(ATTACHED);
			await ann.page
				.getByRole("button", { name: "Only you are here" })
				.waitFor();
		},
		STORY_MS,
	);

	it(
		"[WEB-5] the owner shares by user id, changes a role and takes it away, by keyboard too; it takes effect at once",
		async () => {
			const [ann, bob] = await stage.together();
			await ann.type("Shared text.");
			await bob.settled("Shared text.");
			await ann.shareButton.press("Enter");
			const dialog = ann.page.getByRole("dialog", {
				name: "Share this document",
			});
			await ann.roleOf("Bob Ray").waitFor();
			await stage.shoot(ann, "share");
			await ann.roleOf("Bob Ray").selectOption("view");
			await bob.page.getByText("Read only").waitFor();
			await bob.type("Not mine to write.");
			expect(await bob.text).toBe("Shared text.");
			await ann.roleOf("Bob Ray").selectOption("edit");
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
			const [ann, bob] = await stage.together();
			await bob.type("Bob came by the link. ");
			await ann.settled("Bob came by the link. ");
			await ann.shareButton.click();
			await ann.roleOf("Bob Ray").selectOption("view");
			await ann.page.getByText("Bob Ray: can read.").waitFor();
			await bob.page.reload();
			await bob.page.getByText("Read only").waitFor();
		},
		STORY_MS,
	);

	it(
		"[WEB-5] who is no owner sees the members and changes nothing",
		async () => {
			const [, bob] = await stage.together();
			await bob.shareButton.click();
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
			const [ann, bob] = await stage.together();
			await ann.type("Before. ");
			await bob.settled("Before. ");
			await bob.loseNetwork();
			await bob.type("Bob alone. ");
			await bob.offline();
			await bob.page.getByText("No connection.").waitFor();
			await bob.page
				.getByText(/^Offline – \d+ changes kept$/)
				.first()
				.waitFor();
			await stage.shoot(bob, "offline");
			await ann.type("Ann goes on. ");
			await bob.type("Bob still alone. ");
			await bob.regainNetwork();
			const parts = ["Bob alone. ", "Ann goes on. ", "Bob still alone. "];
			const text = await ann.settled(...parts);
			expect(await bob.settled(...parts)).toBe(text);
			for (const part of ["Before. ", ...parts])
				expect(text.split(part)).toHaveLength(2);
			await bob.page.getByText("No connection.").waitFor({ state: "detached" });
			expect([...ann.problems, ...bob.problems]).toEqual([]);
		},
		STORY_MS,
	);

	it(
		"[WEB-11] a role that is taken while its person types takes effect without a reload, and nothing that was shown is lost silently",
		async () => {
			const [ann, bob] = await stage.together();
			await ann.type("Ann's text. ");
			await bob.settled("Ann's text. ");
			await bob.page.evaluate(() => Object.assign(window, { same: "page" }));
			await ann.shareButton.click();
			await ann.roleOf("Bob Ray").waitFor();
			let isTyping = true;
			const typing = (async () => {
				await bob.page.locator(".cm-content").focus();
				for (let count = 0; isTyping; count++)
					await bob.page.keyboard.insertText(`${count % 10}`);
			})();
			await ann.settled("Ann's text. ", "0123456789");
			await ann.roleOf("Bob Ray").selectOption("view");
			await bob.page.getByText("Read only").waitFor();
			await ann.page.getByText("Bob Ray: can read.").waitFor();
			isTyping = false;
			await typing;
			const text = bob.page.getByRole("textbox", {
				name: "Text of the document",
			});
			expect(await text.getAttribute("aria-readonly")).toBe("true");
			const shown = await bob.text;
			await bob.type("Not mine to write.");
			expect(await bob.text).toBe(shown);
			expect(await ann.settled()).toBe(shown);
			expect(shown).toMatch(/(0123456789)+\d*/);
			expect(
				await bob.page.evaluate(
					() => (window as unknown as { same: string }).same,
				),
			).toBe("page");
			expect([...ann.problems, ...bob.problems]).toEqual([]);
		},
		STORY_MS,
	);

	it(
		"[WEB-7] edits that a lost right keeps from being saved are given back as a copy",
		async () => {
			const [ann, bob] = await stage.together();
			await ann.type("Ann's text.");
			await bob.settled("Ann's text.");
			bob.goOffline();
			await bob.offline();
			await bob.type("Bob's hour of work. ");
			await ann.shareButton.click();
			await ann.roleOf("Bob Ray").selectOption("comment");
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
