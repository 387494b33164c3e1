import { randomBytes } from "node:crypto";
import type { BrokerOptions, Middleware } from "moleculer";
import { transportOf } from "./src/bus/open-transport.ts";
// Every node must know the strategy: actions that name an unknown one are not registered with it.
import "./src/bus/owner-routing.ts";
import { openRedisSoftState } from "./src/bus/redis-soft-state.ts";
import type { Transport } from "./src/bus/transport.ts";
import { openStores } from "./src/db/open-stores.ts";
import { systemClock } from "./src/node/clock.ts";
import { type Config, loadConfig } from "./src/node/config.ts";
import { drainMiddleware } from "./src/node/drain.ts";
import { healthMiddleware } from "./src/node/health.ts";
import { openLogger, pinoOptions, stderr } from "./src/node/logger.ts";
import { nodeService } from "./src/node/node-service.ts";
import { openingMiddleware } from "./src/node/opening.ts";
import {
	type Platform,
	platformMiddleware,
	type SoftState,
} from "./src/node/platform.ts";
import { PresenceMemory } from "./src/presence/presence-memory.ts";
import type { Logger } from "./src/shared/logger.ts";

/** How a process of the product runs its broker. */
export async function brokerOptions(config: Config): Promise<BrokerOptions> {
	const logger = openLogger(config.logLevel);
	const transport = await openTransport(config, logger);
	return {
		...memberOptions(config, transport),
		logger: {
			type: "Pino",
			options: {
				level: config.logLevel,
				pino: { options: pinoOptions(config.logLevel), destination: stderr() },
			},
		},
		requestTimeout: 5_000,
		dependencyInterval: 50,
		tracking: { enabled: true, shutdownTimeout: 5_000 },
		metrics: false,
		tracing: false,
		internalServices: { $node: nodeService },
		middlewares: [
			...healthOf(config),
			...transport.middlewares,
			platformMiddleware(config, () => openPlatform(config, logger, transport)),
			openingMiddleware(),
			drainMiddleware({ order: ["ws-gateway"], hardLimitMs: 25_000 }),
		],
	};
}

const healthOf = ({ host, healthPort: port }: Config): Middleware[] =>
	port === undefined ? [] : [healthMiddleware({ host, port })];

/** How a process without services joins the others. */
export async function consoleOptions(config: Config): Promise<BrokerOptions> {
	const transport = await openTransport(config, openLogger(config.logLevel));
	return {
		...memberOptions(config, transport),
		middlewares: [...transport.middlewares],
	};
}

/** The same in every process on one bus. */
const memberOptions = (
	{ namespace, bus }: Config,
	{ transporter }: Transport,
): BrokerOptions => ({
	namespace,
	...(transporter === undefined ? {} : { transporter }),
	heartbeatInterval: 2,
	// Without NATS nothing else tells of a node that has died; it is noticed after at most twice that time.
	heartbeatTimeout: bus?.kind === "redis" ? 4 : 6,
	// A node that comes or goes is told at once; the typings leave that option out.
	transit: { serviceChangedDebounceTime: 50 } as BrokerOptions["transit"] & {},
	registry: { preferLocal: false, stopDelay: 200 },
});

const openTransport = (config: Config, logger: Logger): Promise<Transport> =>
	transportOf(config, {
		clock: systemClock,
		logger,
		onFatal: endWith(logger, "the bus has failed for good"),
	});

async function openPlatform(
	config: Config,
	logger: Logger,
	transport: Transport,
): Promise<Platform> {
	const newId = () => randomBytes(12).toString("base64url");
	const clock = systemClock;
	// A writer that is gone cannot be replaced under the actors: the next start reads everything back.
	const onFatal = endWith(logger, "the database has failed for good");
	const stores = await openStores(config.database, { clock, newId, onFatal });
	const bus = await transport.openChannels();
	const softState = await openSoftState(config, { clock, logger, newId });
	return { config, clock, logger, newId, bus, stores, softState };
}

function openSoftState(
	{ bus, namespace }: Config,
	{ clock, logger, newId }: Pick<Platform, "clock" | "logger" | "newId">,
): SoftState | Promise<SoftState> {
	if (bus !== undefined) {
		const own = { url: bus.redisUrl, namespace, node: newId() };
		return openRedisSoftState({ ...own, clock, logger });
	}
	const presence = new PresenceMemory(clock);
	return { isUp: () => true, presence, close: async () => {} };
}

const endWith = (logger: Logger, why: string) => (error: unknown) => {
	logger.error({ err: error }, why);
	process.exit(1);
};

export default await brokerOptions(loadConfig(process.env));
