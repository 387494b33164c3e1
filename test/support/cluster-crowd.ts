import { setImmediate as turn } from "node:timers/promises";
import { type Client, connect } from "../../src/sdk/client.ts";
import type { Doc } from "../../src/sdk/document.ts";
import { tokenFor } from "./product.ts";
import { connect as connectRaw } from "./raw-client.ts";

/** Everybody who comes (back) goes to the next address. */
export class Addresses {
	readonly #list: () => readonly string[];
	#next = 0;

	constructor(list: () => readonly string[]) {
		this.#list = list;
	}

	next(): string {
		const list = this.#list();
		this.#next += 1;
		return list[this.#next % list.length] as string;
	}
}

/** People in several documents who type words that nobody else types, each word saved before the next. */
export class Crowd {
	readonly #writers: Writer[] = [];
	readonly #addresses: Addresses;
	readonly #documents: readonly string[];

	private constructor(addresses: Addresses, documents: readonly string[]) {
		this.#addresses = addresses;
		this.#documents = documents;
	}

	/** @param perDocument how many write in each document */
	static async open(
		addresses: Addresses,
		documents: readonly string[],
		perDocument: number,
	): Promise<Crowd> {
		const crowd = new Crowd(addresses, documents);
		const owner = await connectRaw(addresses.next(), {
			token: tokenFor("owner"),
		});
		for (const prdId of documents)
			await owner.request("document:join", { prdId, mode: "edit" });
		await owner.close();
		for (const prdId of documents)
			for (let i = 0; i < perDocument; i++)
				crowd.#writers.push(new Writer(addresses, prdId, `${prdId}-${i}-`));
		await Promise.all(crowd.#writers.map((writer) => writer.start()));
		return crowd;
	}

	/** Resolves when everybody has had so many more words saved. */
	async write(words: number): Promise<void> {
		const goals = this.#writers.map(({ saved }) => saved + words);
		while (this.#writers.some(({ saved }, i) => saved < (goals[i] ?? 0))) {
			for (const { fault } of this.#writers) if (fault) throw fault;
			await turn();
		}
	}

	/** How often connections have been lost. */
	get losses(): number {
		return this.#writers.reduce((sum, { losses }) => sum + losses, 0);
	}

	/** Everybody stops behind a saved word and leaves. */
	async stop(): Promise<void> {
		await Promise.all(this.#writers.map((writer) => writer.stop()));
	}

	/** Words that are not exactly once where they were written; none, when all is well. */
	async faults(): Promise<readonly string[]> {
		const faults: string[] = [];
		for (const prdId of this.#documents) {
			const texts = await Promise.all([this.#read(prdId), this.#read(prdId)]);
			if (texts[0] !== texts[1]) faults.push(`${prdId} has two texts`);
			const written = this.#writers
				.filter((writer) => writer.prdId === prdId)
				.flatMap((writer) => writer.words);
			const found = (texts[0].match(/<[^<>]*>/g) ?? []).toSorted();
			if (found.join() !== written.toSorted().join())
				faults.push(`${prdId}: ${found.length} words of ${written.length}`);
		}
		return faults;
	}

	async #read(prdId: string): Promise<string> {
		const url = this.#addresses.next();
		const reader = await connectRaw(url, { token: tokenFor("owner") });
		const { data } = await reader.request("document:join", {
			prdId,
			mode: "view",
		});
		await reader.close();
		return String(data.currentContent);
	}
}

class Writer {
	readonly prdId: string;
	readonly #name: string;
	readonly #client: Client;
	saved = 0;
	losses = 0;
	fault: Error | undefined;
	#doc: Doc | undefined;
	#isStopping = false;
	#writing: Promise<void> | undefined;

	constructor(addresses: Addresses, prdId: string, name: string) {
		this.prdId = prdId;
		this.#name = name;
		class Line extends WebSocket {
			constructor(_url: string, protocols: string[]) {
				super(addresses.next(), protocols);
			}
		}
		this.#client = connect({
			url: "ws://wherever/ws",
			token: tokenFor(name, { permissions: { "*": "edit" } }),
			WebSocket: Line,
		});
		this.#client.on("status", ({ status }) => {
			if (status === "offline") this.losses += 1;
		});
	}

	get words(): readonly string[] {
		return Array.from({ length: this.saved }, (_, i) => this.#word(i));
	}

	async start(): Promise<void> {
		this.#doc = await this.#client.open(this.prdId);
		for (const event of ["refused", "draft"] as const)
			this.#doc.on(event, ({ error }) => {
				this.fault = error;
			});
		this.#writing = this.#write(this.#doc);
	}

	async stop(): Promise<void> {
		this.#isStopping = true;
		await this.#writing;
		this.#client.close();
	}

	async #write(doc: Doc): Promise<void> {
		try {
			while (!this.#isStopping) {
				doc.insert(0, this.#word(this.saved));
				await doc.whenSaved();
				this.saved += 1;
			}
		} catch (error) {
			this.fault = error as Error;
		}
	}

	#word = (i: number): string => `<${this.#name}${i}>`;
}
