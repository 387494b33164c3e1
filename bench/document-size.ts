// Cost of an edit in a small and in a large document, beside each other in one run: it must not grow with the size.
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { Product, tokenFor } from "../test/support/product.ts";

const SIZES = { "1 KB": 1_000, "1 MB": 1_000_000 } as const;
const ROUNDS = 7;
const EDITS = 3_000;
const WINDOW = 8;
const PIECE = 50_000;
/** Clock ticks per second of /proc/<pid>/stat. */
const TICKS = 100;

interface Cost {
	readonly wallUs: number;
	readonly cpuUs: number;
}

/** One native session that edits one document, up to `WINDOW` edits in flight. */
class Writer {
	readonly #socket: WebSocket;
	readonly #docId: string;
	#revision = 0;
	#acked = 0;
	#sent = 0;
	#wake: (() => void) | undefined;

	private constructor(socket: WebSocket, docId: string) {
		this.#socket = socket;
		this.#docId = docId;
	}

	static async open(product: Product, docId: string): Promise<Writer> {
		const socket = new WebSocket(product.ws, {
			headers: { authorization: `Bearer ${tokenFor("bench")}` },
		});
		const writer = new Writer(socket, docId);
		const joined = Promise.withResolvers<void>();
		socket.on("message", (data) => {
			const frame = JSON.parse(String(data));
			if (frame.type === "operation:ack") writer.#ack(frame.data.revision);
			else if (frame.id === "join") joined.resolve();
			else if (frame.type.startsWith("error:"))
				throw new Error(JSON.stringify(frame));
		});
		await new Promise((open) => socket.once("open", open));
		writer.#send({
			id: "join",
			type: "document:join",
			data: { prdId: docId, mode: "edit", format: "native" },
		});
		await joined.promise;
		return writer;
	}

	async edit(op: readonly unknown[]): Promise<void> {
		while (this.#sent - this.#acked >= WINDOW) await this.#answer();
		this.#sent += 1;
		const { prdId, revision } = {
			prdId: this.#docId,
			revision: this.#revision,
		};
		this.#send({
			type: "operation:edit",
			data: { prdId, operation: { op, revision } },
		});
	}

	async settled(): Promise<void> {
		while (this.#acked < this.#sent) await this.#answer();
	}

	close(): void {
		this.#socket.close();
	}

	#ack(revision: number): void {
		this.#revision = revision;
		this.#acked += 1;
		this.#wake?.();
	}

	#answer(): Promise<void> {
		return new Promise((wake) => {
			this.#wake = wake;
		});
	}

	#send(frame: unknown): void {
		this.#socket.send(JSON.stringify(frame));
	}
}

function cpuSeconds(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1];
	const [utime = 0, stime = 0] = (fields ?? "")
		.split(" ")
		.slice(11, 13)
		.map(Number);
	return (utime + stime) / TICKS;
}

async function measure(
	pid: number,
	writer: Writer,
	size: number,
): Promise<Cost> {
	const cpu = cpuSeconds(pid);
	const start = performance.now();
	for (let i = 0; i < EDITS; i++) {
		// Typing and deleting by turns, all over the text: the size stays as it is.
		const at = 1 + ((i * 7_919) % (size - 10));
		await writer.edit(i % 2 === 0 ? [at, "x"] : [at, { d: 1 }]);
	}
	await writer.settled();
	return {
		wallUs: ((performance.now() - start) * 1_000) / EDITS,
		cpuUs: ((cpuSeconds(pid) - cpu) * 1e6) / EDITS,
	};
}

const median = (values: readonly number[]): number =>
	[...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function main(): Promise<void> {
	const dataDir = await mkdtemp(join(tmpdir(), "prdtool-bench-"));
	const product = await Product.start(dataDir, { RATE_LIMITS: "off" });
	try {
		const costs = new Map<string, Cost[]>();
		const writers = new Map<string, Writer>();
		for (const [name, size] of Object.entries(SIZES)) {
			const writer = await Writer.open(product, `size-${size}`);
			for (let n = 0; n < size; n += PIECE)
				await writer.edit(["m".repeat(Math.min(PIECE, size - n))]);
			await writer.settled();
			writers.set(name, writer);
			costs.set(name, []);
		}
		// Round 0 warms up; the sizes take turns so that both meet the same machine.
		for (let round = 0; round <= ROUNDS; round++)
			for (const [name, size] of Object.entries(SIZES)) {
				const cost = await measure(
					product.pid,
					writers.get(name) as Writer,
					size,
				);
				if (round > 0) costs.get(name)?.push(cost);
			}
		report(costs);
		for (const writer of writers.values()) writer.close();
	} finally {
		await product.stop();
		await rm(dataDir, { recursive: true });
	}
}

function report(costs: ReadonlyMap<string, readonly Cost[]>): void {
	console.log(
		`${ROUNDS} rounds of ${EDITS} edits, window ${WINDOW}, durable acks; medians`,
	);
	const cpu: number[] = [];
	for (const [name, list] of costs) {
		const cpuUs = median(list.map((cost) => cost.cpuUs));
		const wallUs = median(list.map((cost) => cost.wallUs));
		cpu.push(cpuUs);
		console.log(
			`${name}  ${cpuUs.toFixed(1).padStart(7)} us CPU/op  ${wallUs.toFixed(1).padStart(7)} us/op`,
		);
	}
	const [small = Number.NaN, large = Number.NaN] = cpu;
	console.log(`large/small  ${(large / small).toFixed(2)}`);
}

await main();
