import type { IncomingMessage, ServerResponse } from "node:http";
import { CollabError, toWireError } from "../protocol/errors.ts";

export function json(
	res: ServerResponse,
	status: number,
	body: unknown,
	headers: Readonly<Record<string, string>> = {},
): void {
	res.writeHead(status, {
		"content-type": "application/json; charset=utf-8",
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
		...headers,
	});
	res.end(JSON.stringify(body));
}

export const nothingHere = (): CollabError =>
	new CollabError("NOT_FOUND", "There is nothing at this address");

type Handle<Host> = (
	this: Host,
	req: IncomingMessage & { readonly body?: unknown },
	res: ServerResponse,
) => void;

/** A handler of these methods; the others are told so. */
export function only<Host>(
	methods: readonly string[],
	handle: Handle<Host>,
): Handle<Host> {
	return function (req, res) {
		if (methods.includes(req.method ?? "")) handle.call(this, req, res);
		else {
			const error = new CollabError(
				"VALIDATION_FAILED",
				`${methods.join(" or ")} only`,
			);
			json(res, 405, toWireError(operationOf(req), error), {
				allow: methods.join(", "),
			});
		}
	};
}

/** One error shape for everything; nothing internal leaks. @returns what was told */
export function answerError(
	req: IncomingMessage,
	res: ServerResponse,
	error: unknown,
): CollabError {
	const known = knownError(error);
	if (res.headersSent) res.end();
	else json(res, known.status, toWireError(operationOf(req), known));
	return known;
}

/** Without the query, which may hold a token. */
const operationOf = ({
	method,
	url = "/",
	originalUrl = url,
}: IncomingMessage & { readonly originalUrl?: string }): string =>
	`${method} ${originalUrl.split("?")[0]}`;

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
	if (code === 404) return nothingHere();
	if (typeof code === "number" && code >= 400 && code < 500)
		return new CollabError("VALIDATION_FAILED", "The request cannot be read");
	return new CollabError("INTERNAL", "Internal error", undefined, {
		cause: error,
	});
}
