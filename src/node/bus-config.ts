/** What the processes of a cluster talk over, and where the state is that they share for a while. */
export type BusConfig = (
	| {
			readonly kind: "nats";
			/** `host:port` each. */
			readonly servers: readonly string[];
			readonly user?: string;
			readonly password?: string;
	  }
	| { readonly kind: "redis" }
) & { readonly redisUrl: string };

export interface BusSettings {
	readonly bus: "nats" | "redis" | undefined;
	readonly natsUrl: string | undefined;
	readonly redisUrl: string | undefined;
	readonly databaseUrl: string | undefined;
	/** Tokens are checked with a key that every gateway has. */
	readonly hasKey: boolean;
}

/** @returns undefined for a process that is alone; a line for the operator when the settings contradict each other */
export function busOf(settings: BusSettings): BusConfig | string | undefined {
	const { natsUrl, redisUrl, databaseUrl } = settings;
	const kind = settings.bus ?? (natsUrl === undefined ? undefined : "nats");
	if (kind === undefined)
		return redisUrl === undefined
			? undefined
			: "REDIS_URL has no meaning without a bus: set NATS_URL, or BUS=redis";
	const missing = [
		...(databaseUrl === undefined ? ["DATABASE_URL"] : []),
		...(redisUrl === undefined ? ["REDIS_URL"] : []),
		...(settings.hasKey ? [] : ["JWT_SECRET or JWT_PUBLIC_KEY"]),
	];
	if (redisUrl === undefined || missing.length > 0)
		return `a bus needs ${missing.join(" and ")}`;
	if (!isRedisUrl(redisUrl))
		return "REDIS_URL must be redis://user:password@host:port/database";
	if (kind === "nats") return natsOf(natsUrl, redisUrl);
	if (natsUrl !== undefined) return "NATS_URL has no meaning with BUS=redis";
	return { kind, redisUrl };
}

/** Neither nats.js nor Moleculer takes credentials in an address. */
function natsOf(
	natsUrl: string | undefined,
	redisUrl: string,
): BusConfig | string {
	if (natsUrl === undefined) return "BUS=nats needs NATS_URL";
	const servers = natsUrl.split(",").map((text) => URL.parse(text.trim()));
	if (!servers.every(isNatsServer))
		return "NATS_URL must be nats://user:password@host:port, or several separated by commas";
	const credentials = new Set(
		servers
			.filter(({ username }) => username !== "")
			.map(({ username, password }) => `${username}:${password}`),
	);
	if (credentials.size > 1)
		return "NATS_URL must have one user and password for all servers";
	const { username: user, password } =
		servers.find(({ username }) => username !== "") ?? NOBODY;
	return {
		kind: "nats",
		servers: servers.map(
			({ hostname, port }) => `${hostname}:${port || "4222"}`,
		),
		...(user === "" ? {} : { user: decoded(user) }),
		...(password === "" ? {} : { password: decoded(password) }),
		redisUrl,
	};
}

const NOBODY = { username: "", password: "" };

const isNatsServer = (url: URL | null): url is URL =>
	url?.protocol === "nats:" && url.hostname !== "";

const isRedisUrl = (text: string): boolean =>
	/^rediss?:\/\//.test(text) && URL.canParse(text);

/** As it was written where it is no percent-encoding. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
