import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { isLoopback, loadConfig, VARIABLES } from "../../../src/node/config.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const ORIGIN = "https://app.example.com";
const PRODUCTION = {
	NODE_ENV: "production",
	JWT_SECRET: SECRET,
	ALLOWED_ORIGINS: ORIGIN,
};
type Settings = Readonly<Record<string, string>>;

const spki = { type: "spki", format: "pem" } as const;
const pkcs8 = { type: "pkcs8", format: "pem" } as const;
const encodings = { publicKeyEncoding: spki, privateKeyEncoding: pkcs8 };
const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048, ...encodings });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256", ...encodings });

const complaint = (settings: Settings): string => {
	try {
		loadConfig(settings);
	} catch (error) {
		const { name, message } = error as Error;
		expect(name).toBe("ConfigError");
		return message;
	}
	throw new Error("it was accepted");
};

describe("the configuration", () => {
	it("[CONF-1] is development on 127.0.0.1:3000 with SQLite in ./data", () => {
		expect(loadConfig({})).toEqual({
			production: false,
			host: "127.0.0.1",
			port: 3000,
			dataDir: "./data",
			namespace: "prdtool",
			database: { kind: "sqlite", dataDir: "data", synchronous: "FULL" },
			auth: { algorithms: ["HS256"] },
			demo: true,
			logLevel: "warn",
			versions: {},
			rateLimits: true,
		});
	});

	it.each(["", "  ", "\n"])(
		"[CONF-2] takes a variable that is %j as unset",
		(empty) => {
			const settings = Object.fromEntries(
				VARIABLES.map((name) => [name, empty]),
			);
			expect(loadConfig(settings)).toEqual(loadConfig({}));
		},
	);

	it("[CONF-1] reads each variable", () => {
		const config = loadConfig({
			...PRODUCTION,
			ALLOWED_ORIGINS: ` ${ORIGIN}, HTTP://Localhost:5173`,
			PORT: " 65535 ",
			HOST: "[::1]",
			DATA_DIR: "/data",
			SQLITE_SYNCHRONOUS: "NORMAL",
			JWT_ALGORITHMS: "HS256",
			JWT_ISSUER: "issuer",
			JWT_AUDIENCE: "audience",
			JWT_MAX_AGE: "3600",
			LOG_LEVEL: "error",
		});
		expect(config).toMatchObject({
			production: true,
			host: "::1",
			port: 65_535,
			database: { kind: "sqlite", dataDir: "/data", synchronous: "NORMAL" },
			auth: { issuer: "issuer", audience: "audience", maxAge: 3_600 },
			allowedOrigins: [ORIGIN, "http://localhost:5173"],
			logLevel: "error",
		});
		expect(
			loadConfig({ DATABASE_URL: "postgresql://u:p@h:5432/d" }).database,
		).toEqual({ kind: "postgres", url: "postgresql://u:p@h:5432/d" });
	});

	it.each<[string, Settings]>([
		["PORT", { PORT: "65536" }],
		["PORT", { PORT: "-1" }],
		["PORT", { PORT: "3000.5" }],
		["PORT", { PORT: "0x10" }],
		["PORT", { PORT: "1e3" }],
		["PORT", { PORT: "http" }],
		["LOG_LEVEL", { LOG_LEVEL: "loud" }],
		["LOG_LEVEL", { LOG_LEVEL: "constructor" }],
		["NODE_ENV", { NODE_ENV: "prod" }],
		["NODE_ENV", { NODE_ENV: "Production" }],
		["SQLITE_SYNCHRONOUS", { SQLITE_SYNCHRONOUS: "OFF" }],
		["DATABASE_URL", { DATABASE_URL: "mysql://u:p@h/d" }],
		["DATABASE_URL", { DATABASE_URL: "postgres://u:pa#ss@h:x/d" }],
		[
			"SQLITE_SYNCHRONOUS",
			{ DATABASE_URL: "postgres://h/d", SQLITE_SYNCHRONOUS: "FULL" },
		],
		["JWT_SECRET", { JWT_SECRET: SECRET.slice(1) }],
		["JWT_SECRET", { JWT_SECRET: SECRET, JWT_PUBLIC_KEY: rsa.publicKey }],
		["JWT_PUBLIC_KEY", { JWT_PUBLIC_KEY: "no key" }],
		["JWT_ALGORITHMS", { JWT_SECRET: SECRET, JWT_ALGORITHMS: "none" }],
		["JWT_ALGORITHMS", { JWT_SECRET: SECRET, JWT_ALGORITHMS: "RS256" }],
		["JWT_ALGORITHMS", { JWT_SECRET: SECRET, JWT_ALGORITHMS: "HS256," }],
		[
			"JWT_ALGORITHMS",
			{ JWT_PUBLIC_KEY: rsa.publicKey, JWT_ALGORITHMS: "HS256" },
		],
		["JWT_MAX_AGE", { JWT_MAX_AGE: "0" }],
		["JWT_MAX_AGE", { JWT_MAX_AGE: "1h" }],
		["ALLOWED_ORIGINS", { ALLOWED_ORIGINS: "*" }],
		["ALLOWED_ORIGINS", { ALLOWED_ORIGINS: "null" }],
		["ALLOWED_ORIGINS", { ALLOWED_ORIGINS: "app.example.com" }],
		["ALLOWED_ORIGINS", { ALLOWED_ORIGINS: `${ORIGIN}/` }],
		["ALLOWED_ORIGINS", { ALLOWED_ORIGINS: `${ORIGIN},` }],
		["ALLOWED_ORIGINS", { ALLOWED_ORIGINS: "wss://app.example.com" }],
		["ALLOWED_ORIGINS", { ALLOWED_ORIGINS: "https://*.example.com" }],
	])("[CONF-3] refuses a wrong %s: %j", (name, settings) => {
		const line = complaint(settings);
		expect(line).toContain(name);
		expect(line).not.toContain("\n");
	});

	it("[CONF-3] never shows what was set wrong", () => {
		const secret = "geheim";
		for (const settings of [
			{ JWT_SECRET: secret },
			{ JWT_PUBLIC_KEY: secret },
			{ DATABASE_URL: `mysql://u:${secret}@h/d` },
			{ ALLOWED_ORIGINS: `https://u:${secret}@h\n` },
			{ PORT: secret },
			{ LOG_LEVEL: secret },
		])
			expect(complaint(settings)).not.toContain(secret);
	});

	it("[CONF-3] takes only public keys that tokens can be checked with", () => {
		const weak = generateKeyPairSync("rsa", {
			modulusLength: 1_024,
			...encodings,
		});
		const curve = generateKeyPairSync("ec", {
			namedCurve: "P-384",
			...encodings,
		});
		const edwards = generateKeyPairSync("ed25519", encodings);
		for (const JWT_PUBLIC_KEY of [
			weak.publicKey,
			curve.publicKey,
			edwards.publicKey,
			rsa.privateKey,
			ec.privateKey,
		])
			expect(complaint({ JWT_PUBLIC_KEY })).toContain("JWT_PUBLIC_KEY");
	});

	it.each([
		["RS256", rsa.publicKey],
		["ES256", ec.publicKey],
		["RS256", rsa.publicKey.replaceAll("\n", "\\n")],
	])("[CONF-1] the key's type fixes the algorithm: %s", (algorithm, pem) => {
		const { auth, demo } = loadConfig({ JWT_PUBLIC_KEY: pem });
		expect(auth.algorithms).toEqual([algorithm]);
		expect(demo).toBe(false);
	});

	it("[CONF-1] a secret counts to the byte", () => {
		const { auth } = loadConfig({ JWT_SECRET: ` ${SECRET}\n` });
		expect(auth.key?.key.export().toString()).toBe(` ${SECRET}\n`);
	});

	it("[CONF-4] production needs a key and ALLOWED_ORIGINS", () => {
		expect(complaint({ NODE_ENV: "production" })).toContain("JWT_SECRET");
		expect(complaint({ ...PRODUCTION, JWT_SECRET: "" })).toContain(
			"JWT_SECRET",
		);
		expect(complaint({ ...PRODUCTION, ALLOWED_ORIGINS: "" })).toContain(
			"ALLOWED_ORIGINS",
		);
		expect(loadConfig(PRODUCTION)).toMatchObject({
			production: true,
			logLevel: "info",
		});
	});

	it.each<[boolean, Settings]>([
		[true, {}],
		[true, { NODE_ENV: "test" }],
		[true, { HOST: "localhost" }],
		[true, { HOST: "127.1.2.3" }],
		[true, { HOST: "::1" }],
		[true, { HOST: "[::1]" }],
		[false, { HOST: "0.0.0.0" }],
		[false, { HOST: "::" }],
		[false, { HOST: "127.0.0.1.example.com" }],
		[false, { HOST: "10.0.0.1" }],
		[false, { JWT_SECRET: SECRET }],
		[false, PRODUCTION],
	])("[CONF-5] the demo sign-in exists (%s) with %j", (demo, settings) => {
		expect(loadConfig(settings).demo).toBe(demo);
	});

	it.each<[boolean, string]>([
		[true, "127.0.0.1"],
		[true, "::1"],
		[true, "::ffff:127.0.0.1"],
		[false, "::ffff:10.0.0.1"],
		[false, "128.0.0.1"],
		[false, "::"],
		[false, ""],
		[false, "localhost.example.com"],
	])("[CONF-5] it is %s that %j means this machine", (is, address) => {
		expect(isLoopback(address)).toBe(is);
	});

	it("[CONF-18] says where commits of versions go, and when versions are made by themselves", () => {
		expect(
			loadConfig({
				GIT_REMOTE_URL: "https://u:p@git.example.com/prd.git",
				AUTO_VERSION_EDITS: "500",
				AUTO_VERSION_MINUTES: "30",
			}).versions,
		).toEqual({
			gitRemoteUrl: "https://u:p@git.example.com/prd.git",
			auto: { edits: 500, afterMs: 1_800_000 },
		});
	});

	it.each([
		[{ GIT_REMOTE_URL: "git@example.com:prd.git" }, /^GIT_REMOTE_URL must be/],
		[{ GIT_REMOTE_URL: "file:///tmp/prd.git" }, /^GIT_REMOTE_URL must be/],
		[{ AUTO_VERSION_EDITS: "0" }, /^AUTO_VERSION_EDITS must be/],
		[{ AUTO_VERSION_MINUTES: "soon" }, /^AUTO_VERSION_MINUTES must be/],
	])("[CONF-18] refuses %j", (environment, line) => {
		expect(() => loadConfig(environment)).toThrow(line);
	});
});
