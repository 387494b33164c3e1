import type { Redis } from "ioredis";
import { CollabError } from "../protocol/errors.ts";
import type { Logger } from "../shared/logger.ts";

const CONNECT_TIMEOUT_MS = 4_000;
/** Who asks Redis has somebody waiting, and does without it when it is slow. */
const COMMAND_TIMEOUT_MS = 1_000;
/** So many commands in a row without an answer: the connection is given up for a new one. */
const MOST_TIMEOUTS = 3;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;

/** A Lua script, run where the data is. */
export type RedisScript = (
	keys: readonly string[],
	args: readonly (string | number)[],
) => Promise<unknown>;

type ScriptCommand = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * The process's one connection to Redis for state that is shared for a while. What is asked while Redis is away fails
 * at once, never later: `UNAVAILABLE`. It comes back by itself.
 */
export class RedisLink {
	readonly #redis: Redis;
	readonly #logger: Logger;
	#isOut = false;
	#timeouts = 0;
	#reason = "";
	#scripts = 0;

	constructor(redis: Redis, logger: Logger) {
		this.#redis = redis;
		this.#logger = logger;
		redis.on("error", (error: Error) => {
			this.#reason = error.message;
		});
		redis.on("ready", () => this.#noteUp());
		redis.on("close", () => this.#noteDown());
	}

	get isUp(): boolean {
		return !this.#isOut && this.#redis.status === "ready";
	}

	/** Throws `UNAVAILABLE` for whatever goes wrong: nobody who keeps soft state here can do better than go on without. */
	async ask<Answer>(
		command: (redis: Redis) => Promise<Answer>,
	): Promise<Answer> {
		try {
			const answer = await command(this.#redis);
			this.#timeouts = 0;
			return answer;
		} catch (cause) {
			this.#noteFailure(cause);
			throw new CollabError(
				"UNAVAILABLE",
				"The shared state cannot be reached at the moment",
				{ reason: "redis" },
				{ cause },
			);
		}
	}

	/** Makes a script ready for use; its text travels once to each server. It fails like `ask`. */
	script(lua: string): RedisScript {
		this.#scripts += 1;
		const name = `script${this.#scripts}`;
		this.#redis.defineCommand(name, { lua });
		return (keys, args) =>
			this.ask((redis) => {
				// The library has added the method by its name, which its types cannot know.
				const methods = redis as unknown as Record<string, ScriptCommand>;
				const run = methods[name] as ScriptCommand;
				return run.call(redis, keys.length, ...keys, ...args);
			});
	}

	async close(): Promise<void> {
		this.#isOut = true;
		this.#redis.disconnect();
	}

	#noteFailure(error: unknown): void {
		const isTimeout =
			error instanceof Error && error.message === "Command timed out";
		this.#timeouts = isTimeout ? this.#timeouts + 1 : 0;
		if (this.#timeouts < MOST_TIMEOUTS) return;
		this.#timeouts = 0;
		this.#reason = "no answer";
		this.#noteDown();
		this.#redis.disconnect(true);
	}

	#noteUp(): void {
		if (this.#isOut) this.#logger.info({}, "Redis is back");
		this.#isOut = false;
	}

	/** Once per outage: the attempts that follow end in the same event. */
	#noteDown(): void {
		if (this.#isOut) return;
		this.#isOut = true;
		this.#logger.warn(
			{ reason: this.#reason },
			"Redis is away: presence and quotas are each node's own",
		);
	}
}

/**
 * Connects, and does not insist: without Redis people edit all the same.
 * @returns the link when it is up, or when the first attempt has failed or taken 4 s
 */
export async function openRedis({
	url,
	logger,
}: {
	readonly url: string;
	readonly logger: Logger;
}): Promise<RedisLink> {
	// Imported on first use: a process that is alone needs none.
	const { Redis } = await import("ioredis");
	const redis = new Redis(url, {
		lazyConnect: true,
		enableOfflineQueue: false,
		// Whatever has no answer when the line breaks fails then, and is never sent again.
		maxRetriesPerRequest: 0,
		autoResendUnfulfilledCommands: false,
		disableClientInfo: true,
		connectTimeout: CONNECT_TIMEOUT_MS,
		commandTimeout: COMMAND_TIMEOUT_MS,
		retryStrategy: (attempt) =>
			Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LAST_RETRY_MS),
	});
	const link = new RedisLink(redis, logger);
	await redis.connect().catch(() => {});
	return link;
}
