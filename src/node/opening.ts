import type { Middleware, Service, ServiceBroker } from "moleculer";

declare module "moleculer" {
	interface ServiceSchema {
		/** Runs when every service of this process has started: only now may somebody come in. Failing, it fails the start. */
		opening?(): Promise<void>;
	}
}

/** A phase after `started`, in which doors are opened: services start side by side, in no order. */
export const openingMiddleware = (): Middleware => ({
	name: "Opening",
	async started(broker: ServiceBroker) {
		for (const service of broker.services) await open(service);
	},
});

async function open(service: Service): Promise<void> {
	await service.schema.opening?.call(service);
}
