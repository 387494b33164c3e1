import type { Limits } from "../../shared/limits.ts";
import { MODES, type Mode } from "../../shared/roles.ts";
import type { Rate } from "../../shared/token-bucket.ts";
import type { Unit } from "../submission.ts";
import {
	byDocument,
	clientId,
	count,
	docId,
	isClock,
	optional,
	sessionId,
	token,
	userId,
} from "./common.ts";
import { typed } from "./infer.ts";

const lax = { $$strict: "remove" } as const;

export const auth = {
	...lax,
	token,
	protocol: { ...count, optional: true },
} as const;

export const authRefresh = { ...lax, token } as const;

export const ping = { ...lax } as const;

const isRevision = (value: unknown): value is number =>
	Number.isSafeInteger(value) && (value as number) >= 0;
const isEpoch = (value: unknown): value is string =>
	typeof value === "string" && value.length <= 64;
const oneOf =
	<T extends string>(values: readonly T[]) =>
	(value: unknown): value is T =>
		values.some((one) => one === value);

/** Rejoins documents from where the client was in each; `sessionId`: its session before this one. */
export const sessionRecover = {
	...lax,
	activeSessions: { type: "array", items: docId },
	lastVectorClocks: optional(byDocument("clocks", isClock)),
	lastRevisions: optional(byDocument("revisions", isRevision)),
	epochs: optional(byDocument("epochs", isEpoch)),
	modes: optional(byDocument("modes", oneOf<Mode>(MODES))),
	units: optional(byDocument("units", oneOf<Unit>(["utf16", "codepoint"]))),
	formats: optional(
		byDocument("formats", oneOf<"simple" | "native">(["simple", "native"])),
	),
	sessionId: { type: "string", max: 64, optional: true },
	clientId: optional(clientId),
} as const;

/** One entry per document, each with all that is needed to go on, or with its `error`. */
export const sessionRecovered = {
	sessions: { type: "array", items: "object" },
} as const;

export const rateWarning = {
	endpoint: "string",
	remaining: count,
	/** ISO 8601: when the bucket is full again. */
	resetAt: "string",
} as const;

/** `retryAfter` in seconds. */
export const rateExceeded = { endpoint: "string", retryAfter: count } as const;

export type AnnouncedLimits = Limits & {
	/** Token bucket of each event; none when rates are not limited. */
	readonly rates: Readonly<Record<string, Rate>>;
};

export const sessionReady = {
	sessionId,
	userId,
	serverTime: "string",
	heartbeatInterval: "number",
	protocol: "number",
	tokenExpiresAt: "string",
	limits: typed<AnnouncedLimits>({ type: "object" }),
} as const;

export const authExpiring = { tokenExpiresAt: "string" } as const;

/** On Socket.IO alone, which has no close codes. */
export const connectionClosing = {
	code: "number",
	reason: "string",
	action: { type: "enum", values: ["stop", "reauthenticate", "reconnect"] },
	retryAfter: { type: "number", optional: true },
} as const;

export const systemDraining = { retryAfter: "number" } as const;

export const securityAlert = {
	type: { type: "enum", values: ["suspicious_activity"] },
	message: "string",
	action: { type: "enum", values: ["session_terminated", "address_blocked"] },
} as const;

export const errorData = {
	operation: "string",
	code: "string",
	message: "string",
	retryable: "boolean",
	retryAfterMs: { type: "number", optional: true },
	data: { type: "object", optional: true },
} as const;
