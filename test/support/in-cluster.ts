import { describe } from "@jest/globals";
import { hasHaproxy } from "./haproxy.ts";
import { hasNatsServer } from "./nats-server.ts";
import { hasRedisServer } from "./redis-server.ts";

/** `describe` where the servers of a cluster are installed; elsewhere the suite is skipped, and counted as such. */
export const inCluster =
	hasNatsServer() && hasRedisServer() && hasHaproxy()
		? describe
		: describe.skip;
