import { expect } from "@jest/globals";
import { Product } from "../support/product.ts";
import { createDataDir, type DataDir } from "../support/sqlite.ts";
import { checkAnswer, checkDiscretion } from "./check.ts";
import { exchange, type Played, play } from "./play.ts";
import {
	APP_ORIGIN,
	type Row,
	type Setting,
	type Visit,
	visit,
} from "./row.ts";
import { Witness } from "./witness.ts";

const ENVIRONMENTS: Readonly<
	Record<Setting, Readonly<Record<string, string>>>
> = {
	plain: {},
	limited: { RATE_LIMITS: "on" },
	production: { NODE_ENV: "production", ALLOWED_ORIGINS: APP_ORIGIN },
};
/** Refused, and logged, because it brings no token. */
const MARKS = "/api/documents/mark-";
const WARN = 40;
const ERROR = 50;

interface LogLine {
	readonly level: number;
	readonly operation?: string;
}

interface Begun {
	readonly guest: Visit;
	readonly playing: Promise<Played>;
}

/** A product, and two people who edit in it while rows are played against it. */
export class Scene {
	readonly product: Product;
	readonly #witness: Witness;
	readonly #dataDir: DataDir;
	readonly #begun = new Map<Row, Begun>();
	#marks = 0;

	private constructor(product: Product, witness: Witness, dataDir: DataDir) {
		this.product = product;
		this.#witness = witness;
		this.#dataDir = dataDir;
	}

	static async open(
		setting: Setting,
		environment: Readonly<Record<string, string>> = {},
	): Promise<Scene> {
		const dataDir = createDataDir();
		const product = await Product.start(dataDir.path, {
			...ENVIRONMENTS[setting],
			...environment,
		});
		try {
			const witness = await Witness.open(product.ws, "witnessed");
			return new Scene(product, witness, dataDir);
		} catch (error) {
			await product.kill();
			dataDir.remove();
			throw error;
		}
	}

	/** Plays a row whose answer takes long, beside others. */
	begin(row: Row): void {
		const guest = visit(this.product);
		const playing = play(row, guest);
		// Its own test hears of a failure.
		playing.catch(() => {});
		this.#begun.set(row, { guest, playing });
	}

	/** Plays a row; throws unless it gets its one answer and nobody else notices. */
	async check(row: Row): Promise<void> {
		const from = await this.#markLog();
		if (!this.#begun.has(row)) this.begin(row);
		const { guest, playing } = this.#begun.get(row) as Begun;
		const played = await playing;
		checkAnswer(row.expect, played);
		checkDiscretion(played, guest.secrets);
		expect(await this.#witness.look()).toEqual([]);
		const lines = await this.#linesSince(from, guest.secrets);
		expect(lines.length).toBeLessThanOrEqual(1);
	}

	async close(): Promise<void> {
		await this.#witness.close();
		await this.product.kill();
		this.#dataDir.remove();
	}

	/** Where the log has got to; only a living product gets there. */
	async #markLog(): Promise<number> {
		this.#marks += 1;
		const mark = `${MARKS}${this.#marks}`;
		await exchange(
			this.product.port,
			`GET ${mark} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
		);
		await this.product.logged(`GET ${mark}"`);
		return this.product.log().length;
	}

	/** Warnings since then; throws at an error, and at a secret in any line. */
	async #linesSince(
		from: number,
		secrets: readonly string[],
	): Promise<readonly LogLine[]> {
		await this.#markLog();
		const text = this.product.log().slice(from);
		for (const secret of secrets) expect(text.includes(secret)).toBe(false);
		const lines = text
			.split("\n")
			.filter((line) => line !== "")
			.map((line) => JSON.parse(line) as LogLine)
			.filter(({ operation }) => !operation?.startsWith(`GET ${MARKS}`));
		expect(lines.filter(({ level }) => level >= ERROR)).toEqual([]);
		return lines.filter(({ level }) => level >= WARN);
	}
}
