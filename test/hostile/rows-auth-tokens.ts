/** A token that is to be refused; what is not said of it is good. */
export interface TokenRow {
	readonly row: number;
	readonly name: string;
	/** Its header, beside `typ`; `HS256` when absent. */
	readonly header?: Readonly<Record<string, unknown>>;
	/** Changes to the good claims; times are seconds from now. */
	readonly claims?: Readonly<Record<string, unknown>>;
	/** JSON text of the payload, in the place of claims. */
	readonly payload?: string;
	/** Hash of the signature; `null`: there is none. */
	readonly hash?: "sha256" | "sha512" | null;
	/** What it is signed with, in the place of the server's key. */
	readonly key?: string;
	/** The whole token. */
	readonly text?: string;
	readonly reason?: "token_expired";
}

const now = "$now";
const later = (seconds: number) => `${now}${seconds < 0 ? "" : "+"}${seconds}`;

const signatures: readonly TokenRow[] = [
	{ name: "alg none", header: { alg: "none" }, hash: null },
	{ name: "alg nOnE", header: { alg: "nOnE" }, hash: null },
	{ name: "alg none with a signature", header: { alg: "none" } },
	{ name: "no alg", header: { alg: undefined } },
	{ name: "HS512", header: { alg: "HS512" }, hash: "sha512" as const },
	{ name: "RS256 under a shared key", header: { alg: "RS256" } },
	{ name: "an alg that is no text", header: { alg: ["HS256"] } },
	{ name: "another key", key: "another-secret-of-at-least-thirty-two-bytes" },
	{
		name: "kid ../../dev/null and the empty key",
		header: { kid: "../../dev/null" },
		key: "",
	},
	{
		name: "a key that the token brings along",
		header: { jwk: { kty: "oct", k: "a2V5" }, jku: "http://127.0.0.1/jwks" },
		key: "key",
	},
	{ name: "no signature", hash: null },
	{ name: "an unknown extension", header: { crit: ["exp"] } },
	{ name: "no token at all", text: "nothing" },
	{ name: "dots alone", text: ".." },
	{ name: "parts that are no base64", text: "!.!.!" },
	{ name: "parts that are no JSON", text: "e30x.e30x.e30x" },
].map((row) => ({ row: 73, ...row }));

const payloads: readonly TokenRow[] = [
	...Object.entries({
		"a text as payload": '"admin"',
		"a number as payload": "5",
		"a list as payload": "[]",
		"null as payload": "null",
		"no JSON as payload": "{",
		"exp of infinity": '{"sub":"eve","exp":1e400}',
	}).map(([name, payload]) => ({ name, payload })),
	...Object.entries({
		"no exp": { exp: undefined },
		"a text as exp": { exp: "2999-01-01" },
		"null as exp": { exp: null },
		"exp beyond all dates": { exp: 8_640_000_000_001 },
		"no sub": { sub: undefined },
		"an object as sub": { sub: { id: "eve" } },
		"a number as sub": { sub: 5 },
		"an empty sub": { sub: "" },
		"a sub of 5 KiB": { sub: "e".repeat(5_120) },
		"a sub with ~": { sub: "eve~2" },
		"a sub with a NUL": { sub: "eve\0" },
		"a sub with a line feed": { sub: "eve\nroot" },
		"a sub with half of a surrogate pair": { sub: "eve\ud83d" },
		"iat in two minutes": { iat: later(120) },
		"a text as iat": { iat: "now" },
		"nbf in two minutes": { nbf: later(120) },
		"an object as nbf": { nbf: {} },
	}).map(([name, claims]) => ({ name, claims })),
].map((row) => ({ row: row.name.startsWith("nbf") ? 75 : 74, ...row }));

const expired: readonly TokenRow[] = [1, 61, 86_400].map((seconds) => ({
	row: 75,
	name: `expired by ${seconds} s`,
	claims: { exp: later(-seconds) },
	reason: "token_expired",
}));

const permissions: readonly TokenRow[] = Object.entries({
	"a list as permissions": ["elsewhere"],
	"a text as permissions": "*",
	"null as permissions": null,
	"true as permissions": true,
}).map(([name, value]) => ({ row: 78, name, claims: { permissions: value } }));

/** Tokens that admit nobody. */
export const TOKEN_ROWS: readonly TokenRow[] = [
	...signatures,
	...payloads,
	...expired,
	...permissions,
];
