import type { ComposeCluster } from "./compose-cluster.ts";
import type { FaultyServer } from "./compose-servers.ts";
import type { Fate } from "./nats-mangler.ts";
import type { Replica } from "./replica.ts";
import type { SimRandom } from "./sim-random.ts";

/** How likely each thing happens to a message between nodes. */
const ROUGH_NETWORK: readonly (readonly [number, Fate])[] = [
	[0.88, "pass"],
	[0.04, "drop"],
	[0.04, "twice"],
	[0.04, "late"],
];

const ROUGH = "messages lost, doubled and late";

interface Fault {
	readonly name: string;
	/** Breaks something, waits, and repairs it. */
	readonly run: () => Promise<void>;
}

/** Breaks things, one after another, as its seed has it. */
export class Nemesis {
	readonly #cluster: ComposeCluster;
	readonly #random: SimRandom;
	readonly #note: (what: string) => void;
	/** What was not as it must be: a process that ended with another code than 0. */
	readonly violations: string[] = [];
	#isRough = false;

	constructor(
		cluster: ComposeCluster,
		random: SimRandom,
		note: (what: string) => void,
	) {
		this.#cluster = cluster;
		this.#random = random;
		this.#note = note;
	}

	/** What becomes of a message on NATS now. */
	fateOf(subject: string): Fate {
		if (!this.#isRough) return "pass";
		if (subject.startsWith("prdtool."))
			return this.#random.weighted(ROUGH_NETWORK);
		// A request may be heard twice; that one is lost without a sign does not happen on a live connection.
		return subject.includes(".REQ.") && this.#random.chance(0.05)
			? "twice"
			: "pass";
	}

	/** One fault from beginning to end. */
	async strike(): Promise<void> {
		const { name, run } = this.#random.weighted(this.#faults());
		this.#note(name);
		await run();
	}

	/** Tells every process in turn to end, and starts it again. */
	async rollAll(): Promise<void> {
		for (const replica of this.#cluster.replicas) {
			this.#note(`stop ${nameOf(replica)}`);
			await this.#restart(replica);
		}
	}

	/** Messages are lost, doubled and late, until `heal`. */
	roughen(): void {
		this.#note(ROUGH);
		this.#isRough = true;
	}

	/** Everything runs and every line is whole. */
	async heal(): Promise<void> {
		this.#isRough = false;
		for (const { line } of this.#cluster.servers) line.heal();
		for (const replica of this.#cluster.replicas) replica.thaw();
		await Promise.all(
			this.#cluster.replicas
				.filter(({ isDown }) => isDown)
				.map((replica) => replica.start()),
		);
	}

	#faults(): readonly (readonly [number, Fault])[] {
		const { replicas, servers } = this.#cluster;
		const replica = this.#random.pick(replicas);
		const server = this.#random.pick(servers);
		const pick = (service: string) =>
			this.#random.pick(this.#cluster.of(service));
		return [
			[3, this.#killing(replica)],
			[3, this.#killing(pick("document-ot"))],
			[2, this.#killing(pick("ws-gateway"))],
			[2, this.#freezing(replica)],
			[2, this.#freezing(pick("document-ot"))],
			[2, this.#stopping(replica)],
			[3, this.#cutting(server)],
			[1, this.#restarting(server)],
			[2, this.#stalling(server)],
			[2, this.#delaying(server)],
			[3, this.#roughening()],
			[1, this.#rolling(this.#random.pick(["document-ot", "ws-gateway"]))],
		];
	}

	#killing(replica: Replica): Fault {
		return this.#fault(`kill -9 ${nameOf(replica)}`, async () => {
			await replica.kill();
			await this.#wait(300, 4_000);
			await replica.start();
		});
	}

	#freezing(replica: Replica): Fault {
		return this.#fault(`freeze ${nameOf(replica)}`, async () => {
			replica.freeze();
			await this.#wait(500, 9_000);
			replica.thaw();
		});
	}

	#stopping(replica: Replica): Fault {
		return this.#fault(`stop ${nameOf(replica)}`, () => this.#restart(replica));
	}

	#rolling(service: string): Fault {
		return this.#fault(`rolling restart of ${service}`, async () => {
			for (const replica of this.#cluster.of(service))
				await this.#restart(replica);
		});
	}

	#cutting({ name, line }: FaultyServer): Fault {
		return this.#fault(`cut ${name}`, async () => {
			line.cut();
			await this.#wait(300, 4_000);
			line.heal();
		});
	}

	#restarting(server: FaultyServer): Fault {
		return this.#fault(`restart ${server.name}`, () => server.restart());
	}

	#stalling({ name, line }: FaultyServer): Fault {
		return this.#fault(`stall ${name}`, async () => {
			line.shape(this.#random.pick(["toServer", "toClient"]), {
				isStalled: true,
			});
			await this.#wait(300, 4_000);
			line.heal();
		});
	}

	#delaying({ name, line }: FaultyServer): Fault {
		return this.#fault(`delay ${name}`, async () => {
			line.shape("toClient", { delayMs: 20 + this.#random.below(200) });
			line.shape("toServer", { bytesPerSecond: 200_000 });
			await this.#wait(1_000, 4_000);
			line.heal();
		});
	}

	#roughening(): Fault {
		return this.#fault(ROUGH, async () => {
			this.#isRough = true;
			await this.#wait(1_000, 6_000);
			this.#isRough = false;
		});
	}

	async #restart(replica: Replica): Promise<void> {
		const code = await replica.stop();
		if (code !== 0)
			this.violations.push(`I30 ${nameOf(replica)} ended with ${code}`);
		await replica.start();
	}

	#fault(name: string, run: () => Promise<void>): Fault {
		return { name, run };
	}

	/** Anything between the two; how long a fault lasts is part of it. */
	#wait(leastMs: number, mostMs: number): Promise<void> {
		const ms = leastMs + this.#random.below(mostMs - leastMs);
		return new Promise((resolve) => setTimeout(resolve, ms));
	}
}

const nameOf = ({ service, address }: Replica): string =>
	`${service} at ${address}`;
