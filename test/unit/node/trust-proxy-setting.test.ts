import { describe, expect, it } from "@jest/globals";
import { ConfigError, loadConfig } from "../../../src/node/config.ts";

const trusted = (list: string) =>
	loadConfig({ TRUST_PROXY: list }).trustedProxies;

describe("TRUST_PROXY", () => {
	it("[CONF-16] names networks and addresses; nobody is trusted without it", () => {
		expect(loadConfig({})).not.toHaveProperty("trustedProxies");
		expect(trusted("")).toBeUndefined();
		const list = trusted(" 10.0.0.0/8,192.0.2.7 , 2001:db8::/32");
		expect(list?.check("10.200.0.1", "ipv4")).toBe(true);
		expect(list?.check("::ffff:10.200.0.1", "ipv6")).toBe(true);
		expect(list?.check("192.0.2.7", "ipv4")).toBe(true);
		expect(list?.check("192.0.2.8", "ipv4")).toBe(false);
		expect(list?.check("2001:db8:1::1", "ipv6")).toBe(true);
		expect(list?.check("2001:db9::1", "ipv6")).toBe(false);
	});

	it.each([
		"10.0.0.0/33",
		"10.0.0/8",
		"::/129",
		"10.0.0.0/",
		"10.0.0.0/-1",
		"10.0.0.0/8/8",
		"10.0.0.0/8,",
		"fe80::1%eth0",
		"loopback",
		"*",
	])("[CONF-16] refuses %s in one line", (list) => {
		const refusal = expect(() => trusted(`127.0.0.1,${list}`));
		refusal.toThrow(ConfigError);
		refusal.toThrow(/^TRUST_PROXY: entry [23] is not a network[^\n]*$/);
	});
});
