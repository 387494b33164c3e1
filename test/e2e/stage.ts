import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { launch } from "../support/chromium.ts";
import { Product } from "../support/product.ts";
import { createDataDir } from "../support/sqlite.ts";
import { Window } from "./window.ts";

/** A server that signs visitors of this machine in by name, a browser, and a folder for pictures. */
export class Stage {
	readonly browser: Browser;
	readonly #dataDir: ReturnType<typeof createDataDir>;
	readonly #shots: string;
	#product: Product;
	#documents = 0;

	constructor(
		browser: Browser,
		product: Product,
		dataDir: ReturnType<typeof createDataDir>,
		shots: string,
	) {
		this.browser = browser;
		this.#product = product;
		this.#dataDir = dataDir;
		this.#shots = shots;
	}

	static async open(name: string, chromiumPath: string): Promise<Stage> {
		const dataDir = createDataDir();
		return new Stage(
			await launch(chromiumPath),
			await Product.start(dataDir.path, { JWT_SECRET: "" }),
			dataDir,
			await mkdtemp(join(tmpdir(), `prdtool-${name}-`)),
		);
	}

	get url(): string {
		return this.#product.url;
	}

	/** Where the key is that tokens are signed with. */
	get dataDir(): string {
		return this.#dataDir.path;
	}

	window(options: BrowserContextOptions = {}): Promise<Window> {
		return Window.open(this.browser, options);
	}

	/** Ann's new document, with Bob in it; both have signed in by name. */
	async together(
		options: BrowserContextOptions = {},
	): Promise<readonly [ann: Window, bob: Window]> {
		this.#documents += 1;
		const address = `${this.url}/d/shared-${this.#documents}`;
		const [ann, bob] = [await this.window(options), await this.window(options)];
		await ann.visit(address, "Ann Lee");
		await bob.visit(address, "Bob Ray");
		return [ann, bob];
	}

	async shoot({ page }: Window, name: string): Promise<void> {
		await page.screenshot({ path: join(this.#shots, `${name}.png`) });
	}

	/** SIGKILL; the next start is at the same address. */
	kill(): Promise<void> {
		return this.#product.kill();
	}

	async startAgain(): Promise<void> {
		const { port } = this.#product;
		this.#product = await Product.start(this.dataDir, {
			JWT_SECRET: "",
			PORT: String(port),
		});
	}

	async close(): Promise<void> {
		await this.browser.close();
		await this.#product.kill();
		this.#dataDir.remove();
	}
}
