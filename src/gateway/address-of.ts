import { isIPv6 } from "node:net";

/** Groups of an IPv6 address that name a network; the rest is any host's own choice. */
const NETWORK_GROUPS = 4;

/** What peers are told apart by: an IPv4 address, or the network of an IPv6 address. */
export function addressOf(peer: {
	readonly remoteAddress?: string | undefined;
}): string {
	const address = (peer.remoteAddress ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
	if (!isIPv6(address)) return address;
	const [head = "", tail] = address.split("%", 1)[0]?.split("::") ?? [];
	const left = head === "" ? [] : head.split(":");
	const right = tail === undefined || tail === "" ? [] : tail.split(":");
	const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
	const groups = [
		...left,
		...Array<string>(Math.max(0, zeros)).fill("0"),
		...right,
	];
	return `${groups.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
