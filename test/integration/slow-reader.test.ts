import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const MEGABYTE = 1_048_576;
const dataDir = createDataDir();
let product: Product;

beforeAll(async () => {
	product = await Product.start(dataDir.path, { RATE_LIMITS: "off" });
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

const rssBytes = (): number =>
	Number(
		/VmRSS:\s+(\d+)/.exec(
			readFileSync(`/proc/${product.pid}/status`, "utf8"),
		)?.[1],
	) * 1_024;

const enter = async (prdId: string, data: object): Promise<RawClient> => {
	const token = tokenFor("ann");
	const client = await connect(product.ws, { token });
	await client.request("document:join", { prdId, mode: "edit", ...data });
	return client;
};

const WINDOW = 16;

/** Writes and takes away again, without waiting for each answer: the text stays small and the traffic is large. */
class Load {
	readonly #client: RawClient;
	readonly #prdId: string;
	#sent = 0;
	#limit = Number.POSITIVE_INFINITY;
	readonly #ended = Promise.withResolvers<void>();
	edits = 0;

	constructor(client: RawClient, prdId: string, text: string) {
		this.#client = client;
		this.#prdId = prdId;
		client.socket.on("message", (data: Buffer) => {
			if (!data.toString("latin1", 0, 24).startsWith('{"type":"operation:ack'))
				return;
			this.edits += 1;
			if (this.#sent < this.#limit) this.#send(text);
			else if (this.edits === this.#sent) this.#ended.resolve();
		});
		for (let i = 0; i < WINDOW; i++) this.#send(text);
	}

	/** Resolves when everything sent has been acknowledged. */
	stop(): Promise<void> {
		this.#limit = 0;
		return this.#ended.promise;
	}

	#send(text: string): void {
		const op = this.#sent % 2 === 0 ? [text] : [{ d: text.length }];
		this.#sent += 1;
		const operation = { op, revision: this.edits };
		const data = { prdId: this.#prdId, operation };
		this.#client.send({ type: "operation:edit", data });
	}
}

const rest = (ms: number) => new Promise<void>((end) => setTimeout(end, ms));

describe("readers that stop", () => {
	const READERS = 40;

	it("[FAN-12] cost a bounded amount of memory under full load, are gone after some seconds, and nobody else notices", async () => {
		const prdId = "stopped";
		const writer = await enter(prdId, { format: "native" });
		const witness = await enter(prdId, { format: "native" });
		const readers = await Promise.all(
			Array.from({ length: READERS }, () =>
				enter(prdId, { mode: "view", format: "native" }),
			),
		);
		for (const { socket } of readers) socket.pause();
		const load = new Load(writer, prdId, "x".repeat(20_000));
		await rest(1_000);
		const before = rssBytes();
		let peak = 0;
		for (let second = 0; second < 10; second++) {
			await rest(1_000);
			peak = Math.max(peak, rssBytes());
		}
		await load.stop();
		await witness.settled();
		const sent = (load.edits / 2) * 20_000 * READERS;
		// Everything held for them would be gigabytes; what the kernel holds is not the server's.
		expect(sent).toBeGreaterThan(200 * MEGABYTE);
		expect(peak - before).toBeLessThan(READERS * MEGABYTE + 64 * MEGABYTE);
		const heard = witness.of("operation:applied");
		expect(heard.map(({ data }) => data.revision)).toEqual(
			Array.from({ length: load.edits }, (_, i) => i + 1),
		);
		for (const { socket } of readers) socket.resume();
		for (const { closed } of readers)
			expect([1006, 4208]).toContain((await closed).code);
		for (const client of [writer, witness]) await client.close();
	}, 60_000);
});

describe("a reader that is always too slow", () => {
	it("[FAN-12] is caught up by resets, hears nothing twice or out of order, and ends with the text", async () => {
		const prdId = "slow";
		const writer = await enter(prdId, { format: "native" });
		const reader = await SlowReader.open(prdId);
		const load = new Load(writer, prdId, "y".repeat(20_000));
		for (let reset = 1; reset <= 2; reset++) {
			const behind = load.edits + 2_500;
			while (load.edits < behind) await reader.sip();
			reader.gulp();
			await reader.until(() => reader.resets >= reset);
			reader.pause();
		}
		await load.stop();
		reader.gulp();
		await reader.until(() => reader.revision >= load.edits);
		expect(reader.faults).toEqual([]);
		expect(reader.revision).toBe(load.edits);
		expect(reader.resets).toBeGreaterThanOrEqual(2);
		reader.close();
		await writer.close();
	}, 60_000);
});

/** A client that reads its TCP connection drop by drop. */
class SlowReader {
	readonly #tcp: Socket;
	readonly #client: RawClient;
	readonly #over: Promise<never>;
	revision = 0;
	resets = 0;
	readonly faults: string[] = [];

	private constructor(tcp: Socket, client: RawClient) {
		this.#tcp = tcp;
		this.#client = client;
		this.#over = client.closed.then(({ code }) => {
			throw new Error(`closed ${code}`);
		});
		// Whoever waits hears of it; at the end of the test nobody does.
		this.#over.catch(() => {});
		client.socket.on("message", (data) => {
			const frame = JSON.parse(String(data));
			if (frame.type === "document:reset") {
				this.resets += 1;
				this.#move(frame.data.revision, frame.data.revision > this.revision);
			} else if (frame.type === "operation:applied")
				this.#move(
					frame.data.revision,
					frame.data.revision === this.revision + 1,
				);
		});
	}

	static async open(prdId: string): Promise<SlowReader> {
		const client = await enter(prdId, { mode: "view", format: "native" });
		const { _socket: tcp } = client.socket as unknown as { _socket: Socket };
		tcp.pause();
		return new SlowReader(tcp, client);
	}

	/** Reads for a moment. */
	async sip(): Promise<void> {
		const read = once(this.#tcp, "data");
		this.#tcp.resume();
		await Promise.race([read, rest(1_000)]);
		this.#tcp.pause();
		await rest(200);
	}

	/** Waits until it has heard enough; throws when its connection is over before. */
	async until(isEnough: () => boolean): Promise<void> {
		while (!isEnough()) await Promise.race([rest(20), this.#over]);
	}

	pause(): void {
		this.#tcp.pause();
	}

	gulp(): void {
		this.#tcp.resume();
	}

	close(): void {
		this.#client.socket.terminate();
	}

	#move(revision: number, isRight: boolean): void {
		if (!isRight) this.faults.push(`${revision} after ${this.revision}`);
		this.revision = revision;
	}
}
