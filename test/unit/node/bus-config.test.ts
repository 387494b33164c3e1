import { describe, expect, it } from "@jest/globals";
import { ConfigError, loadConfig } from "../../../src/node/config.ts";

type Settings = Readonly<Record<string, string>>;
const PASSWORD = "geheim";
const SHARED = {
	DATABASE_URL: `postgres://u:${PASSWORD}@db:5432/d`,
	REDIS_URL: `redis://:${PASSWORD}@redis:6379/0`,
	JWT_SECRET: "0123456789abcdef0123456789abcdef",
};
const NATS_URL = `nats://u:${PASSWORD}@nats:4222`;

const complaint = (settings: Settings): string => {
	try {
		loadConfig(settings);
	} catch (error) {
		expect(error).toBeInstanceOf(ConfigError);
		return (error as Error).message;
	}
	throw new Error("it was accepted");
};

describe("the configuration of a cluster", () => {
	it("[CONF-17] takes servers, user and password out of NATS_URL", () => {
		const { bus, namespace } = loadConfig({
			...SHARED,
			NATS_URL: "nats://one, nats://p%40l:a%2Fb%@two:4333,nats://[::1]:4222",
			NAMESPACE_NAME: "blue",
		});
		expect(bus).toEqual({
			kind: "nats",
			servers: ["one:4222", "two:4333", "[::1]:4222"],
			user: "p@l",
			password: "a%2Fb%",
			redisUrl: SHARED.REDIS_URL,
		});
		expect(namespace).toBe("blue");
	});

	it("[CONF-17] has a server without user and password", () => {
		expect(loadConfig({ ...SHARED, NATS_URL: "nats://n" }).bus).toEqual({
			kind: "nats",
			servers: ["n:4222"],
			redisUrl: SHARED.REDIS_URL,
		});
	});

	it("[CONF-17] is over Redis when that is asked for", () => {
		expect(loadConfig({ ...SHARED, BUS: "redis" }).bus).toEqual({
			kind: "redis",
			redisUrl: SHARED.REDIS_URL,
		});
	});

	it.each<[string, Settings]>([
		["DATABASE_URL", { ...SHARED, NATS_URL, DATABASE_URL: "" }],
		["REDIS_URL", { ...SHARED, NATS_URL, REDIS_URL: "" }],
		["JWT_SECRET", { ...SHARED, NATS_URL, JWT_SECRET: "" }],
		["DATABASE_URL and REDIS_URL", { JWT_SECRET: SHARED.JWT_SECRET, NATS_URL }],
		["BUS=nats needs NATS_URL", { ...SHARED, BUS: "nats" }],
		["BUS must be one of nats, redis", { ...SHARED, BUS: "kafka" }],
		["no meaning with BUS=redis", { ...SHARED, BUS: "redis", NATS_URL }],
		["REDIS_URL has no meaning", SHARED],
		["NATS_URL must be", { ...SHARED, NATS_URL: `http://u:${PASSWORD}@h` }],
		["NATS_URL must be", { ...SHARED, NATS_URL: `${NATS_URL},` }],
		[
			"one user and password",
			{ ...SHARED, NATS_URL: `nats://v:w@a,${NATS_URL}` },
		],
		[
			"REDIS_URL must be",
			{ ...SHARED, BUS: "redis", REDIS_URL: `http://:${PASSWORD}@h` },
		],
		["NAMESPACE_NAME", { NAMESPACE_NAME: "a.b" }],
		["NAMESPACE_NAME", { NAMESPACE_NAME: "*" }],
		["HEALTH_PORT", { HEALTH_PORT: "x" }],
	])("[CONF-3] complains: %s", (says, settings) => {
		const message = complaint(settings);
		expect(message).toContain(says);
		expect(message).not.toContain(PASSWORD);
	});
});
