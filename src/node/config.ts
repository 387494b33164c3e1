import { isIP } from "node:net";
import { join } from "node:path";
import { type Algorithm, type AuthKey, keyOf } from "./jwt-key.ts";

/** A setting that is wrong or contradicts another: the start stops with this one line. */
export class ConfigError extends Error {
	override readonly name = "ConfigError";
}

/** Everything an operator can set, parsed and validated once. */
export interface Config {
	readonly production: boolean;
	readonly host: string;
	/** 0: any free port. */
	readonly port: number;
	readonly dataDir: string;
	readonly database:
		| {
				readonly kind: "sqlite";
				readonly dataDir: string;
				readonly synchronous: "FULL" | "NORMAL";
		  }
		| { readonly kind: "postgres"; readonly url: string };
	readonly auth: {
		/** Absent in development: a random key is made and kept in `dataDir`. */
		readonly key?: AuthKey;
		readonly algorithms: readonly Algorithm[];
		readonly issuer?: string;
		readonly audience?: string;
		/** Seconds between `iat` and `exp`; absent: no limit. */
		readonly maxAge?: number;
	};
	/** Absent in development: this server's own address on a loopback name. */
	readonly allowedOrigins?: readonly string[];
	/** The page signs its visitor in by name: development on a loopback address only. */
	readonly demo: boolean;
	/** Rates and the number of connections are bounded. */
	readonly rateLimits: boolean;
	readonly logLevel: (typeof LOG_LEVELS)[number];
}

const LOG_LEVELS = [
	"fatal",
	"error",
	"warn",
	"info",
	"debug",
	"trace",
] as const;

/** One variable of the environment; the README's table has a row for each. */
export const VARIABLES = [
	"PORT",
	"HOST",
	"DATA_DIR",
	"DATABASE_URL",
	"SQLITE_SYNCHRONOUS",
	"JWT_SECRET",
	"JWT_PUBLIC_KEY",
	"JWT_ALGORITHMS",
	"JWT_ISSUER",
	"JWT_AUDIENCE",
	"JWT_MAX_AGE",
	"ALLOWED_ORIGINS",
	"RATE_LIMITS",
	"LOG_LEVEL",
	"NODE_ENV",
] as const;
type Variable = (typeof VARIABLES)[number];
type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment; an empty variable counts as unset. Throws `ConfigError`. */
export function loadConfig(environment: Environment): Config {
	const read = (name: Variable): string | undefined =>
		environment[name]?.trim() || undefined;
	const production =
		oneOf("NODE_ENV", read("NODE_ENV") ?? "development", [
			"development",
			"test",
			"production",
		]) === "production";
	const host = hostOf(read("HOST") ?? "127.0.0.1");
	const dataDir = read("DATA_DIR") ?? "./data";
	const auth = authOf(read, environment);
	const allowedOrigins = originsOf(read("ALLOWED_ORIGINS"));
	if (production && auth.key === undefined)
		throw new ConfigError(
			"NODE_ENV=production needs JWT_SECRET or JWT_PUBLIC_KEY",
		);
	if (production && allowedOrigins === undefined)
		throw new ConfigError("NODE_ENV=production needs ALLOWED_ORIGINS");
	const rateLimits =
		oneOf("RATE_LIMITS", read("RATE_LIMITS") ?? "on", ["on", "off"]) === "on";
	if (production && !rateLimits)
		throw new ConfigError("RATE_LIMITS=off is not for NODE_ENV=production");
	return {
		production,
		host,
		port: integer("PORT", read("PORT"), 3000, 0, 65_535),
		dataDir,
		database: databaseOf(read, dataDir),
		auth,
		...(allowedOrigins === undefined ? {} : { allowedOrigins }),
		rateLimits,
		demo: !production && auth.key === undefined && isLoopback(host),
		logLevel: oneOf(
			"LOG_LEVEL",
			read("LOG_LEVEL") ?? (production ? "info" : "warn"),
			LOG_LEVELS,
		),
	};
}

/** Whether an address or host name means this machine alone. */
export function isLoopback(host: string): boolean {
	if (host === "localhost" || host === "::1") return true;
	const mapped = host.replace(/^::ffff:/i, "");
	return isIP(mapped) === 4 && mapped.startsWith("127.");
}

function databaseOf(
	read: (name: Variable) => string | undefined,
	dataDir: string,
): Config["database"] {
	const url = read("DATABASE_URL");
	const synchronous = oneOf(
		"SQLITE_SYNCHRONOUS",
		read("SQLITE_SYNCHRONOUS") ?? "FULL",
		["FULL", "NORMAL"],
	);
	if (url === undefined)
		return { kind: "sqlite", dataDir: join(dataDir), synchronous };
	if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
		throw new ConfigError(
			"DATABASE_URL must be postgres://user:password@host:port/database",
		);
	if (read("SQLITE_SYNCHRONOUS") !== undefined)
		throw new ConfigError(
			"SQLITE_SYNCHRONOUS has no meaning with DATABASE_URL",
		);
	return { kind: "postgres", url };
}

/** As `listen` takes it: an IPv6 address is written with or without brackets. */
const hostOf = (host: string): string =>
	host.replace(/^\[(.*)\]$/, (text, bare) => (isIP(bare) === 6 ? bare : text));

function authOf(
	read: (name: Variable) => string | undefined,
	environment: Environment,
): Config["auth"] {
	// To the byte: whoever else signs with it does not trim it either.
	const secret = read("JWT_SECRET") && environment.JWT_SECRET;
	const publicKey = read("JWT_PUBLIC_KEY");
	if (secret !== undefined && publicKey !== undefined)
		throw new ConfigError("set JWT_SECRET or JWT_PUBLIC_KEY, not both");
	const key = keyOf(secret, publicKey);
	if (typeof key === "string") throw new ConfigError(key);
	const possible = key?.algorithms ?? ["HS256"];
	const named = read("JWT_ALGORITHMS")?.split(",");
	const algorithms =
		named?.map((name) => oneOf("JWT_ALGORITHMS", name.trim(), possible)) ??
		possible;
	const issuer = read("JWT_ISSUER");
	const audience = read("JWT_AUDIENCE");
	const maxAge = read("JWT_MAX_AGE");
	return {
		...(key === undefined ? {} : { key }),
		algorithms,
		...(issuer === undefined ? {} : { issuer }),
		...(audience === undefined ? {} : { audience }),
		...(maxAge === undefined
			? {}
			: { maxAge: integer("JWT_MAX_AGE", maxAge, 0, 1, 2 ** 31) }),
	};
}

function originsOf(list: string | undefined): readonly string[] | undefined {
	return list?.split(",").map((entry, i) => {
		const text = entry.trim();
		const url = URL.parse(text);
		const isExact = url?.origin === text.toLowerCase() && !text.includes("*");
		if (!isExact || !/^https?:$/.test(url.protocol))
			throw new ConfigError(
				`ALLOWED_ORIGINS: entry ${i + 1} is not an origin like https://app.example.com`,
			);
		return url.origin;
	});
}

function integer(
	name: Variable,
	text: string | undefined,
	fallback: number,
	least: number,
	most: number,
): number {
	if (text === undefined) return fallback;
	const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
	if (!(value >= least && value <= most))
		throw new ConfigError(
			`${name} must be a whole number, ${least} to ${most}`,
		);
	return value;
}

function oneOf<T extends string>(
	name: Variable,
	value: string,
	allowed: readonly T[],
): T {
	const found = allowed.find((one) => one === value);
	if (found === undefined)
		throw new ConfigError(`${name} must be one of ${allowed.join(", ")}`);
	return found;
}
