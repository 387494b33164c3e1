import type { KeyObject } from "node:crypto";
import jwt from "jsonwebtoken";
import type { Config } from "./config.ts";

/** Signs claims so that a server with the same settings takes them; lives as long as asked, but at most `JWT_MAX_AGE`. */
export function signToken(
	claims: Readonly<Record<string, unknown>>,
	{
		key,
		userId,
		lifetimeSeconds,
		auth: { issuer, audience, maxAge = Number.POSITIVE_INFINITY },
	}: {
		readonly key: KeyObject;
		readonly userId: string;
		readonly lifetimeSeconds: number;
		readonly auth: Config["auth"];
	},
): string {
	return jwt.sign(claims, key, {
		algorithm: "HS256",
		subject: userId,
		expiresIn: Math.min(lifetimeSeconds, maxAge),
		...(issuer === undefined ? {} : { issuer }),
		...(audience === undefined ? {} : { audience }),
	});
}
