import { BlockList, isIP } from "node:net";

const BITS = { 4: 32, 6: 128 } as const;

/**
 * The proxies of a list of CIDRs (`10.0.0.0/8`) and addresses, separated by commas.
 *
 * @returns a line for the operator when an entry is neither
 */
export function proxyList(list: string): BlockList | string {
	const proxies = new BlockList();
	for (const [i, entry] of list.split(",").entries()) {
		const [, address = "", prefix] =
			/^([^/%]+)(?:\/(\d{1,3}))?$/.exec(entry.trim()) ?? [];
		const version = isIP(address);
		const most = version === 0 ? -1 : BITS[version as 4 | 6];
		const bits = Number(prefix ?? most);
		if (bits > most || version === 0)
			return `TRUST_PROXY: entry ${i + 1} is not a network like 10.0.0.0/8`;
		proxies.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
	}
	return proxies;
}
