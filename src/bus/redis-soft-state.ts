import type { PresenceBook } from "../presence/presence-book.ts";
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { Quota } from "../shared/ports/quota.ts";
import { openRedis } from "./redis-link.ts";
import { RedisPresenceBook } from "./redis-presence-book.ts";
import { RedisQuota } from "./redis-quota.ts";

/** Opens what processes share for a while, over one connection to Redis; a Redis that is away is used when it is back. */
export async function openRedisSoftState(options: {
	readonly url: string;
	/** First part of every key. */
	readonly namespace: string;
	/** This process, never used by another one. */
	readonly node: string;
	readonly clock: Clock;
	readonly logger: Logger;
}) {
	const link = await openRedis(options);
	const presence: PresenceBook = new RedisPresenceBook(link, options.namespace);
	const quota = new RedisQuota(link, options);
	quota.open();
	return {
		isUp: () => link.isUp,
		presence,
		quota: quota as Quota,
		async close(): Promise<void> {
			await quota.close();
			await link.close();
		},
	};
}
