// Ten thousand real connections in 2,500 rooms on one process: how fast they come in, what they cost, how edits fare.
// `node bench/connections.ts [--seconds 120] [--connections 10000] [--rooms 2500] [--edits 500]`
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { Product, tokenFor } from "../test/support/product.ts";
import { LeanSocket } from "./lean-socket.ts";

interface Load {
	readonly connections: number;
	readonly rooms: number;
	readonly seconds: number;
	/** Edits per second, all together. */
	readonly edits: number;
}

const { values } = parseArgs({
	options: {
		connections: { type: "string", default: "10000" },
		rooms: { type: "string", default: "2500" },
		seconds: { type: "string", default: "120" },
		edits: { type: "string", default: "500" },
		/** Set for the child that makes the load. */
		url: { type: "string" },
	},
});
const load: Load = {
	connections: Number(values.connections),
	rooms: Number(values.rooms),
	seconds: Number(values.seconds),
	edits: Number(values.edits),
};
/** Connections that are being opened at the same time. */
const OPENING = 400;
const TICK_MS = 20;

const quantile = (sorted: readonly number[], q: number): number =>
	sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ??
	Number.NaN;
const say = (line: string): void => {
	process.stdout.write(`${line}\n`);
};

/** One person in one room, who knows no more of the protocol than he needs. */
class Guest {
	readonly #socket: LeanSocket;
	readonly #prdId: string;
	readonly #joined = Promise.withResolvers<void>();
	#sentAt = 0;
	readonly #latencies: number[];
	heard = 0;
	isBusy = false;

	constructor(url: URL, index: number, latencies: number[]) {
		this.#prdId = `room-${index % load.rooms}`;
		this.#latencies = latencies;
		this.#socket = new LeanSocket(url, tokenOf(index), {
			opened: () =>
				this.#send("document:join", { mode: "edit", format: "native" }, "j"),
			ended: (why) => this.#joined.reject(new Error(why)),
			receive: (payload) => this.#hear(payload),
		});
	}

	get isOpen(): boolean {
		return this.#socket.isOpen;
	}

	/** Resolves when it is in its room. */
	joined(): Promise<void> {
		return this.#joined.promise;
	}

	edit(): void {
		this.isBusy = true;
		this.#sentAt = performance.now();
		this.#send("operation:edit", {
			operation: { op: ["x"], revision: 0 },
		});
	}

	#send(type: string, data: object, id?: string): void {
		const payload = { prdId: this.#prdId, ...data };
		this.#socket.send(JSON.stringify({ type, id, data: payload }));
	}

	#hear(data: Buffer): void {
		// The beginning of a frame tells what it is: a load generator that parses everything measures itself.
		const start = data.toString("latin1", 0, 32);
		if (start.startsWith('{"type":"operation:ack"')) {
			this.isBusy = false;
			this.#latencies.push(performance.now() - this.#sentAt);
		} else if (start.startsWith('{"type":"operation:applied"')) this.heard += 1;
		else if (start.startsWith('{"type":"ack"')) this.#joined.resolve();
		else if (start.startsWith('{"type":"error')) throw new Error(String(data));
	}
}

/** People share tokens: signing ten thousand would be measured too. */
const tokens: string[] = [];
const tokenOf = (index: number): string => {
	const person = index % 100;
	tokens[person] ??= tokenFor(`person-${person}`, {
		permissions: { "room-*": "edit" },
	});
	return tokens[person];
};

/** The child: opens everything, edits, and prints what it saw as one JSON line per phase. */
async function generate(url: string): Promise<void> {
	const latencies: number[] = [];
	for (let person = 0; person < 100; person++) tokenOf(person);
	const address = new URL(url);
	const startedAt = performance.now();
	const guests: Guest[] = [];
	let next = 0;
	const opener = async () => {
		while (next < load.connections) {
			const guest = new Guest(address, next++, latencies);
			await guest.joined();
			guests.push(guest);
		}
	};
	await Promise.all(Array.from({ length: OPENING }, opener));
	say(JSON.stringify({ joinedMs: performance.now() - startedAt }));
	const until = performance.now() + load.seconds * 1_000;
	let turn = 0;
	let owed = 0;
	let skipped = 0;
	let lastAt = performance.now();
	while (performance.now() < until) {
		await new Promise((tick) => setTimeout(tick, TICK_MS));
		const now = performance.now();
		owed += (load.edits * (now - lastAt)) / 1_000;
		lastAt = now;
		for (; owed >= 1; owed--) {
			const guest = guests[(turn++ * 7_919) % guests.length] as Guest;
			if (guest.isBusy) skipped += 1;
			else guest.edit();
		}
	}
	await new Promise((rest) => setTimeout(rest, 500));
	const sorted = latencies.toSorted((a, b) => a - b);
	say(
		JSON.stringify({
			open: guests.filter(({ isOpen }) => isOpen).length,
			acks: sorted.length,
			unanswered: guests.filter(({ isBusy }) => isBusy).length,
			skipped,
			heard: guests.reduce((sum, guest) => sum + guest.heard, 0),
			p50: quantile(sorted, 0.5),
			p99: quantile(sorted, 0.99),
			max: quantile(sorted, 1),
		}),
	);
	process.exit(0);
}

function rssKiB(pid: number): number {
	const status = readFileSync(`/proc/${pid}/status`, "utf8");
	return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
}

/** Milliseconds of CPU that the process has used; Linux counts hundredths of a second. */
function cpuMs(pid: number): number {
	const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
	const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return 10 * (Number(fields[11]) + Number(fields[12]));
}

async function main(): Promise<void> {
	const dataDir = await mkdtemp(join(tmpdir(), "prdtool-bench-"));
	const product = await Product.start(dataDir, { RATE_LIMITS: "off" });
	try {
		const before = rssKiB(product.pid);
		const cpuBefore = cpuMs(product.pid);
		const child = spawn(
			process.execPath,
			[import.meta.filename, ...process.argv.slice(2), "--url", product.ws],
			{ stdio: ["ignore", "pipe", "inherit"] },
		);
		const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
		const read = async () => {
			const { value, done } = await lines.next();
			if (done)
				throw new Error(
					`the load generator ended early:\n${product.log().slice(-3_000)}`,
				);
			return JSON.parse(value);
		};
		const { joinedMs } = await read();
		const { connections, rooms, edits, seconds } = load;
		say(
			`${connections} connections in ${rooms} rooms joined in ${(joinedMs / 1_000).toFixed(2)} s`,
		);
		const cpu = (cpuMs(product.pid) - cpuBefore) / connections;
		say(`cpu     ${cpu.toFixed(3)} ms a connection, of all threads`);
		const perConnection = (rssKiB(product.pid) - before) / connections;
		say(`memory  ${perConnection.toFixed(1)} KiB a connection after joining`);
		const seen = await read();
		const after = (rssKiB(product.pid) - before) / connections;
		say(
			`${seconds} s with ${edits} edits/s: ${seen.open} still open, ${seen.acks} acks, ${seen.unanswered} unanswered, ${seen.skipped} not sent because the one before had no answer, ${seen.heard} deliveries`,
		);
		say(
			`ack     p50 ${seen.p50.toFixed(2)} ms  p99 ${seen.p99.toFixed(2)} ms  max ${seen.max.toFixed(1)} ms`,
		);
		say(`memory  ${after.toFixed(1)} KiB a connection at the end`);
		await once(child, "exit");
	} finally {
		await product.kill();
		await rm(dataDir, { recursive: true });
	}
}

await (values.url === undefined ? main() : generate(values.url));
