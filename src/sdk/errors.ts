import type { ErrorCode, ErrorData, WireError } from "../protocol/errors.ts";

/** The wire's codes, and what only a client can find: it was closed, or told to stop. */
export type SdkErrorCode = ErrorCode | "CLOSED" | "STOPPED";

/** Why something could not be done. `code` is for programs, `message` for people. */
export class SdkError extends Error {
	override readonly name = "SdkError";
	readonly code: SdkErrorCode;
	readonly retryable: boolean;
	readonly retryAfterMs: number | undefined;
	readonly data: ErrorData | undefined;

	constructor(
		code: SdkErrorCode,
		message: string,
		more: {
			readonly retryable?: boolean;
			readonly retryAfterMs?: number;
			readonly data?: ErrorData;
		} = {},
	) {
		super(message);
		this.code = code;
		this.retryable = more.retryable ?? false;
		this.retryAfterMs = more.retryAfterMs;
		this.data = more.data;
	}
}

export const fromWire = (error: WireError): SdkError =>
	new SdkError(error.code, error.message, error);
