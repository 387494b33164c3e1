import type { IncomingMessage, ServerResponse } from "node:http";
import { CollabError, toWireError } from "../protocol/errors.ts";
import type { Logger } from "../shared/logger.ts";

/** A failure with another HTTP status than its code's own. */
export class HttpError extends CollabError {
	readonly #status: number;

	constructor(
		status: number,
		...args: ConstructorParameters<typeof CollabError>
	) {
		super(...args);
		this.#status = status;
	}

	override get status(): number {
		return this.#status;
	}
}

/** What a route answers with. */
export interface Answer {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	/** JSON, or text with its type. */
	readonly body?: unknown;
	readonly text?: { readonly type: string; readonly content: string };
}

const HEADERS = {
	"cache-control": "no-store",
	"x-content-type-options": "nosniff",
} as const;

export function send(
	res: ServerResponse,
	{ status, headers = {}, body, text }: Answer,
): void {
	const type = text?.type ?? "application/json; charset=utf-8";
	const content =
		text?.content ?? (body === undefined ? "" : JSON.stringify(body));
	const hasBody = text !== undefined || body !== undefined;
	res.writeHead(status, {
		...HEADERS,
		...(hasBody ? { "content-type": type } : {}),
		...headers,
	});
	res.end(content);
}

/** The router moves `url` on; this is what was asked for. */
interface RoutedMessage extends IncomingMessage {
	readonly originalUrl?: string;
}

/** Without the query, which may hold a token. */
export const operationOf = ({
	method,
	originalUrl,
	url,
}: RoutedMessage): string =>
	`${method} ${(originalUrl ?? url ?? "/").split("?")[0]}`;

/** One line for a request that failed; what was not foreseen with all that is known of it. */
export function logFailure(
	log: Logger,
	req: RoutedMessage,
	error: unknown,
): void {
	const operation = operationOf(req).slice(0, 64);
	const { code } = knownError(error);
	if (code === "INTERNAL")
		log.error({ operation, code, err: error }, "request failed");
	else log.warn({ operation, code }, "request refused");
}

/** One error shape for everything; nothing internal leaks. */
export function sendError(
	req: RoutedMessage,
	res: ServerResponse,
	error: unknown,
): void {
	const known = knownError(error);
	if (res.headersSent) {
		res.end();
		return;
	}
	const body = toWireError(operationOf(req), known);
	send(res, { status: known.status, headers: headersOf(known), body });
}

function headersOf({ code, retryAfterMs }: CollabError) {
	return {
		...(code === "UNAUTHENTICATED" ? { "www-authenticate": "Bearer" } : {}),
		...(retryAfterMs === undefined
			? {}
			: { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) }),
	};
}

/** What the parsers and the router throw says with its status what was wrong. */
function knownError(error: unknown): CollabError {
	if (error instanceof CollabError) return error;
	const { code, type } = error as {
		readonly code?: unknown;
		readonly type?: unknown;
	};
	if (type === "entity.too.large")
		return new CollabError(
			"PAYLOAD_TOO_LARGE",
			"The request body is too large",
		);
	if (code === 404)
		return new CollabError("NOT_FOUND", "There is nothing at this address");
	if (typeof code === "number" && code >= 400 && code < 500)
		return new HttpError(
			code,
			"VALIDATION_FAILED",
			"The request cannot be read",
		);
	return new CollabError("INTERNAL", "Internal error", undefined, {
		cause: error,
	});
}
