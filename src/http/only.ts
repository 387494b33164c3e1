import type { IncomingMessage, ServerResponse } from "node:http";
import { CollabError, toWireError } from "../protocol/errors.ts";
import { operationOf, send } from "./answer.ts";

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
		if (methods.includes(req.method ?? "")) {
			handle.call(this, req, res);
			return;
		}
		const error = new CollabError(
			"VALIDATION_FAILED",
			`${methods.join(" or ")} only`,
		);
		send(res, {
			status: 405,
			headers: { allow: methods.join(", ") },
			body: toWireError(operationOf(req), error),
		});
	};
}
