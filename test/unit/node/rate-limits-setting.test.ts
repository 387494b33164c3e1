import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { ConfigError, loadConfig } from "../../../src/node/config.ts";

describe("RATE_LIMITS", () => {
	it("[RATE-9] is on by default, can be switched off, and not in production", () => {
		expect(loadConfig({}).rateLimits).toBe(true);
		expect(loadConfig({ RATE_LIMITS: "" }).rateLimits).toBe(true);
		expect(loadConfig({ RATE_LIMITS: "off" }).rateLimits).toBe(false);
		const production = {
			NODE_ENV: "production",
			JWT_SECRET: "x".repeat(32),
			ALLOWED_ORIGINS: "https://app.example.com",
		};
		expect(loadConfig(production).rateLimits).toBe(true);
		for (const environment of [
			{ ...production, RATE_LIMITS: "off" },
			{ RATE_LIMITS: "no" },
		])
			expect(() => loadConfig(environment)).toThrow(ConfigError);
		expect(readFileSync("README.md", "utf8")).toContain("`RATE_LIMITS`");
	});
});
