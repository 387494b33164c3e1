import { count, docId, mode, optional, sessionId, userId } from "./common.ts";

const lax = { $$strict: "remove" } as const;

/** Line and UTF-16 unit in it, both from 0; relayed as sent, so that a receiver clamps. */
const position = {
	type: "object",
	strict: "remove",
	props: { line: count, ch: count },
} as const;

const selection = {
	type: "object",
	strict: "remove",
	props: { start: position, end: position },
} as const;

export const STATUSES = ["typing", "idle", "away"] as const;
const status = { type: "enum", values: STATUSES } as const;

/** `revision`: of the text in which the cursor stands. */
export const presenceCursor = {
	...lax,
	prdId: docId,
	cursor: position,
	selection: optional(selection),
	revision: optional(count),
} as const;

export const presenceStatus = { ...lax, prdId: docId, status } as const;

/** All that is known of a session: what is absent is not set. */
const state = {
	cursor: optional(position),
	selection: optional(selection),
	revision: optional(count),
	status: optional(status),
	/** ISO 8601. */
	lastActivity: "string",
} as const;

export const presenceUpdated = {
	prdId: docId,
	userId,
	sessionId,
	...state,
} as const;

/** One person's session in a document, as others see it; without `revision` a joiner could not place a cursor of a newer or older text. */
export const presentSession = {
	type: "object",
	props: {
		sessionId,
		userId,
		userName: "string",
		avatar: { type: "string", optional: true },
		mode,
		color: "string",
		...state,
	},
} as const;

export const presenceMoved = { prdId: docId, session: presentSession } as const;
