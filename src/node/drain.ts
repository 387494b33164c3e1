import type { Middleware, Service, ServiceBroker } from "moleculer";

declare module "moleculer" {
	interface ServiceSchema {
		/** Runs before the broker begins to stop, while everything still works: sockets are sent elsewhere. */
		draining?(): void | Promise<void>;
	}
}

/**
 * A phase before `broker.stop()`, which refuses remote calls and stops all services at once: in it the services named
 * in `order` come first. A second signal waits for the first stop; past `hardLimitMs` the process ends.
 */
export const drainMiddleware = ({
	order,
	hardLimitMs,
}: {
	readonly order: readonly string[];
	readonly hardLimitMs: number;
}): Middleware => ({
	name: "Drain",
	created(broker: ServiceBroker) {
		const stop = broker.stop.bind(broker);
		let stopping: Promise<void> | undefined;
		const drainThenStop = async () => {
			const bomb = setTimeout(() => {
				broker.logger.fatal("the shutdown took too long");
				process.exit(1);
			}, hardLimitMs).unref();
			for (const service of inOrder(broker.services, order))
				await drainOf(service)?.catch((error) =>
					service.logger.error("draining failed", error),
				);
			await stop();
			clearTimeout(bomb);
		};
		broker.stop = () => {
			stopping ??= drainThenStop();
			return stopping;
		};
	},
});

const inOrder = (
	services: readonly Service[],
	order: readonly string[],
): readonly Service[] => {
	const rank = ({ name }: Service) =>
		order.includes(name) ? order.indexOf(name) : order.length;
	return [...services].sort((a, b) => rank(a) - rank(b));
};

async function drainOf(service: Service): Promise<void> {
	await service.schema.draining?.call(service);
}
