import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import jwt from "jsonwebtoken";
import {
	Authenticator,
	type Identity,
	type TokenRules,
} from "../../../src/gateway/authenticate.ts";
import type { CollabError } from "../../../src/protocol/errors.ts";
import { ManualClock } from "../../support/manual-clock.ts";

const SECRET = "a-secret-of-the-tests-with-at-least-32-bytes";
const clock = new ManualClock();
const now = clock.nowMs() / 1000;
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsaPem = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();
const rsaPrivate = rsa.privateKey
	.export({ type: "pkcs8", format: "pem" })
	.toString();
const ecPem = ec.publicKey.export({ type: "spki", format: "pem" }).toString();

const verify = (token: string, rules: Partial<TokenRules> = {}): Identity =>
	new Authenticator({ key: SECRET, ...rules }, clock).verify(token);
const refusal = (token: string, rules: Partial<TokenRules> = {}): unknown => {
	try {
		verify(token, rules);
	} catch (error) {
		const { code, data } = error as CollabError;
		return [code, data?.reason];
	}
	throw new Error("it was accepted");
};
const INVALID = ["UNAUTHENTICATED", "invalid_token"];
const EXPIRED = ["UNAUTHENTICATED", "token_expired"];
const base64 = (value: unknown): string =>
	Buffer.from(
		typeof value === "string" ? value : JSON.stringify(value),
	).toString("base64url");
/** A token with any header and payload, with a right signature by the lab's secret. */
const forge = (header: object, payload: unknown): string => {
	const input = `${base64(header)}.${base64(payload)}`;
	const mac = createHmac("sha256", SECRET).update(input).digest("base64url");
	return `${input}.${mac}`;
};
const claims = { sub: "ann", exp: now + 600 };
const hs256 = (payload: unknown): string => forge({ alg: "HS256" }, payload);

describe("a token", () => {
	it("[SES-2] is who it says, for as long as it says", () => {
		const avatar = "https://example.com/a.png";
		const token = hs256({
			...claims,
			name: "Ann",
			avatar,
			roles: ["admin"],
			jti: "j",
		});
		expect(verify(token)).toEqual({
			userId: "ann",
			name: "Ann",
			avatar,
			roles: ["admin"],
			jti: "j",
			expiresAtMs: (now + 600) * 1000,
		});
	});

	it.each([
		["alg none", `${base64({ alg: "none" })}.${base64(claims)}.`],
		["alg nOnE", `${base64({ alg: "nOnE" })}.${base64(claims)}.`],
		["another secret", jwt.sign(claims, `${SECRET}!`, { noTimestamp: true })],
		[
			"HS512",
			jwt.sign(claims, SECRET, { algorithm: "HS512", noTimestamp: true }),
		],
		["no signature", hs256(claims).replace(/\.[^.]*$/, ".")],
		["not a token", "abc"],
		["empty", ""],
		["unknown crit", forge({ alg: "HS256", crit: ["x"], x: 1 }, claims)],
	])(
		"[SES-3] with a wrong signature or algorithm is refused: %s",
		(_, token) => {
			expect(refusal(token)).toEqual(INVALID);
		},
	);

	it("[SES-3] kid says nothing: the key is the configured one", () => {
		const token = forge({ alg: "HS256", kid: "../../dev/null" }, claims);
		expect(verify(token).userId).toBe("ann");
	});

	it("[SES-3] the key's type fixes the algorithm", () => {
		const rs256 = jwt.sign(claims, rsaPrivate, {
			algorithm: "RS256",
			noTimestamp: true,
		});
		expect(verify(rs256, { key: rsaPem }).userId).toBe("ann");
		const input = `${base64({ alg: "HS256" })}.${base64(claims)}`;
		const mac = createHmac("sha256", rsaPem).update(input).digest("base64url");
		expect(refusal(`${input}.${mac}`, { key: rsaPem })).toEqual(INVALID);
		const ps256 = jwt.sign(claims, rsaPrivate, {
			algorithm: "PS256",
			noTimestamp: true,
		});
		expect(refusal(ps256, { key: rsaPem })).toEqual(INVALID);
		const es256Input = `${base64({ alg: "ES256" })}.${base64(claims)}`;
		const signature = sign("sha256", Buffer.from(es256Input), {
			key: ec.privateKey,
			dsaEncoding: "ieee-p1363",
		}).toString("base64url");
		expect(verify(`${es256Input}.${signature}`, { key: ecPem }).userId).toBe(
			"ann",
		);
	});

	it("[SES-3] a short secret, or an allow-list without the key's algorithm, stops the start", () => {
		expect(() => new Authenticator({ key: "short" }, clock)).toThrow(
			"32 bytes",
		);
		const rules = { key: SECRET, algorithms: ["RS256"] };
		expect(() => new Authenticator(rules, clock)).toThrow("HS256");
	});

	it.each([
		["no exp", { sub: "ann" }],
		["exp is text", { ...claims, exp: "9999999999" }],
		["exp is endless", `{"sub":"ann","exp":1e400}`],
		["exp beyond dates", { ...claims, exp: 8.64e15 }],
		["payload is text", '"hello"'],
		["payload is null", "null"],
		["payload is a list", "[]"],
		["no sub", { exp: claims.exp }],
		["sub is an object", { ...claims, sub: { a: 1 } }],
		["sub is a number", { ...claims, sub: 5 }],
		["sub is empty", { ...claims, sub: "" }],
		["sub of 5 KiB", { ...claims, sub: "x".repeat(5_120) }],
		["sub with ~", { ...claims, sub: "ann~2" }],
		["sub with NUL", { ...claims, sub: "ann\0" }],
		["sub with a lone surrogate", `{"sub":"\\ud83d","exp":${claims.exp}}`],
		["iat in the future", { ...claims, iat: now + 61 }],
		["iat is text", { ...claims, iat: "now" }],
		["nbf in the future", { ...claims, nbf: now + 61 }],
		["permissions is a list", { ...claims, permissions: ["edit"] }],
		["permissions is null", { ...claims, permissions: null }],
	])("[SES-4] with unusable claims is refused: %s", (_, payload) => {
		expect(refusal(hs256(payload))).toEqual(INVALID);
	});

	it("[SES-5] exp has no leeway, iat and nbf have 60 s", () => {
		expect(refusal(hs256({ ...claims, exp: now }))).toEqual(EXPIRED);
		expect(verify(hs256({ ...claims, exp: now + 1 })).userId).toBe("ann");
		const early = { ...claims, iat: now + 60, nbf: now + 60 };
		expect(verify(hs256(early)).userId).toBe("ann");
	});

	it("[SES-5] a token that is shown again is as old as it is", () => {
		const moving = new ManualClock();
		const authenticator = new Authenticator({ key: SECRET }, moving);
		const exp = Math.floor(moving.nowMs() / 1_000) + 60;
		const token = jwt.sign({ sub: "ann", exp }, SECRET, { noTimestamp: true });
		expect(authenticator.verify(token).userId).toBe("ann");
		moving.advance(59_000);
		expect(authenticator.verify(token)).toBe(authenticator.verify(token));
		const forged = `${token.slice(0, -2)}AA`;
		expect(() => authenticator.verify(forged)).toThrow("not valid");
		moving.advance(1_000);
		expect(() => authenticator.verify(token)).toThrow("expired");
	});

	it("[SES-4] issuer, audience and lifetime are checked when configured", () => {
		const token = hs256({ ...claims, iss: "a", aud: "b", iat: now });
		expect(
			verify(token, { issuer: "a", audience: "b", maxAgeSeconds: 600 }).userId,
		).toBe("ann");
		expect(refusal(token, { issuer: "x" })).toEqual(INVALID);
		expect(refusal(token, { audience: "x" })).toEqual(INVALID);
		expect(refusal(token, { maxAgeSeconds: 599 })).toEqual(INVALID);
		expect(refusal(hs256(claims), { maxAgeSeconds: 6_000 })).toEqual(INVALID);
	});

	it("[SES-6] a display name loses what could deceive, and is never empty", () => {
		const name = "  Ann\u202egnp.\u200b\n\0 ";
		expect(verify(hs256({ ...claims, name })).name).toBe("Anngnp.");
		expect(verify(hs256({ ...claims, name: "\u200b" })).name).toBe("ann");
		expect(verify(hs256({ ...claims, name: { x: 1 } })).name).toBe("ann");
		expect(
			verify(hs256({ ...claims, avatar: "javascript:alert(1)" })),
		).not.toHaveProperty("avatar");
	});
});

describe("permissions of a token", () => {
	const roleOn = (permissions: unknown, docId: string): unknown =>
		verify(
			hs256(
				`{"sub":"ann","exp":${claims.exp},"permissions":${JSON.stringify(permissions)}}`,
			),
		).permissions?.roleOn(docId);

	it("[SES-7] the exact id, else the longest prefix that ends in *", () => {
		const permissions = {
			prd_123: "edit",
			"prd_9*": "view",
			"prd_99*": "comment",
			"*": "view",
		};
		expect(roleOn(permissions, "prd_123")).toBe("edit");
		expect(roleOn(permissions, "prd_1234")).toBe("view");
		expect(roleOn(permissions, "prd_98")).toBe("view");
		expect(roleOn(permissions, "prd_991")).toBe("comment");
		expect(roleOn({ prd_1: "edit" }, "prd_2")).toBeUndefined();
		expect(roleOn({}, "prd_2")).toBeUndefined();
	});

	it("[SES-7] own keys only, no other roles, no patterns", () => {
		expect(roleOn({ "*": "owner" }, "d")).toBeUndefined();
		expect(roleOn({ "*": "edit", d: "admin" }, "d")).toBeUndefined();
		expect(
			roleOn({ "prd_(a+)+": "edit", "p*d": "edit" }, "prd_aaaa"),
		).toBeUndefined();
		for (const key of ["__proto__", "constructor", "toString"])
			expect(roleOn({}, key)).toBeUndefined();
		expect(roleOn(JSON.parse('{"__proto__":"edit"}'), "d")).toBeUndefined();
	});
});
