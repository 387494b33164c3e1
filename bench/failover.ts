// How long people wait when something dies: `npm run bench:failover [-- --bus redis] [--rounds 10]`
import { parseArgs } from "node:util";
import { type Client, connect } from "../src/sdk/client.ts";
import { ComposeCluster } from "../test/support/compose-cluster.ts";
import { tokenFor } from "../test/support/product.ts";
import type { Replica } from "../test/support/replica.ts";

const { values } = parseArgs({
	options: {
		bus: { type: "string", default: "nats" },
		rounds: { type: "string", default: "10" },
	},
});
const ROUNDS = Number(values.rounds);
const DOCUMENTS = 24;
const TYPE_MS = 25;

const pause = (ms: number): Promise<void> =>
	new Promise((resolve) => setTimeout(resolve, ms));
const say = (line: string): void => {
	process.stdout.write(`${line}\n`);
};
const median = (list: readonly number[]): number =>
	list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;

/** Somebody who types all the time; the longest wait for something to be saved is noted. */
class Typist {
	readonly #client: Client;
	readonly #docId: string;
	#typing: NodeJS.Timeout | undefined;
	#savedAtMs = performance.now();
	#longestMs = 0;
	/** Connections lost since `mark`. */
	losses = 0;

	constructor(url: string, docId: string) {
		this.#docId = docId;
		this.#client = connect({
			url: `${url.replace(/^http/, "ws")}/ws`,
			token: tokenFor(`typist-${docId}`, { permissions: { "*": "edit" } }),
		});
		this.#client.on("status", ({ status }) => {
			if (status === "offline") this.losses += 1;
		});
	}

	async start(): Promise<void> {
		const doc = await this.#client.open(this.#docId);
		doc.on("saved", () => {
			const nowMs = performance.now();
			this.#longestMs = Math.max(this.#longestMs, nowMs - this.#savedAtMs);
			this.#savedAtMs = nowMs;
		});
		this.#typing = setInterval(() => {
			if (doc.saveState === "saved") doc.insert(0, "x");
		}, TYPE_MS);
	}

	mark(): void {
		this.#savedAtMs = performance.now();
		this.#longestMs = 0;
		this.losses = 0;
	}

	/** The longest time without anything being saved, since `mark`. */
	get waitedMs(): number {
		return Math.max(this.#longestMs, performance.now() - this.#savedAtMs);
	}

	hasSavedSince(ms: number): boolean {
		return this.#savedAtMs > ms;
	}

	stop(): void {
		clearInterval(this.#typing);
		this.#client.close();
	}
}

/** Everybody's longest wait from now until all have saved something again. */
async function waits(
	typists: readonly Typist[],
	breakIt: () => Promise<unknown>,
): Promise<readonly number[]> {
	for (const typist of typists) typist.mark();
	await breakIt();
	const brokenAtMs = performance.now();
	while (!typists.every((typist) => typist.hasSavedSince(brokenAtMs)))
		await pause(5);
	// A second dip, when something comes back, counts as well.
	await pause(1_000);
	return typists.map(({ waitedMs }) => waitedMs);
}

const longest = (list: readonly number[]): number => Math.max(...list);
const show = (list: readonly number[]): string =>
	`median ${median(list).toFixed(0)} ms  max ${longest(list).toFixed(0)} ms  (${list.map((ms) => ms.toFixed(0)).join(" ")})`;

async function killing(
	replicas: readonly Replica[],
	typists: readonly Typist[],
): Promise<readonly number[]> {
	const found: number[] = [];
	for (let round = 0; round < ROUNDS; round++) {
		const victim = replicas[round % replicas.length] as Replica;
		found.push(longest(await waits(typists, () => victim.kill())));
		await victim.start();
		await pause(1_500);
	}
	return found;
}

const bus = values.bus === "redis" ? "redis" : "nats";
const cluster = await ComposeCluster.start({
	bus,
	scale: { "document-ot": 3, "ws-gateway": 2, room: 2, presence: 2 },
});
const typists = Array.from(
	{ length: DOCUMENTS },
	(_, i) => new Typist(cluster.url, `failover-${i}`),
);
try {
	await Promise.all(typists.map((typist) => typist.start()));
	await pause(2_000);
	say(`bus ${bus}, ${DOCUMENTS} documents with one typist each`);
	say(
		`document-ot killed: until everybody has something saved again  ${show(await killing(cluster.of("document-ot"), typists))}`,
	);
	say(
		`ws-gateway killed: until everybody is back and saved           ${show(await killing(cluster.of("ws-gateway"), typists))}`,
	);
	const returned = await waits(typists, () => cluster.server(bus).restart());
	const losses = typists.reduce((sum, { losses }) => sum + losses, 0);
	say(
		`${bus} killed and restarted: longest wait ${longest(returned).toFixed(0)} ms, ${losses} connections lost`,
	);
} finally {
	for (const typist of typists) typist.stop();
	await cluster.close();
}
process.exit(0);
