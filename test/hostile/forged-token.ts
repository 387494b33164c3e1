import { createHmac } from "node:crypto";
import jwt from "jsonwebtoken";
import { SECRET, tokenFor } from "../support/product.ts";
import type { TokenRow } from "./rows-auth-tokens.ts";

/** Makes a token by hand: libraries refuse to make most of these. */
export function forgedToken(
	row: Omit<TokenRow, "row" | "name">,
	serverKey = SECRET,
): string {
	if (row.text !== undefined) return row.text;
	const { header, hash = "sha256", key = serverKey } = row;
	const head = part(JSON.stringify({ alg: "HS256", typ: "JWT", ...header }));
	const signed = `${head}.${part(payloadOf(row))}`;
	if (hash === null) return `${signed}.`;
	const signature = createHmac(hash, key).update(signed).digest("base64url");
	return `${signed}.${signature}`;
}

/** `"$now-5"` stands for a time 5 s ago. */
function payloadOf({
	claims,
	payload,
}: Omit<TokenRow, "row" | "name">): string {
	if (payload !== undefined) return payload;
	const good = jwt.decode(tokenFor("eve")) as jwt.JwtPayload;
	return JSON.stringify({ ...good, ...claims }).replace(
		/"\$now([+-]\d+)"/g,
		(_, seconds) => String(Number(good.iat) + Number(seconds)),
	);
}

const part = (text: string): string => Buffer.from(text).toString("base64url");
