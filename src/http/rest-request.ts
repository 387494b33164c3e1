import type { IncomingMessage } from "node:http";
import { CollabError } from "../protocol/errors.ts";
import type { Schema } from "../protocol/event.ts";
import type {
	ClientData,
	ReplyData,
	ServedEventName,
} from "../protocol/events.ts";
import type { InferParams } from "../protocol/schemas/infer.ts";
import {
	compile,
	findEvent,
	type KnownEvent,
	validate,
} from "../protocol/validate.ts";
import { type Visitor, visitorOf } from "../rooms/requests.ts";
import { type DocId, isDocId } from "../shared/ids.ts";
import { type Bearer, personOf } from "../shared/person.ts";
import { HttpError } from "./answer.ts";
import type { DocumentApi, RestHost } from "./document-api.ts";

/** A request as moleculer-web hands it over. */
export interface RestMessage extends IncomingMessage {
	readonly body?: unknown;
	readonly $params: {
		/** From the path, decoded. */
		readonly params?: Readonly<Record<string, string>>;
		readonly query?: Readonly<Record<string, unknown>>;
	};
}

/** Reads a body of one form. Throws 415, or `VALIDATION_FAILED` that names the field, also for fields that nobody knows. */
export function bodyReader<const S extends Schema>(
	schema: S,
): (req: RestMessage) => InferParams<S> {
	const check = compile({ ...schema, $$strict: true });
	return (req) => {
		const [type] = (req.headers["content-type"] ?? "").split(";");
		if (type?.trim().toLowerCase() !== "application/json")
			throw new HttpError(415, "VALIDATION_FAILED", "Send application/json", {
				field: "content-type",
			});
		const verdict = check(req.body);
		if (verdict === true) return req.body as InferParams<S>;
		const { field = "$", type: rule = "unknown" } = verdict[0] ?? {};
		throw new CollabError("VALIDATION_FAILED", `Invalid field ${field}`, {
			field,
			rule,
		});
	};
}

/** Throws 400 for what can be no id. */
export function docIdOf(text: string | undefined): DocId {
	if (text !== undefined && isDocId(text)) return text;
	throw badField("prdId");
}

export const badField = (field: string): HttpError =>
	new HttpError(400, "VALIDATION_FAILED", `Invalid ${field}`, { field });

/** A request of somebody known. */
export class RestRequest {
	readonly message: RestMessage;
	readonly caller: Bearer;
	readonly documents: DocumentApi;
	readonly host: RestHost;

	constructor(host: RestHost, message: RestMessage, caller: Bearer) {
		this.host = host;
		this.message = message;
		this.caller = caller;
		this.documents = host.documents();
	}

	/** Throws `UNAUTHENTICATED` without a valid token in the `Authorization` header, which is the only place for it. */
	static async from(
		host: RestHost,
		message: RestMessage,
	): Promise<RestRequest> {
		const [, token] =
			/^bearer +(\S+)$/i.exec(message.headers.authorization ?? "") ?? [];
		if (token === undefined)
			throw new CollabError("UNAUTHENTICATED", "Send a bearer token", {
				reason: "invalid_token",
			});
		return new RestRequest(host, message, await host.identify(token));
	}

	/** A part of the path. */
	param(name: string): string | undefined {
		return this.message.$params.params?.[name];
	}

	query(name: string): string | undefined {
		const value = this.message.$params.query?.[name];
		return typeof value === "string" ? value : undefined;
	}

	/** The caller has what this tag names. */
	knows(etag: string): boolean {
		const known = this.message.headers["if-none-match"] ?? "";
		return known.split(",").some((tag) => tag.trim() === etag);
	}

	/** The document in the path, and who asks for it. */
	get visit(): Visitor & { readonly docId: DocId } {
		return this.visitTo(docIdOf(this.param("prdId")));
	}

	visitTo(docId: DocId): Visitor & { readonly docId: DocId } {
		return { docId, ...visitorOf(this.caller, docId) };
	}

	/** Asks what a session asks by that event; the registry checks it alike. */
	ask<N extends ServedEventName>(
		event: N,
		data: Record<string, unknown>,
	): Promise<ReplyData<N>> {
		const checked = validate(findEvent(event) as KnownEvent, data);
		return this.documents.ask({
			event,
			person: personOf(this.caller),
			data: checked as ClientData<N>,
		});
	}
}
