/** What a caller does after an error: nothing, the same again later, a fresh join, a new token. */
export type Recovery = "none" | "retry" | "resync" | "reauthenticate";

/** The closed list of error codes on the wire; `status` is the HTTP answer of the same failure over REST. */
export const ERRORS = {
	VALIDATION_FAILED: { status: 422, recovery: "none" },
	UNKNOWN_EVENT: { status: 404, recovery: "none" },
	ORIGIN_NOT_ALLOWED: { status: 403, recovery: "none" },
	UNAUTHENTICATED: { status: 401, recovery: "reauthenticate" },
	FORBIDDEN: { status: 403, recovery: "none" },
	NOT_FOUND: { status: 404, recovery: "none" },
	NOT_JOINED: { status: 409, recovery: "none" },
	CONFLICT_DETECTED: { status: 409, recovery: "none" },
	REVISION_AHEAD: { status: 409, recovery: "resync" },
	RESYNC_REQUIRED: { status: 409, recovery: "resync" },
	OPERATION_INVALID: { status: 422, recovery: "none" },
	PAYLOAD_TOO_LARGE: { status: 413, recovery: "none" },
	RATE_LIMITED: { status: 429, recovery: "retry" },
	UNAVAILABLE: { status: 503, recovery: "retry" },
	TIMEOUT: { status: 504, recovery: "retry" },
	ALREADY_EXISTS: { status: 409, recovery: "none" },
	INVALID_STATE: { status: 409, recovery: "none" },
	AI_UNAVAILABLE: { status: 503, recovery: "retry" },
	INTERNAL: { status: 500, recovery: "none" },
} as const satisfies Record<string, { status: number; recovery: Recovery }>;

export type ErrorCode = keyof typeof ERRORS;
export type ErrorData = Readonly<Record<string, unknown>>;

/** The one error of the product. `code` is the contract, `message` is for people, `data` says which limit, field or revision. */
export class CollabError extends Error {
	override readonly name = "CollabError";
	readonly code: ErrorCode;
	readonly data: ErrorData | undefined;
	readonly retryAfterMs: number | undefined;

	constructor(
		code: ErrorCode,
		message: string,
		data?: ErrorData,
		options: { retryAfterMs?: number; cause?: unknown } = {},
	) {
		super(message, { cause: options.cause });
		this.code = code;
		this.data = data;
		this.retryAfterMs = options.retryAfterMs;
	}

	get status(): number {
		return ERRORS[this.code].status;
	}

	get retryable(): boolean {
		return ERRORS[this.code].recovery === "retry";
	}
}

/** The error shape that every door and the REST interface send. */
export interface WireError {
	readonly operation: string;
	readonly code: ErrorCode;
	readonly message: string;
	readonly retryable: boolean;
	readonly retryAfterMs?: number;
	readonly data?: ErrorData;
}

/** Turns any failure into the wire shape; what is not a `CollabError` becomes `INTERNAL` without a word of its cause. */
export function toWireError(operation: string, error: unknown): WireError {
	const known =
		error instanceof CollabError
			? error
			: new CollabError("INTERNAL", "Internal error");
	return {
		operation: operation.slice(0, 64),
		code: known.code,
		message: known.message,
		retryable: known.retryable,
		...(known.retryAfterMs === undefined
			? {}
			: { retryAfterMs: known.retryAfterMs }),
		...(known.data === undefined ? {} : { data: known.data }),
	};
}
