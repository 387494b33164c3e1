import { openStores } from "../../src/db/open-stores.ts";
import { systemClock } from "../../src/node/clock.ts";
import type { CommittedOp } from "../../src/ot/committed-op.ts";
import type { DocId } from "../../src/shared/ids.ts";
import { ChaosDocument } from "./chaos-document.ts";
import { Nemesis } from "./chaos-nemesis.ts";
import { SlowReader } from "./chaos-slow-reader.ts";
import {
	ComposeCluster,
	type ComposeClusterOptions,
} from "./compose-cluster.ts";
import { checkSeen, replayLog } from "./sim-check.ts";
import { SimRandom } from "./sim-random.ts";

/** Between two moves of anybody. */
const MOVE_MS = 20;
/** People still write so long while messages get lost at the end. */
const LAST_MS = 3_000;
/** Until then somebody who is late shows what else has gone wrong. */
const GIVEN_UP_MS = 60_000;
/** Everybody must be up to date so long after the last fault, sooner than a client gives up on an unanswered edit. */
const REST_MS = 12_000;

export interface ChaosOptions
	extends Pick<ComposeClusterOptions, "bus" | "root"> {
	readonly seed: number;
	/** How long things break; healing and the reckoning come on top. */
	readonly ms: number;
	/**
	 * `calm`: nothing breaks, people write, that is all; `rolling`: every process in turn is told to end and comes back;
	 * `wild`: anything breaks (default).
	 */
	readonly plan?: "calm" | "rolling" | "wild";
	readonly note?: (line: string) => void;
}

export interface ChaosReport {
	readonly seed: number;
	readonly violations: readonly string[];
	readonly faults: readonly string[];
	/** Committed operations of all documents. */
	readonly revisions: number;
	readonly acknowledged: number;
	/** Milliseconds from the last repair until everybody had everything. */
	readonly restedMs: number;
}

/** Runs a cluster, lets people write in it while things break, then holds what they saw against the log. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
	const random = new SimRandom(options.seed);
	const faults: string[] = [];
	let nemesis: Nemesis | undefined;
	const cluster = await ComposeCluster.start({
		...options,
		scale: {
			"document-ot": 3,
			"ws-gateway": 2,
			room: 2,
			presence: 2,
		},
		fateOf: (subject) => nemesis?.fateOf(subject) ?? "pass",
	});
	try {
		nemesis = new Nemesis(cluster, random, (fault) => {
			faults.push(fault);
			options.note?.(fault);
		});
		const documents = ["alpha", "beta"].map(
			(name, net) =>
				new ChaosDocument(`${name}-${options.seed}`, {
					url: cluster.url,
					random,
					clock: systemClock,
					net,
				}),
		);
		const seen = await live(cluster, documents, nemesis, options);
		return { seed: options.seed, faults, ...seen };
	} finally {
		await cluster.close();
	}
}

async function live(
	cluster: ComposeCluster,
	documents: readonly ChaosDocument[],
	nemesis: Nemesis,
	{ ms, seed, plan = "wild" }: ChaosOptions,
): Promise<Omit<ChaosReport, "seed" | "faults">> {
	const random = new SimRandom(seed + 1);
	for (const document of documents) document.invite();
	const slow = new SlowReader(
		cluster.url,
		documents.map(({ docId }) => docId),
	);
	const writing = setInterval(() => {
		const document = random.pick(documents);
		if (plan === "wild" && random.chance(0.003)) document.cutOne();
		else document.step();
	}, MOVE_MS);
	const endMs = performance.now() + ms;
	try {
		if (plan === "rolling") await nemesis.rollAll();
		while (performance.now() < endMs) {
			if (plan === "wild") await nemesis.strike();
			await pause(200 + random.below(1_500));
		}
		await nemesis.heal();
		if (plan === "wild") {
			// The very last words may be among what is lost.
			nemesis.roughen();
			await pause(LAST_MS);
			clearInterval(writing);
			await pause(MOVE_MS);
			await nemesis.heal();
		}
	} finally {
		clearInterval(writing);
		slow.close();
	}
	const log = await Log.open(cluster.databaseUrl);
	try {
		const restedMs = await rest(documents, log);
		const checked = await Promise.all(
			documents.map((document) => check(document, log)),
		);
		return {
			restedMs: Math.round(restedMs),
			revisions: checked.reduce((sum, { revision }) => sum + revision, 0),
			acknowledged: documents.reduce(
				(sum, { tapes }) => sum + tapes.acked.size + tapes.anonymousAcked,
				0,
			),
			violations: [
				...(restedMs > REST_MS ? [`I14 not at rest after ${REST_MS} ms`] : []),
				...nemesis.violations,
				...checkProcesses(cluster),
				...checked.flatMap(({ violations }) => violations),
			],
		};
	} finally {
		for (const document of documents) document.close();
		await log.close();
	}
}

/** Resolves when everybody has everything, or time is over. @returns milliseconds */
async function rest(
	documents: readonly ChaosDocument[],
	log: Log,
): Promise<number> {
	const startMs = performance.now();
	for (;;) {
		for (const document of documents) document.gather();
		await pause(100);
		const heads = await Promise.all(
			documents.map(({ docId }) => log.head(docId)),
		);
		const restedMs = performance.now() - startMs;
		const isAtRest = documents.every((document, i) =>
			document.isAtRest(heads[i] as number),
		);
		if (isAtRest || restedMs > GIVEN_UP_MS) return restedMs;
	}
}

async function check(document: ChaosDocument, log: Log) {
	const ops = await log.read(document.docId);
	const violations = checkSeen(document, ops).map(
		(text) => `${document.docId}: ${text}`,
	);
	const snapshot = await log.snapshot(document.docId);
	if (snapshot !== undefined) {
		const { rev, text } = snapshot;
		if (replayLog(ops.slice(0, rev), rev).text !== text)
			violations.push(`${document.docId}: I15 the snapshot at ${rev} differs`);
	}
	return { violations, revision: ops.length };
}

function* checkProcesses({ replicas }: ComposeCluster): Iterable<string> {
	for (const { service, address, hasCrashed, log } of replicas) {
		if (hasCrashed) yield `I25 ${service} at ${address} has crashed: ${log}`;
		const [failure] =
			/.*(unhandledRejection|uncaughtException).*/.exec(log) ?? [];
		if (failure !== undefined) yield `I25 ${service} at ${address}: ${failure}`;
	}
}

const pause = (ms: number): Promise<void> =>
	new Promise((resolve) => setTimeout(resolve, ms));

/** The truth, read from the database by a way that nothing breaks. */
class Log {
	readonly #stores: Awaited<ReturnType<typeof openStores>>;

	private constructor(stores: Awaited<ReturnType<typeof openStores>>) {
		this.#stores = stores;
	}

	static async open(url: string): Promise<Log> {
		return new Log(
			await openStores(
				{ kind: "postgres", url },
				{ clock: systemClock, newId: () => "chaos", onFatal: () => {} },
			),
		);
	}

	async head(docId: string): Promise<number> {
		return (await this.#find(docId))?.head ?? 0;
	}

	async read(docId: string): Promise<readonly CommittedOp[]> {
		const found = await this.#find(docId);
		if (found === undefined) return [];
		const { docKey, head } = found;
		return this.#stores.opLog.since(docKey, 0, head, head + 1);
	}

	async snapshot(docId: string) {
		const found = await this.#find(docId);
		return found && this.#stores.snapshots.latest(found.docKey);
	}

	close(): Promise<void> {
		return this.#stores.close();
	}

	#find(docId: string) {
		return this.#stores.opLog.find(docId as DocId);
	}
}
