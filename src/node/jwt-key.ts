import { createPublicKey, createSecretKey, type KeyObject } from "node:crypto";

export type Algorithm = "HS256" | "RS256" | "ES256";

/** A key that tokens are checked with; its type fixes the family of algorithms. */
export interface AuthKey {
	readonly key: KeyObject;
	readonly algorithms: readonly Algorithm[];
}

/** @returns undefined when neither is set; a line for the operator when one is unusable */
export function keyOf(
	secret: string | undefined,
	publicKey: string | undefined,
): AuthKey | string | undefined {
	if (secret !== undefined) {
		if (Buffer.byteLength(secret) < 32)
			return "JWT_SECRET must have at least 32 bytes";
		return secretKey(secret);
	}
	if (publicKey === undefined) return undefined;
	return publicKeyOf(publicKey);
}

export const secretKey = (secret: string): AuthKey => ({
	key: createSecretKey(Buffer.from(secret)),
	algorithms: ["HS256"],
});

function publicKeyOf(pem: string): AuthKey | string {
	if (pem.includes("PRIVATE KEY-----"))
		return "JWT_PUBLIC_KEY holds a private key: give the public one";
	try {
		// An environment often carries a PEM in one line.
		return rated(createPublicKey(pem.replaceAll("\\n", "\n")));
	} catch {
		return "JWT_PUBLIC_KEY is not a PEM public key";
	}
}

/** Only what tokens can really be checked with: of a weaker key every one would be refused later. */
function rated(key: KeyObject): AuthKey | string {
	const { asymmetricKeyType, asymmetricKeyDetails = {} } = key;
	const { modulusLength = 0, namedCurve } = asymmetricKeyDetails;
	if (asymmetricKeyType === "rsa" && modulusLength >= 2_048)
		return { key, algorithms: ["RS256"] };
	if (asymmetricKeyType === "ec" && namedCurve === "prime256v1")
		return { key, algorithms: ["ES256"] };
	return "JWT_PUBLIC_KEY must be RSA with at least 2048 bits, or EC on P-256";
}
