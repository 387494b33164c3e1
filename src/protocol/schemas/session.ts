import type { Limits } from "../../shared/limits.ts";
import { count, sessionId, token, userId } from "./common.ts";
import { typed } from "./infer.ts";

const lax = { $$strict: "remove" } as const;

export const auth = {
	...lax,
	token,
	protocol: { ...count, optional: true },
} as const;

export const authRefresh = { ...lax, token } as const;

export const ping = { ...lax } as const;

/** Token bucket of one event. */
export interface AnnouncedRate {
	readonly capacity: number;
	readonly perSecond: number;
}
export type AnnouncedLimits = Limits & {
	readonly rates: Readonly<Record<string, AnnouncedRate>>;
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

export const systemDraining = { retryAfter: "number" } as const;

export const securityAlert = {
	type: { type: "enum", values: ["suspicious_activity"] },
	message: "string",
	action: { type: "enum", values: ["session_terminated"] },
} as const;

export const errorData = {
	operation: "string",
	code: "string",
	message: "string",
	retryable: "boolean",
	retryAfterMs: { type: "number", optional: true },
	data: { type: "object", optional: true },
} as const;
