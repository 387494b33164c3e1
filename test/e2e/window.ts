import type {
	Browser,
	BrowserContextOptions,
	Locator,
	Page,
} from "playwright-core";

/** One person's window of the browser. */
export class Window {
	readonly page: Page;
	/** Errors of the page, and what its security policy has refused. */
	readonly problems: string[] = [];
	#isOffline = false;
	readonly #lines = new Set<() => void>();

	constructor(page: Page) {
		this.page = page;
		page.on("pageerror", (error) => this.problems.push(String(error)));
		page.on("console", (message) => {
			if (message.text().includes("Content Security Policy"))
				this.problems.push(message.text());
		});
	}

	static async open(
		browser: Browser,
		options: BrowserContextOptions = {},
	): Promise<Window> {
		const context = await browser.newContext(options);
		const window = new Window(await context.newPage());
		await window.#holdLines();
		return window;
	}

	/** The text, without the names of those who write in it. */
	get text(): Promise<string> {
		return this.page.evaluate(readText);
	}

	get shareButton(): Locator {
		return this.page.getByRole("button", { name: "Share" });
	}

	/** Where an owner chooses it, in the open dialog. */
	roleOf(name: string): Locator {
		return this.page.getByLabel(`Role of ${name}`);
	}

	async open(address: string): Promise<void> {
		await this.page.goto(address);
		await this.page.locator(".cm-content").waitFor();
	}

	/** Comes to a document as a visitor who is asked for a name. */
	async visit(address: string, name: string): Promise<void> {
		await this.page.goto(address);
		await this.signIn(name);
	}

	async signIn(name: string): Promise<void> {
		await this.page.getByLabel("Your name").fill(name);
		await this.page.getByRole("button", { name: "Continue" }).click();
		await this.page.locator(".cm-content").waitFor();
	}

	/** Key by key, as fast as it goes. */
	async type(text: string): Promise<void> {
		await this.page.locator(".cm-content").focus();
		for (const character of text)
			await this.page.keyboard.insertText(character);
	}

	/** Everything of this window is on the server's disk, and all of `parts` is here. */
	async settled(...parts: readonly string[]): Promise<string> {
		const { page } = this;
		await this.#until(async () => {
			const state = await page.evaluate(
				() => document.documentElement.dataset.saveState,
			);
			const text = await this.text;
			return state === "saved" && parts.every((part) => text.includes(part));
		});
		return this.text;
	}

	/** The network of this window is gone: what is on its way stays there, nothing new gets through. */
	loseNetwork(): Promise<void> {
		return this.page.context().setOffline(true);
	}

	regainNetwork(): Promise<void> {
		return this.page.context().setOffline(false);
	}

	/** This window alone loses its connection at once, and gets none. */
	goOffline(): void {
		this.#isOffline = true;
		for (const cut of [...this.#lines]) cut();
	}

	async comeBack(): Promise<void> {
		this.#isOffline = false;
		await this.page.evaluate(() => dispatchEvent(new Event("online")));
	}

	async offline(): Promise<void> {
		await this.page.waitForFunction(
			() => document.documentElement.dataset.status === "offline",
		);
	}

	/** Where the caret of that person is drawn: the text of its line before it. */
	async caretOf(name: string): Promise<string> {
		return this.page.evaluate(
			([wanted]) => {
				const caret = [...document.querySelectorAll(".cm-peer-caret")].find(
					({ textContent }) => textContent === wanted,
				);
				const line = caret?.closest(".cm-line");
				if (!caret || !line) return "nowhere";
				const range = document.createRange();
				range.setStart(line, 0);
				range.setEndBefore(caret);
				const part = range.cloneContents();
				for (const other of part.querySelectorAll(".cm-peer-caret"))
					other.remove();
				return part.textContent ?? "";
			},
			[name],
		);
	}

	/** Where and how the caret of that person is drawn, and where the character behind it is. */
	caretLook(name: string): Promise<{
		readonly left: number;
		readonly top: number;
		readonly textLeft: number;
		readonly color: string;
		readonly label: string;
	}> {
		const caret = this.page.locator(".cm-peer-caret", { hasText: name });
		return caret.evaluate((element) => {
			const { left, top } = element.getBoundingClientRect();
			const range = document.createRange();
			range.setStartAfter(element);
			range.setEndAfter(element.closest(".cm-line")?.lastChild ?? element);
			const label = element.querySelector(".cm-peer-name") ?? element;
			return {
				left,
				top,
				textLeft: range.getBoundingClientRect().left,
				color: getComputedStyle(element).borderLeftColor,
				label: getComputedStyle(label).backgroundColor,
			};
		});
	}

	async caretAt(name: string, before: string): Promise<void> {
		const caret = this.page.locator(".cm-peer-caret", { hasText: name });
		await caret.waitFor({ state: "attached" });
		await this.#until(async () => (await this.caretOf(name)) === before);
	}

	/** Looks again whenever the page has drawn; the test's own time is the limit. */
	async #until(isSo: () => Promise<boolean>): Promise<void> {
		while (!(await isSo()))
			await this.page.evaluate(
				() => new Promise((drawn) => requestAnimationFrame(drawn)),
			);
	}

	async #holdLines(): Promise<void> {
		await this.page.routeWebSocket(/\/ws$/, (socket) => {
			if (this.#isOffline) {
				void socket.close({ code: 4210, reason: "offline" });
				return;
			}
			const server = socket.connectToServer();
			const cut = () => {
				this.#lines.delete(cut);
				void server.close();
				void socket.close({ code: 4210, reason: "offline" });
			};
			this.#lines.add(cut);
		});
	}
}

/** Runs in the page. */
function readText(): string {
	const lines = [...document.querySelectorAll(".cm-line")].map((line) => {
		const copy = line.cloneNode(true) as Element;
		for (const caret of copy.querySelectorAll(".cm-peer-caret")) caret.remove();
		return copy.textContent;
	});
	return lines.join("\n");
}
