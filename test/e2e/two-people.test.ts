import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { findChromium } from "../support/chromium.ts";
import { Stage } from "./stage.ts";
import type { Window } from "./window.ts";

/** A browser, two windows and two starts of the server. */
const WHOLE_STORY_MS = 120_000;
const ANNS = "Ann writes at the top 🎉 and Zoë agrees 👩‍💻. ";
const BOBS = "Bob answers below 😀 with 字 and more. ";

const chromiumPath = findChromium();
const inBrowser = chromiumPath === undefined ? describe.skip : describe;

inBrowser("two people in one document", () => {
	let stage: Stage;

	beforeAll(async () => {
		stage = await Stage.open("two-people", chromiumPath as string);
	}, WHOLE_STORY_MS);

	afterAll(() => stage.close());

	/** Ann makes a document, Bob comes in by a link with a token. */
	async function together(id: string): Promise<readonly [Window, Window]> {
		const address = `${stage.url}/d/${id}`;
		const [ann, bob] = [await stage.window(), await stage.window()];
		await ann.visit(address, "Ann Lee");
		await bob.open(`${address}#token=${tokenOfBob(stage.dataDir, id)}`);
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
				stage.shoot(ann, "ann-together"),
				stage.shoot(bob, "bob-together"),
			]);

			await stage.kill();
			await Promise.all([ann.offline(), bob.offline()]);
			await ann.type("Ann while it was down. ");
			await stage.shoot(ann, "ann-offline");
			await stage.startAgain();
			expect(await bob.settled(ANNS, BOBS, "Ann while it was down. ")).toBe(
				await ann.settled(),
			);

			await Promise.all([
				ann.type("Ann again 🥳. "),
				bob.type("Bob again 🥳. "),
			]);
			const end = await ann.settled("Ann again 🥳. ", "Bob again 🥳. ");
			expect(await bob.settled("Ann again 🥳. ", "Bob again 🥳. ")).toBe(end);
			await Promise.all([
				stage.shoot(ann, "ann-end"),
				stage.shoot(bob, "bob-end"),
			]);
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

	it(
		"[WEB-12] a new title shows up in every window and its tab, but not in a title that somebody is writing",
		async () => {
			const [ann, bob] = await stage.together();
			const title = (window: Window) =>
				window.page.getByLabel("Title of the document");
			const rename = async (window: Window, text: string) => {
				await title(window).fill(text);
				await title(window).press("Enter");
			};
			await rename(ann, "First title");
			await bob.page.getByRole("heading", { name: "First title" }).waitFor();
			expect(await bob.page.title()).toBe("First title – prdtool");

			await ann.shareButton.click();
			await ann.roleOf("Bob Ray").selectOption("owner");
			await title(bob).fill("Bob's own");
			await ann.page.keyboard.press("Escape");
			await rename(ann, "Second title");
			await bob.page.waitForFunction(
				() => document.title === "Second title – prdtool",
			);
			expect(await title(bob).inputValue()).toBe("Bob's own");
			await title(bob).press("Escape");
			expect(await title(bob).inputValue()).toBe("Second title");

			bob.goOffline();
			await bob.offline();
			await rename(ann, "Third title");
			await bob.comeBack();
			await bob.page.waitForFunction(
				() => document.title === "Third title – prdtool",
			);
			expect(await title(bob).inputValue()).toBe("Third title");
			expect([...ann.problems, ...bob.problems]).toEqual([]);
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
