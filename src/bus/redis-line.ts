import { Redis } from "ioredis";
import { CollabError } from "../protocol/errors.ts";
import type { Clock } from "../shared/clock.ts";

/** A server that cannot be reached is said within 5 s. */
const OPEN_MS = 4_500;
const PULSE_MS = 5_000;
const LONGEST_RETRY_MS = 1_000;

/** A connection that keeps nothing for later: what is asked while it is down fails at once. */
export const createRedis = (url: string): Redis =>
	new Redis(url, {
		lazyConnect: true,
		enableOfflineQueue: false,
		// Whatever has no answer when the line breaks fails then, and is never sent again.
		maxRetriesPerRequest: 0,
		autoResendUnfulfilledCommands: false,
		// The bus does it itself: only so it knows when it is done.
		autoResubscribe: false,
		disableClientInfo: true,
		disconnectTimeout: 1_000,
		retryStrategy: (attempt) => Math.min(attempt * 50, LONGEST_RETRY_MS),
	});

/** @throws UNAVAILABLE; the connection is then closed */
export async function openRedis(redis: Redis, clock: Clock): Promise<void> {
	let reason: unknown;
	const note = (error: unknown) => {
		reason = error;
	};
	redis.on("error", note);
	const cancel = clock.after(OPEN_MS, () => redis.disconnect());
	try {
		await redis.connect();
	} catch (error) {
		redis.disconnect();
		throw new CollabError("UNAVAILABLE", "Redis cannot be reached", undefined, {
			cause: reason ?? error,
		});
	} finally {
		cancel();
	}
}

/** Ends a connection whose server has gone without a word. @returns stops it */
export function watchPulse(redis: Redis, clock: Clock): () => void {
	let isWaiting = false;
	const beat = (): void => {
		cancel = clock.after(PULSE_MS, beat);
		if (isWaiting) redis.disconnect(true);
		else if (redis.status === "ready") void ask();
	};
	const ask = async (): Promise<void> => {
		isWaiting = true;
		await redis.ping().catch(() => {});
		isWaiting = false;
	};
	let cancel = clock.after(PULSE_MS, beat);
	return () => cancel();
}
