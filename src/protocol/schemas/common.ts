import {
	type ClientId,
	type DocId,
	isClientId,
	isDocId,
	isOpId,
	type OpId,
	type ReplicaId,
	type SessionId,
	type UserId,
} from "../../shared/ids.ts";
import { MODES, ROLES } from "../../shared/roles.ts";
import { typed } from "./infer.ts";

interface RuleError {
	readonly type: string;
}
type Check = (value: unknown, errors: RuleError[]) => unknown;

/** A string that passes `test`; `name` is the rule that an error names. */
const text = (name: string, test: (value: string) => boolean) => ({
	type: "string" as const,
	custom: ((value, errors) => {
		if (typeof value === "string" && !test(value)) errors.push({ type: name });
		return value;
	}) satisfies Check,
});

/** The same rule for a field that may be missing. */
export const optional = <R extends object>(
	rule: R,
): R & { readonly optional: true } => ({ ...rule, optional: true });

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const USER_ID = /^[^~\u0000-\u001f\u007f-\u009f]{1,128}$/;

/** Ids of people come from tokens: any well-formed text without `~` (the clock's separator) and control characters. */
export const isUserId = (value: string): value is UserId =>
	USER_ID.test(value) && value.isWellFormed();

export const docId = typed<DocId>(text("docId", isDocId));
export const userId = typed<UserId>(text("userId", isUserId));
export const clientId = typed<ClientId>(text("clientId", isClientId));
export const opId = typed<OpId>(text("opId", isOpId));
/** Made by the server: never checked on the way in. */
export const sessionId = typed<SessionId>({ type: "string" });
export const replicaId = typed<ReplicaId>({ type: "string" });

export const mode = { type: "enum", values: MODES } as const;
export const role = { type: "enum", values: ROLES } as const;
export const unit = { type: "enum", values: ["utf16", "codepoint"] } as const;
export const format = { type: "enum", values: ["simple", "native"] } as const;

/** A whole number from 0 that JSON carries exactly; `-0` is refused because it does not survive a round trip. */
export const count = {
	type: "number",
	integer: true,
	min: 0,
	max: Number.MAX_SAFE_INTEGER,
	custom: ((value, errors) => {
		if (Object.is(value, -0)) errors.push({ type: "numberInteger" });
		return value;
	}) satisfies Check,
} as const;

export const MAX_TOKEN_CHARS = 8_192;
export const token = {
	type: "string",
	min: 1,
	max: MAX_TOKEN_CHARS,
} as const;

export const isClock = (
	value: unknown,
): value is Readonly<Record<string, number>> =>
	typeof value === "object" &&
	value !== null &&
	!Array.isArray(value) &&
	Object.entries(value).every(
		([replica, n]) =>
			replica.length <= 192 &&
			Number.isSafeInteger(n) &&
			n >= 0 &&
			!Object.is(n, -0),
	);

/** A value that passes `test`; `name` is the rule that an error names. */
const passes = (name: string, test: (value: unknown) => boolean) => ({
	type: "any",
	custom: ((value: unknown, errors: RuleError[]) => {
		if (value !== undefined && !test(value)) errors.push({ type: name });
		return value;
	}) satisfies Check,
});

/** Replica id to number of committed ops. */
export const clock = typed<Readonly<Record<string, number>>>(
	passes("clock", isClock),
);

/** Something for each of some documents. */
export const byDocument = <T>(
	name: string,
	test: (value: unknown) => value is T,
) =>
	typed<Readonly<Partial<Record<DocId, T>>>>(
		passes(
			name,
			(value) =>
				typeof value === "object" &&
				value !== null &&
				!Array.isArray(value) &&
				Object.entries(value).every(
					([id, entry]) => isDocId(id) && test(entry),
				),
		),
	);
