import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";
import jwt, { type Algorithm, type Jwt } from "jsonwebtoken";
import { CollabError } from "../protocol/errors.ts";
import { isUserId } from "../protocol/schemas/common.ts";
import type { Clock } from "../shared/clock.ts";
import type { UserId } from "../shared/ids.ts";
import { Permissions } from "../shared/permissions.ts";
import { KnownTokens } from "./known-tokens.ts";

/** Who a valid token says its bearer is. */
export interface Identity {
	readonly userId: UserId;
	/** Display name without control and direction characters; the user id when the token has none. */
	readonly name: string;
	readonly avatar?: string;
	readonly roles: readonly string[];
	readonly jti?: string;
	/** When the token was made, if it says so. */
	readonly issuedAtMs?: number;
	readonly expiresAtMs: number;
	/** Undefined: the members' lists decide. */
	readonly permissions?: Permissions;
}

export interface TokenRules {
	/** HMAC secret (at least 32 bytes), or a public key in PEM: its type fixes the algorithm family. */
	readonly key: string | Uint8Array | KeyObject;
	/** Allow-list; what the key cannot do is dropped from it. */
	readonly algorithms?: readonly string[];
	readonly issuer?: string;
	readonly audience?: string;
	/** Longest `exp - iat` in seconds; `iat` is required then. */
	readonly maxAgeSeconds?: number;
}

/** Claims that are compared with the clock whenever the token is shown. */
interface TokenTimes {
	readonly exp?: unknown;
	readonly iat?: unknown;
	readonly nbf?: unknown;
}

interface KnownToken {
	readonly identity: Identity;
	readonly times: TokenTimes;
}

const LEEWAY_SECONDS = 60;
/** Largest `exp` that a JavaScript date can hold. */
const MAX_SECONDS = 8_640_000_000_000;
const NAME_CHARS = 128;
const HIDDEN =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
	/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

const refused = (
	reason: "invalid_token" | "token_expired",
	detail: string,
	cause?: unknown,
): CollabError =>
	new CollabError("UNAUTHENTICATED", detail, { reason }, { cause });

function keyOf(key: TokenRules["key"]): KeyObject {
	if (typeof key !== "string")
		return key instanceof Uint8Array ? createSecretKey(key) : key;
	return key.includes("-----BEGIN")
		? createPublicKey(key)
		: createSecretKey(Buffer.from(key, "utf8"));
}

function algorithmOf(key: KeyObject): Algorithm {
	if (key.type === "secret") return "HS256";
	return key.asymmetricKeyType === "ec" ? "ES256" : "RS256";
}

/** Turns a token into an identity. jsonwebtoken checks the signature only; the claims are checked here. */
export class Authenticator {
	readonly #key: KeyObject;
	readonly #algorithm: Algorithm;
	readonly #rules: TokenRules;
	readonly #clock: Clock;
	readonly #known = new KnownTokens<KnownToken>();

	/** Throws when the key is too short, or the allow-list excludes the only algorithm that it fits. */
	constructor(rules: TokenRules, clock: Clock) {
		this.#key = keyOf(rules.key);
		this.#algorithm = algorithmOf(this.#key);
		this.#rules = rules;
		this.#clock = clock;
		if (this.#key.type === "secret" && (this.#key.symmetricKeySize ?? 0) < 32)
			throw new Error("The token secret has fewer than 32 bytes");
		if (rules.algorithms?.includes(this.#algorithm) === false)
			throw new Error(
				`The token key needs ${this.#algorithm}, which is not allowed`,
			);
	}

	/** Throws `UNAUTHENTICATED {reason: 'invalid_token' | 'token_expired'}`. */
	verify(token: string): Identity {
		const known = this.#known.get(token);
		if (known === undefined) return this.#read(token);
		this.#checkTimes(known.times);
		return known.identity;
	}

	#read(token: string): Identity {
		const { header, payload } = this.#decode(token);
		if ("crit" in header)
			throw refused("invalid_token", "Unknown extension in the token");
		if (typeof payload !== "object" || payload === null)
			throw refused("invalid_token", "The token holds no claims");
		const claims = payload as Readonly<Record<string, unknown>>;
		const expiresAtMs = this.#checkTimes(claims);
		const identity = identityOf(claims, expiresAtMs);
		const { exp, iat, nbf } = claims;
		this.#known.keep(token, { identity, times: { exp, iat, nbf } });
		return identity;
	}

	#decode(token: string): Jwt {
		try {
			return jwt.verify(token, this.#key, {
				algorithms: [this.#algorithm],
				complete: true,
				ignoreExpiration: true,
				ignoreNotBefore: true,
				...(this.#rules.issuer === undefined
					? {}
					: { issuer: this.#rules.issuer }),
				...(this.#rules.audience === undefined
					? {}
					: { audience: this.#rules.audience }),
			});
		} catch (cause) {
			throw refused("invalid_token", "The token is not valid", cause);
		}
	}

	#checkTimes({ exp, iat, nbf }: TokenTimes): number {
		const now = this.#clock.nowMs() / 1000;
		if (typeof exp !== "number" || !(exp > 0 && exp <= MAX_SECONDS))
			throw refused("invalid_token", "The token has no exp");
		if (exp <= now) throw refused("token_expired", "The token has expired");
		for (const early of [iat, nbf]) {
			if (early === undefined) continue;
			if (typeof early !== "number" || !Number.isFinite(early))
				throw refused("invalid_token", "A time in the token is no number");
			if (early > now + LEEWAY_SECONDS)
				throw refused("invalid_token", "The token is not valid yet");
		}
		const { maxAgeSeconds } = this.#rules;
		if (maxAgeSeconds !== undefined && !(exp - Number(iat) <= maxAgeSeconds))
			throw refused("invalid_token", "The token lives too long");
		return exp * 1000;
	}
}

function identityOf(
	claims: Readonly<Record<string, unknown>>,
	expiresAtMs: number,
): Identity {
	const { sub, name, avatar, roles, jti, iat, permissions } = claims;
	if (typeof sub !== "string" || !isUserId(sub))
		throw refused("invalid_token", "The token has no usable sub");
	return {
		userId: sub,
		name: displayName(name) || sub,
		...(isAvatar(avatar) ? { avatar } : {}),
		roles: Array.isArray(roles)
			? roles.filter((role) => typeof role === "string")
			: [],
		...(typeof jti === "string" ? { jti } : {}),
		...(typeof iat === "number" ? { issuedAtMs: iat * 1_000 } : {}),
		expiresAtMs,
		...(permissions === undefined
			? {}
			: { permissions: permissionsOf(permissions) }),
	};
}

const displayName = (name: unknown): string =>
	typeof name === "string"
		? name
				.toWellFormed()
				.replace(HIDDEN, "")
				.slice(0, NAME_CHARS)
				.toWellFormed()
				.trim()
		: "";

const isAvatar = (value: unknown): value is string =>
	typeof value === "string" &&
	value.length <= 2_048 &&
	/^https?:\/\//.test(value) &&
	value.isWellFormed();

/** A malformed claim must not read as "no restriction". */
function permissionsOf(claim: unknown): Permissions {
	if (typeof claim !== "object" || claim === null || Array.isArray(claim))
		throw refused("invalid_token", "permissions is no object");
	return new Permissions(claim as Readonly<Record<string, unknown>>);
}
