import { type Middleware, type ServiceBroker, Transporters } from "moleculer";
import { connect, Events, type NatsConnection } from "nats";
import type { BusConfig } from "../node/bus-config.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";
import { BusGuard } from "./bus-guard.ts";
import { Liveness } from "./liveness.ts";
import { NatsChannelBus } from "./nats-channel-bus.ts";
import {
	type Transport,
	type TransportPorts,
	waitForBus,
} from "./transport.ts";

type NatsConfig = Extract<BusConfig, { kind: "nats" }>;

/** One connection for calls, channels and signs of life. */
export class NatsTransport implements Transport {
	readonly #config: NatsConfig;
	readonly #ports: TransportPorts;
	readonly #guard = new BusGuard();
	readonly transporter = new NatsTransporter(this.#guard);
	readonly middlewares: readonly Middleware[] = [
		this.#guard.middleware,
		{
			name: "Nats",
			starting: (broker) => this.#open(broker),
			started: async (broker) => this.#probe(broker),
			stopped: () => this.#close(),
		},
	];
	#liveness: Liveness | undefined;
	#isClosing = false;

	constructor(config: NatsConfig, ports: TransportPorts) {
		this.#config = config;
		this.#ports = ports;
	}

	async openChannels(): Promise<ChannelBus> {
		const { prefix, logger } = this.#ports;
		const connection = this.transporter.client as NatsConnection;
		return new NatsChannelBus({ connection, prefix, logger });
	}

	async #open(broker: ServiceBroker): Promise<void> {
		const at = this.#config.servers.join(", ");
		const connection = await waitForBus(this.#connect(), this.#ports, at);
		this.transporter.client = connection;
		const guard = this.#guard;
		// Before anybody hears of this node.
		this.#liveness = new Liveness(broker, {
			...this.#ports,
			connection,
			guard,
		});
		void watch(connection, guard);
		void connection.closed().then((error) => {
			if (!this.#isClosing) this.#ports.onFatal(error);
		});
	}

	#probe(broker: ServiceBroker): void {
		if (broker.getLocalService("ws-gateway")) this.#liveness?.probe();
	}

	async #close(): Promise<void> {
		this.#isClosing = true;
		this.#liveness?.close();
		await this.transporter.client?.close();
	}

	async #connect(): Promise<NatsConnection> {
		const { servers, user, password } = this.#config;
		try {
			return await connect({
				servers: [...servers],
				...(user === undefined ? {} : { user }),
				...(password === undefined ? {} : { pass: password }),
				name: this.#ports.prefix,
				reconnectTimeWait: 250,
				maxReconnectAttempts: -1,
				waitOnFirstConnect: true,
				// A server that says nothing more is noticed in seconds, not in minutes.
				pingInterval: 5_000,
				maxPingOut: 2,
			});
		} catch (cause) {
			const data = { reason: "bus" };
			throw new CollabError("UNAVAILABLE", "NATS refuses this process", data, {
				cause,
			});
		}
	}
}

/** Moleculer on a connection that others use too: it neither opens nor closes it. */
class NatsTransporter extends Transporters.NATS {
	declare client: NatsConnection | undefined;
	readonly #guard: BusGuard;

	constructor(guard: BusGuard) {
		super();
		this.#guard = guard;
	}

	override connect(): Promise<void> {
		return this.onConnected();
	}

	override async disconnect(): Promise<void> {
		this.connected = false;
		// What was sent last goes out; a server that goes away now will not miss it.
		if (!this.#guard.isAway) await this.client?.flush().catch(() => {});
	}
}

async function watch(
	connection: NatsConnection,
	guard: BusGuard,
): Promise<void> {
	for await (const { type } of connection.status())
		if (type === Events.Disconnect) guard.lost();
		else if (type === Events.Reconnect) await guard.returned();
}
