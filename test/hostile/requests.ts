import { type UpgradeLines, upgradeRequest } from "../support/bytes.ts";
import { MARK } from "./row.ts";

/** An upgrade request that is a good one but for what is replaced. */
export const upgrade = ({ headers, ...rest }: UpgradeLines = {}): string =>
	upgradeRequest({ ...rest, headers: { "X-Note": MARK, ...headers } });

export interface RequestLines {
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string;
}

/** A plain request after which the server closes the connection. */
export function request(
	target: string,
	{ method = "GET", headers = {}, body = "" }: RequestLines = {},
): string {
	const all = {
		Host: "localhost",
		Connection: "close",
		"X-Note": MARK,
		...(body === "" ? {} : { "Content-Length": String(body.length) }),
		...headers,
	};
	const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
	return `${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n${body}`;
}
