import { Errors } from "moleculer";
import { CollabError, ERRORS, type ErrorCode } from "../protocol/errors.ts";

/** A `CollabError` as it crosses the bus: Moleculer keeps `code`, `type` and `data` of its own errors alone. */
export function toBusError(error: unknown): unknown {
	if (!(error instanceof CollabError)) return error;
	const { message, status, code, data, retryAfterMs } = error;
	return new Errors.MoleculerError(message, status, code, {
		data,
		retryAfterMs,
	});
}

/** What a caller makes of a failed call: our own errors as they were, the bus's as `UNAVAILABLE` or `TIMEOUT`. */
export function fromBusError(error: unknown): unknown {
	if (!(error instanceof Errors.MoleculerError)) return error;
	const { message, type, data } = error;
	if (isErrorCode(type)) {
		const details = data as Partial<CollabError> | undefined;
		const { retryAfterMs } = details ?? {};
		return new CollabError(type, message, details?.data, {
			cause: error,
			...(retryAfterMs === undefined ? {} : { retryAfterMs }),
		});
	}
	if (error instanceof Errors.RequestTimeoutError)
		return new CollabError("TIMEOUT", "The service did not answer in time");
	if (error.retryable)
		return new CollabError("UNAVAILABLE", "The service is not available", {
			reason: "service",
		});
	return error;
}

const isErrorCode = (type: string): type is ErrorCode =>
	Object.hasOwn(ERRORS, type);
