import type { ServiceBroker } from "moleculer";
import {
	Empty,
	ErrorCode,
	type NatsConnection,
	type NatsError,
	type Subscription,
} from "nats";
import type { Clock } from "../shared/clock.ts";
import type { BusGuard } from "./bus-guard.ts";

const INTERVAL_MS = 250;
const TIMEOUT_MS = 1_500;
/** So many probes in a row without an answer, and the node is taken for gone. */
const MISSES = 2;
/** After the bus was away, nodes come back to it one by one. */
const GRACE_MS = 2_000;
/** Services whose calls wait for the one node that has the state. */
const STATEFUL = ["document-ot", "ai-stream"];

interface LivenessPorts {
	readonly connection: NatsConnection;
	readonly clock: Clock;
	readonly guard: Pick<BusGuard, "isAway">;
}

/**
 * Faster than heartbeats: NATS says at once that nobody answers for a node whose connection is gone. A wrong verdict
 * is put right by the node's next heartbeat.
 */
export class Liveness {
	readonly #broker: ServiceBroker;
	readonly #ports: LivenessPorts;
	readonly #answering: Subscription;
	/** Nodes that have not answered yet. */
	readonly #asked = new Set<string>();
	readonly #misses = new Map<string, number>();
	#quietUntilMs = 0;
	#cancel = () => {};

	/** From here on this process answers. */
	constructor(broker: ServiceBroker, ports: LivenessPorts) {
		this.#broker = broker;
		this.#ports = ports;
		this.#answering = ports.connection.subscribe(
			this.#subjectOf(broker.nodeID),
			{ callback: (_error, message) => void message.respond() },
		);
	}

	/** Begins to probe the nodes with state. Only gateways do: all by all would grow with the square. */
	probe(): void {
		const { clock, guard } = this.#ports;
		this.#cancel = clock.after(INTERVAL_MS, () => this.probe());
		if (guard.isAway) {
			this.#misses.clear();
			this.#quietUntilMs = clock.nowMs() + GRACE_MS;
		}
		if (clock.nowMs() < this.#quietUntilMs) return;
		for (const { id, local, available, services } of this.#nodes())
			if (
				!local &&
				available &&
				services.some(isStateful) &&
				!this.#asked.has(id)
			)
				void this.#ask(id);
	}

	close(): void {
		this.#cancel();
		this.#answering.unsubscribe();
	}

	async #ask(id: string): Promise<void> {
		const { connection, guard } = this.#ports;
		this.#asked.add(id);
		try {
			await connection.request(this.#subjectOf(id), Empty, {
				timeout: TIMEOUT_MS,
			});
			this.#misses.delete(id);
		} catch (error) {
			if (isSilence(error) && !guard.isAway) this.#miss(id);
		} finally {
			this.#asked.delete(id);
		}
	}

	#miss(id: string): void {
		const misses = (this.#misses.get(id) ?? 0) + 1;
		this.#misses.set(id, misses);
		if (misses < MISSES) return;
		this.#misses.delete(id);
		this.#broker.registry.nodes.disconnected(id, true);
	}

	#nodes() {
		return this.#broker.registry.nodes.toArray();
	}

	#subjectOf(nodeId: string): string {
		return `${this.#broker.namespace}.live.${nodeId}`;
	}
}

const isStateful = ({ name }: Readonly<Record<string, unknown>>): boolean =>
	STATEFUL.includes(name as string);

const isSilence = (error: unknown): boolean => {
	const { code } = error as Partial<NatsError>;
	return code === ErrorCode.NoResponders || code === ErrorCode.Timeout;
};
