import type { BrokerOptions, Middleware } from "moleculer";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";

export interface TransportPorts {
	/** First part of every subject and channel. */
	readonly prefix: string;
	readonly clock: Clock;
	readonly logger: Logger;
	/** The bus is gone for good: the process should end. */
	readonly onFatal: (error: unknown) => void;
}

/** How the processes of one installation talk: calls by Moleculer and fan-out by channels, over one bus. */
export interface Transport {
	/** For the broker. None: there is one process, which calls itself. */
	readonly transporter?: NonNullable<BrokerOptions["transporter"]>;
	/**
	 * They wait for the bus when the broker starts (`UNAVAILABLE` when it does not let this process in), and leave it
	 * when the broker has stopped.
	 */
	readonly middlewares: readonly Middleware[];
	/** Once the bus is there; who asks for them closes them. */
	openChannels(): Promise<ChannelBus>;
}

/** A bus that is not there by then is said to be missing. */
const PATIENCE_MS = 4_000;

/** Waits for the bus for as long as it takes, but not in silence. */
export async function waitForBus<T>(
	opening: Promise<T>,
	{ clock, logger }: TransportPorts,
	at: string,
): Promise<T> {
	const hush = clock.after(PATIENCE_MS, () =>
		logger.error({ at }, "the bus cannot be reached; waiting for it"),
	);
	try {
		return await opening;
	} finally {
		hush();
	}
}
