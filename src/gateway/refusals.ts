import type { BadRequest, Request } from "../protocol/envelope.ts";
import { CollabError, type ErrorCode } from "../protocol/errors.ts";
import type { SessionId, UserId } from "../shared/ids.ts";
import type { LogFields, Logger } from "../shared/logger.ts";
import { SlidingCount } from "./sliding-count.ts";

/** Refusals of one code are told once in this time. */
const TOLD_EVERY_MS = 10_000;
const MALFORMED = { limit: 20, windowMs: 10_000 };

/** Who is refused. */
interface Refused {
	readonly id: SessionId;
	readonly userId: UserId | undefined;
}

interface Told {
	readonly atMs: number;
	/** Refusals since then that have no line of their own. */
	suppressed: number;
}

/** What one session has been refused: malformed requests are counted, and the log has a line of each code now and then. */
export class Refusals {
	readonly #session: Refused;
	readonly #log: Logger;
	readonly #told = new Map<ErrorCode, Told>();
	readonly #malformed = new SlidingCount(MALFORMED.limit, MALFORMED.windowMs);

	constructor(session: Refused, log: Logger) {
		this.#session = session;
		this.#log = log;
	}

	/** @returns whether too many were malformed */
	note(
		{ type: operation, size }: Request | BadRequest,
		error: unknown,
		nowMs: number,
	): boolean {
		const code = error instanceof CollabError ? error.code : "INTERNAL";
		const cause = code === "INTERNAL" ? { err: error } : {};
		this.#tell(code, { operation, size, ...cause }, nowMs);
		const isMalformed =
			code === "VALIDATION_FAILED" || code === "UNKNOWN_EVENT";
		return isMalformed && this.#malformed.add(nowMs);
	}

	/** The session ends: tells how many have had no line. */
	close(): void {
		for (const [code, { suppressed }] of this.#told)
			if (suppressed > 0) this.#write(code, { suppressed }, "requests refused");
		this.#told.clear();
	}

	#tell(code: ErrorCode, fields: LogFields, nowMs: number): void {
		const told = this.#told.get(code);
		if (told !== undefined && isRecent(told, nowMs)) {
			told.suppressed += 1;
			return;
		}
		this.#told.set(code, { atMs: nowMs, suppressed: 0 });
		const { suppressed = 0 } = told ?? {};
		const more = suppressed === 0 ? {} : { suppressed };
		this.#write(code, { ...fields, ...more }, "request refused");
	}

	#write(code: ErrorCode, fields: LogFields, message: string): void {
		const { id, userId } = this.#session;
		this.#log.warn({ session: id, user: userId, code, ...fields }, message);
	}
}

const isRecent = ({ atMs }: Told, nowMs: number): boolean =>
	nowMs >= atMs && nowMs - atMs < TOLD_EVERY_MS;
