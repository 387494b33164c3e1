import {
	clientId,
	clock,
	count,
	docId,
	format,
	mode,
	optional,
	replicaId,
	sessionId,
	unit,
	userId,
} from "./common.ts";
import { typed } from "./infer.ts";
import { presentSession } from "./presence.ts";

const lax = { $$strict: "remove" } as const;

export const documentJoin = {
	...lax,
	prdId: docId,
	mode,
	lastKnownVersion: { type: "string", max: 64, optional: true },
	lastKnownRevision: { ...count, optional: true },
	lastEpoch: { type: "string", max: 64, optional: true },
	clientId: optional(clientId),
	unit: { ...unit, optional: true },
	format: { ...format, optional: true },
	create: { type: "boolean", optional: true },
} as const;

export const documentLeave = { ...lax, prdId: docId } as const;

/** One formatted stretch of a document's text, in the session's unit. */
export interface FormattedRange {
	readonly position: number;
	readonly length: number;
	readonly attributes: Readonly<
		Record<string, string | number | boolean | null>
	>;
}
const attributes = typed<readonly FormattedRange[]>({ type: "array" });

/** Either `currentContent` with `attributes`, or `missedOperations`. */
export const documentJoined = {
	prdId: docId,
	title: "string",
	currentContent: { type: "string", optional: true },
	attributes: optional(attributes),
	missedOperations: { type: "array", items: "object", optional: true },
	version: "string",
	revision: count,
	epoch: "string",
	recovered: "boolean",
	activeSessions: { type: "array", items: presentSession },
	vectorClock: clock,
	replicaId,
	sessionId,
	mode,
	unit,
	format,
} as const;

/** Replaces text, clock and place in the history of a client that was too far behind. */
export const documentReset = {
	prdId: docId,
	currentContent: "string",
	attributes,
	revision: count,
	epoch: "string",
	vectorClock: clock,
	reason: "string",
} as const;

/** `mode: null`: the document is closed to this person. */
export const permissionChanged = {
	prdId: docId,
	mode: { ...mode, nullable: true },
	reason: "string",
} as const;

export const documentDeleted = { prdId: docId } as const;

/** `userId`: who has renamed it. */
export const documentRenamed = {
	prdId: docId,
	title: "string",
	userId,
} as const;
