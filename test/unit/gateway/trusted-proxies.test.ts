import type { IncomingMessage } from "node:http";
import { BlockList } from "node:net";
import { describe, expect, it } from "@jest/globals";
import { TrustedProxies } from "../../../src/gateway/trusted-proxies.ts";

const list = new BlockList();
list.addSubnet("10.0.0.0", 8, "ipv4");
list.addSubnet("2001:db8::", 32, "ipv6");
const proxies = new TrustedProxies(list);

const requestFrom = (remoteAddress: string | undefined, forwarded?: string) =>
	({
		socket: { remoteAddress },
		headers:
			forwarded === undefined
				? { forwarded: "for=9.9.9.9", "x-real-ip": "9.9.9.9" }
				: { "x-forwarded-for": forwarded },
	}) as unknown as IncomingMessage;

describe("the visitor behind proxies", () => {
	it.each<[string, string, string | undefined, string]>([
		["the peer, without the header", "10.0.0.1", undefined, "10.0.0.1"],
		["the peer, who is no proxy", "192.0.2.1", "1.2.3.4", "192.0.2.1"],
		["the address that a proxy adds", "10.0.0.1", "1.2.3.4", "1.2.3.4"],
		[
			"not what the visitor has made up",
			"10.0.0.1",
			"6.6.6.6, 1.2.3.4",
			"1.2.3.4",
		],
		[
			"the one before several proxies",
			"10.0.0.1",
			"6.6.6.6,1.2.3.4,10.9.9.9",
			"1.2.3.4",
		],
		[
			"a proxy, when there are only proxies",
			"10.0.0.1",
			"10.0.0.3, 10.0.0.2",
			"10.0.0.3",
		],
		[
			"the proxy that wrote no address",
			"10.0.0.1",
			"1.2.3.4, unknown",
			"10.0.0.1",
		],
		["the proxy that wrote nothing", "10.0.0.1", "", "10.0.0.1"],
		[
			"a proxy behind a mapped address",
			"::ffff:10.0.0.1",
			"1.2.3.4",
			"1.2.3.4",
		],
		["a mapped address", "10.0.0.1", "::ffff:102:304", "1.2.3.4"],
		[
			"a mapped proxy in between",
			"10.0.0.1",
			"1.2.3.4, ::ffff:10.0.0.9",
			"1.2.3.4",
		],
		[
			"a network of IPv6",
			"2001:db8::1",
			"2001:DB9:1:2:3::4",
			"2001:db9:1:2::/64",
		],
		[
			"one spelling of it",
			"10.0.0.1",
			"2001:0db9:0001:0002::",
			"2001:db9:1:2::/64",
		],
		["without its zone", "10.0.0.1", "fe80::1%eth0", "fe80:0:0:0::/64"],
	])("[ADM-7] is %s", (_, peer, forwarded, visitor) => {
		expect(proxies.visitorOf(requestFrom(peer, forwarded))).toBe(visitor);
	});

	it.each([
		"1.2.3",
		"1.2.3.4:80",
		"[::1]",
		"01.2.3.4",
		"1.2.3.4/8",
		"__proto__",
	])("[ADM-7] is not %s", (junk) => {
		const forwarded = `1.2.3.4, ${junk}`;
		expect(proxies.visitorOf(requestFrom("10.0.0.1", forwarded))).toBe(
			"10.0.0.1",
		);
	});

	it("[ADM-7] is the peer where nobody is trusted, and nobody when he has gone", () => {
		const nobody = new TrustedProxies(undefined);
		expect(nobody.visitorOf(requestFrom("10.0.0.1", "1.2.3.4"))).toBe(
			"10.0.0.1",
		);
		expect(proxies.visitorOf(requestFrom(undefined, "1.2.3.4"))).toBe("");
	});
});
