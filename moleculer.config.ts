import { randomBytes } from "node:crypto";
import type { BrokerOptions } from "moleculer";
import { LocalChannelBus } from "./src/bus/local-channel-bus.ts";
import { openStores } from "./src/db/open-stores.ts";
import { systemClock } from "./src/node/clock.ts";
import { type Config, loadConfig } from "./src/node/config.ts";
import { drainMiddleware } from "./src/node/drain.ts";
import { openLogger, pinoOptions, stderr } from "./src/node/logger.ts";
import { openingMiddleware } from "./src/node/opening.ts";
import { type Platform, platformMiddleware } from "./src/node/platform.ts";

/** How a process of the product runs its broker. */
export function brokerOptions(config: Config): BrokerOptions {
	return {
		namespace: "prdtool",
		logger: {
			type: "Pino",
			options: {
				level: config.logLevel,
				pino: { options: pinoOptions(config.logLevel), destination: stderr() },
			},
		},
		requestTimeout: 5_000,
		registry: { preferLocal: false, stopDelay: 200 },
		tracking: { enabled: true, shutdownTimeout: 5_000 },
		metrics: false,
		tracing: false,
		middlewares: [
			platformMiddleware(config, openPlatform),
			openingMiddleware(),
			drainMiddleware({ order: ["ws-gateway"], hardLimitMs: 25_000 }),
		],
	};
}

async function openPlatform(config: Config): Promise<Platform> {
	const logger = openLogger(config.logLevel);
	const newId = () => randomBytes(12).toString("base64url");
	const stores = await openStores(config.database, {
		clock: systemClock,
		newId,
		onFatal(error) {
			// A writer that is gone cannot be replaced under the actors: the next start reads everything back.
			logger.error({ err: error }, "the database has failed for good");
			process.exit(1);
		},
	});
	const bus = new LocalChannelBus(logger);
	return { config, clock: systemClock, logger, newId, bus, stores };
}

export default brokerOptions(loadConfig(process.env));
