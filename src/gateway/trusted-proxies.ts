import type { IncomingMessage } from "node:http";
import { type BlockList, isIP, SocketAddress } from "node:net";
import { addressOf } from "./address-of.ts";

/** The proxies whose `X-Forwarded-For` counts; none: it is always the peer who comes. */
export class TrustedProxies {
	readonly #list: Pick<BlockList, "check"> | undefined;

	constructor(list: Pick<BlockList, "check"> | undefined) {
		this.#list = list;
	}

	/**
	 * What the visitor behind a request is told apart by, as in `addressOf`. Each trusted hop vouches for the one that it
	 * has written down last; what it wrote that is no address, and all before it, nobody vouches for.
	 */
	visitorOf({ socket, headers }: IncomingMessage): string {
		let visitor = canonical(socket.remoteAddress);
		if (visitor === undefined || !this.#trusts(visitor))
			return addressOf(socket);
		const hops = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",");
		while (this.#trusts(visitor)) {
			const hop = canonical(hops.pop()?.trim());
			if (hop === undefined) break;
			visitor = hop;
		}
		return addressOf({ remoteAddress: visitor });
	}

	#trusts(address: string): boolean {
		const family = isIP(address) === 4 ? "ipv4" : "ipv6";
		return this.#list?.check(address, family) === true;
	}
}

/** One spelling of each address, without a zone; undefined for anything else. */
function canonical(text: string | undefined): string | undefined {
	const [address = ""] = text?.split("%", 1) ?? [];
	const version = isIP(address);
	if (version === 0) return undefined;
	if (version === 4) return address;
	return new SocketAddress({ address, family: "ipv6" }).address;
}
