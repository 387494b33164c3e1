import { type BlockList, isIP } from "node:net";
import { join } from "node:path";
import { type BusConfig, busOf } from "./bus-config.ts";
import { type Algorithm, type AuthKey, keyOf } from "./jwt-key.ts";
import { proxyList } from "./proxy-list.ts";
import { type VersionConfig, versionsOf } from "./version-config.ts";

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
	/** What the processes of a cluster talk over; absent: this process is all there is. */
	readonly bus?: BusConfig;
	/** Prefix of every subject, channel and key, for several installations on one bus. */
	readonly namespace: string;
	/** Port of health checks alone, for processes that serve no clients. */
	readonly healthPort?: number;
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
	/** Whose `X-Forwarded-For` counts; absent: nobody's. */
	readonly trustedProxies?: BlockList;
	/** The page signs its visitor in by name: development on a loopback address only. */
	readonly demo: boolean;
	readonly versions: VersionConfig;
	/** Rates and the number of connections are bounded. */
	readonly rateLimits: boolean;
	readonly logLevel: (typeof LOG_LEVELS)[number];
}

const BUSES = ["nats", "redis"] as const;
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
	"BUS",
	"NATS_URL",
	"REDIS_URL",
	"NAMESPACE_NAME",
	"HEALTH_PORT",
	"JWT_SECRET",
	"JWT_PUBLIC_KEY",
	"JWT_ALGORITHMS",
	"JWT_ISSUER",
	"JWT_AUDIENCE",
	"JWT_MAX_AGE",
	"ALLOWED_ORIGINS",
	"TRUST_PROXY",
	"RATE_LIMITS",
	"GIT_REMOTE_URL",
	"AUTO_VERSION_EDITS",
	"AUTO_VERSION_MINUTES",
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
	const trustedProxies = proxiesOf(read("TRUST_PROXY"));
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
	const bus = busFrom(read, auth.key !== undefined);
	const healthPort = read("HEALTH_PORT");
	return {
		production,
		host,
		port: portOf("PORT", read("PORT") ?? "3000"),
		dataDir,
		...(bus === undefined ? {} : { bus }),
		namespace: namespaceOf(read("NAMESPACE_NAME") ?? "prdtool"),
		...(healthPort === undefined
			? {}
			: { healthPort: portOf("HEALTH_PORT", healthPort) }),
		database: databaseOf(read, dataDir),
		auth,
		...(allowedOrigins === undefined ? {} : { allowedOrigins }),
		...(trustedProxies === undefined ? {} : { trustedProxies }),
		versions: versionsFrom(read),
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

function busFrom(
	read: (name: Variable) => string | undefined,
	hasKey: boolean,
): BusConfig | undefined {
	const named = read("BUS");
	const bus = busOf({
		bus: named === undefined ? undefined : oneOf("BUS", named, BUSES),
		natsUrl: read("NATS_URL"),
		redisUrl: read("REDIS_URL"),
		databaseUrl: read("DATABASE_URL"),
		hasKey,
	});
	if (typeof bus === "string") throw new ConfigError(bus);
	return bus;
}

function versionsFrom(
	read: (name: Variable) => string | undefined,
): VersionConfig {
	const count = (name: Variable): number | undefined => {
		const text = read(name);
		return text === undefined ? undefined : integer(name, text, 1, 1_000_000);
	};
	const versions = versionsOf({
		gitRemoteUrl: read("GIT_REMOTE_URL"),
		edits: count("AUTO_VERSION_EDITS"),
		minutes: count("AUTO_VERSION_MINUTES"),
	});
	if (typeof versions === "string") throw new ConfigError(versions);
	return versions;
}

/** It stands in subjects, channels and keys, where dots and spaces mean something. */
function namespaceOf(name: string): string {
	if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
		throw new ConfigError(
			"NAMESPACE_NAME must be 1 to 64 letters, digits, - or _",
		);
	return name;
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
			: { maxAge: integer("JWT_MAX_AGE", maxAge, 1, 2 ** 31) }),
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

const portOf = (name: Variable, text: string): number =>
	integer(name, text, 0, 65_535);

function proxiesOf(list: string | undefined): BlockList | undefined {
	const proxies = list === undefined ? undefined : proxyList(list);
	if (typeof proxies === "string") throw new ConfigError(proxies);
	return proxies;
}

function integer(
	name: Variable,
	text: string,
	least: number,
	most: number,
): number {
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
