import type { Config } from "../node/config.ts";
import { LocalTransport } from "./local-transport.ts";
import type { Transport, TransportPorts } from "./transport.ts";

/** The transport of the configuration; what only another one needs is not loaded. */
export async function transportOf(
	{ bus, namespace }: Config,
	rest: Omit<TransportPorts, "prefix">,
): Promise<Transport> {
	const ports = { ...rest, prefix: namespace };
	if (bus?.kind === "nats") {
		const { NatsTransport } = await import("./nats-transport.ts");
		return new NatsTransport(bus, ports);
	}
	if (bus?.kind === "redis") {
		const { RedisTransport } = await import("./redis-transport.ts");
		return new RedisTransport(bus.redisUrl, ports);
	}
	return new LocalTransport(ports);
}
