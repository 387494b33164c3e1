import { CLOSES } from "../protocol/close-codes.ts";
import type { BadRequest, Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import { type ClientEventName, EVENTS } from "../protocol/events.ts";
import { type ClassRate, RATES, type RateClass } from "../protocol/rates.ts";
import type { Logger } from "../shared/logger.ts";
import { NO_TOKEN, type Rate, TokenBucket } from "../shared/token-bucket.ts";
import type { Session } from "./session.ts";
import { type Bucket, Usage } from "./usage.ts";

/** A session warns when this share of its tokens, or less, is left. */
const LOW = 0.2;
/** Over its rates for so long without a pause of `PAUSE_MS`: the session ends. */
const ABUSE_MS = 10_000;
const PAUSE_MS = 1_000;

/** One rate class, ready for use. */
interface Meter {
	readonly index: number;
	readonly tokens: TokenBucket;
	readonly rate: ClassRate;
	/** Tokens left at a warning, or fewer. */
	readonly low: number;
}

const METERS = new Map<RateClass, Meter>(
	Object.entries(RATES).map(([name, rate], index) => [
		name as RateClass,
		{
			index,
			rate,
			tokens: new TokenBucket(rate),
			low: Math.floor(rate.capacity * LOW),
		},
	]),
);

const meterOf = (rate: RateClass): Meter => METERS.get(rate) as Meter;

/** Which class each event is charged to; frames that name no event are charged as control. */
const BY_EVENT = new Map<ClientEventName | undefined, Meter>(
	Object.entries(EVENTS).flatMap(([name, event]) =>
		event.direction === "client"
			? [[name as ClientEventName, meterOf(event.rate)] as const]
			: [],
	),
);
const CONTROL = meterOf("control");

/** Rates by event, as sessions are told. */
export const ANNOUNCED: Readonly<Record<string, Rate>> = Object.fromEntries(
	[...BY_EVENT].map(([name, { rate }]) => [
		name,
		{ capacity: rate.capacity, perSecond: rate.perSecond },
	]),
);

/** Charges every request of every session to its token bucket. */
export class RateLimits {
	readonly #log: Logger;

	constructor(log: Logger) {
		this.#log = log;
	}

	/** What the request is to be refused with: it comes too often. Nothing is made on the way that lets it pass. */
	charge(
		session: Session,
		request: Request | BadRequest,
		nowMs: number,
	): CollabError | undefined {
		const meter = BY_EVENT.get(request.name) ?? CONTROL;
		session.usage ??= new Usage();
		const bucket =
			meter.rate.perDocument === true
				? session.usage.documentBucket(documentOf(request), nowMs)
				: session.usage.bucket(meter.index);
		if (bucket === undefined || bucket.pausedUntilMs > nowMs)
			return this.#refuse(session, request, { meter, bucket, nowMs });
		const fullAtMs = meter.tokens.charge(bucket.fullAtMs, nowMs);
		if (fullAtMs === NO_TOKEN)
			return this.#refuse(session, request, { meter, bucket, nowMs });
		bucket.fullAtMs = fullAtMs;
		if (bucket.warnedUntilMs <= nowMs)
			warn(session, request, meter, bucket, nowMs);
		return undefined;
	}

	#refuse(
		session: Session,
		{ name, type }: Request | BadRequest,
		{ meter, bucket, nowMs }: Charge,
	): CollabError {
		const retryAfterMs = waitMs(meter, bucket, nowMs);
		const isAbuse = this.#noteRefusal(session, nowMs);
		session.sendEvent("rate_limit:exceeded", {
			endpoint: name ?? type,
			retryAfter: Math.ceil(retryAfterMs / 1_000),
		});
		if (isAbuse) session.close(CLOSES.rateAbuse);
		return new CollabError(
			"RATE_LIMITED",
			"Too many requests of this kind",
			undefined,
			{ retryAfterMs },
		);
	}

	/** @returns whether the session has been over its rates for too long; told to the log once per stretch */
	#noteRefusal(session: Session, nowMs: number): boolean {
		const { usage } = session;
		if (usage === undefined) return false;
		const goesOn = nowMs - usage.refusedAtMs < PAUSE_MS;
		usage.refusedAtMs = nowMs;
		if (goesOn) return nowMs - usage.overSinceMs >= ABUSE_MS;
		usage.overSinceMs = nowMs;
		const { id, userId } = session;
		this.#log.warn({ session: id, user: userId }, "over its rates");
		return false;
	}
}

interface Charge {
	readonly meter: Meter;
	readonly bucket: Bucket | undefined;
	readonly nowMs: number;
}

/** How long a refused session waits; a class with a pause begins it here. */
function waitMs(
	{ tokens, rate: { perSecond, pauseMs = 0 } }: Meter,
	bucket: Bucket | undefined,
	nowMs: number,
): number {
	if (bucket === undefined) return Math.ceil(1_000 / perSecond);
	if (bucket.pausedUntilMs <= nowMs) bucket.pausedUntilMs = nowMs + pauseMs;
	const toTokenMs = tokens.waitMs(bucket.fullAtMs, nowMs);
	return Math.max(1, toTokenMs, bucket.pausedUntilMs - nowMs);
}

/** Once until the bucket would be full again. */
function warn(
	session: Session,
	{ name, type }: Request | BadRequest,
	{ tokens, low }: Meter,
	bucket: Bucket,
	nowMs: number,
): void {
	const remaining = tokens.remaining(bucket.fullAtMs, nowMs);
	if (remaining > low) return;
	bucket.warnedUntilMs = bucket.fullAtMs;
	session.sendEvent("rate_limit:warning", {
		endpoint: name ?? type,
		remaining,
		resetAt: new Date(Math.ceil(bucket.fullAtMs)).toISOString(),
	});
}

/** The document or room that a request is about, as far as it can be read. */
function documentOf(request: Request | BadRequest): string {
	if (!("data" in request)) return "";
	const { prdId, room } = request.data as {
		readonly prdId?: string;
		readonly room?: string;
	};
	return prdId ?? room ?? "";
}
