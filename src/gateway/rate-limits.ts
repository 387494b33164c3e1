import { CLOSES } from "../protocol/close-codes.ts";
import type { BadRequest, Request } from "../protocol/envelope.ts";
import { CollabError } from "../protocol/errors.ts";
import { type ClientEventName, EVENTS } from "../protocol/events.ts";
import { type ClassRate, RATES, type RateClass } from "../protocol/rates.ts";
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
	/** False: the request comes too often, and has been refused. Nothing is made on the way that lets it pass. */
	charge(
		session: Session,
		request: Request | BadRequest,
		nowMs: number,
	): boolean {
		const meter = BY_EVENT.get(request.name) ?? CONTROL;
		session.usage ??= new Usage();
		const bucket =
			meter.rate.perDocument === true
				? session.usage.documentBucket(documentOf(request), nowMs)
				: session.usage.bucket(meter.index);
		if (bucket === undefined || bucket.pausedUntilMs > nowMs)
			return refuse(session, request, { meter, bucket, nowMs });
		const fullAtMs = meter.tokens.charge(bucket.fullAtMs, nowMs);
		if (fullAtMs === NO_TOKEN)
			return refuse(session, request, { meter, bucket, nowMs });
		bucket.fullAtMs = fullAtMs;
		if (bucket.warnedUntilMs <= nowMs)
			warn(session, request, meter, bucket, nowMs);
		return true;
	}
}

function refuse(
	session: Session,
	request: Request | BadRequest,
	{ meter, bucket, nowMs }: Charge,
): false {
	const isAbuse = noteRefusal(session, nowMs);
	// Who is about to be closed hears here how long to stay away: a close frame has no place for it.
	const retryAfterMs = Math.max(
		waitMs(meter, bucket, nowMs),
		isAbuse ? CLOSES.rateAbuse.retryAfter * 1_000 : 0,
	);
	session.sendEvent("rate_limit:exceeded", {
		endpoint: request.name ?? request.type,
		retryAfter: Math.ceil(retryAfterMs / 1_000),
	});
	const error = new CollabError(
		"RATE_LIMITED",
		"Too many requests of this kind",
		undefined,
		{ retryAfterMs },
	);
	session.turnAway(request, error, nowMs);
	if (isAbuse) session.close(CLOSES.rateAbuse);
	return false;
}

/** @returns whether the session has been over its rates for too long */
function noteRefusal({ usage }: Session, nowMs: number): boolean {
	if (usage === undefined) return false;
	const goesOn = nowMs - usage.refusedAtMs < PAUSE_MS;
	usage.refusedAtMs = nowMs;
	if (!goesOn) usage.overSinceMs = nowMs;
	return nowMs - usage.overSinceMs >= ABUSE_MS;
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
