import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import jwt from "jsonwebtoken";
import { Product } from "../support/product.ts";
import { WAYS_IN } from "./bad-tokens.ts";
import { forgedToken } from "./forged-token.ts";
import { enter } from "./message-attacker.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
	modulusLength: 2_048,
	publicKeyEncoding: { type: "spki", format: "pem" },
	privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const GOOD = { sub: "eve", iss: "https://id.example", aud: "prdtool" };

const signed = (claims: object, algorithm: jwt.Algorithm = "RS256"): string =>
	jwt.sign({ ...GOOD, ...claims }, privateKey, { algorithm, expiresIn: "1h" });
const byPublicKey = (alg: string): string =>
	forgedToken({ header: { alg }, claims: GOOD }, publicKey);

const TOKENS: Readonly<Record<string, string>> = {
	"73, HS256 with the public key": byPublicKey("HS256"),
	"73, RS256 that is an HMAC": byPublicKey("RS256"),
	"73, RS512": signed({}, "RS512"),
	"73, PS256": signed({}, "PS256"),
	"74, another issuer": signed({ iss: "https://evil.example" }),
	"74, a list of issuers": signed({ iss: [GOOD.iss] }),
	"74, no issuer": signed({ iss: undefined }),
	"74, another audience": signed({ aud: "another" }),
	"74, no audience": signed({ aud: undefined }),
};
const byWay = Object.entries(TOKENS).flatMap(([name, token]) =>
	(
		[
			"at the upgrade",
			"in the first frame",
			"at Socket.IO's handshake",
		] as const
	).map((way) => ({ name, token, way, show: WAYS_IN[way] })),
);

let folder: string;
let product: Product;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "prdtool-keys-"));
	product = await Product.start(folder, {
		JWT_SECRET: "",
		JWT_PUBLIC_KEY: publicKey,
		JWT_ISSUER: GOOD.iss,
		JWT_AUDIENCE: GOOD.aud,
	});
}, 20_000);
afterAll(async () => {
	await product.kill();
	await rm(folder, { recursive: true });
});

describe("a server with a public key, an issuer and an audience", () => {
	it.each(byWay)("[HOSTILE-21] row $name ($way)", async ({ token, show }) => {
		expect(await show?.(product, token)).toMatchObject({
			code: "UNAUTHENTICATED",
			data: { reason: "invalid_token" },
		});
		const good = await enter(product, "raw", signed({}));
		await good.settled();
		good.close();
	});
});
