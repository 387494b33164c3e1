import { LocalChannelBus } from "./local-channel-bus.ts";
import type { Transport, TransportPorts } from "./transport.ts";

/** Within one process nothing is needed. */
export class LocalTransport implements Transport {
	readonly middlewares = [];
	readonly #ports: TransportPorts;

	constructor(ports: TransportPorts) {
		this.#ports = ports;
	}

	async openChannels(): Promise<LocalChannelBus> {
		return new LocalChannelBus(this.#ports.logger);
	}
}
