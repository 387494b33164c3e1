import type { UpgradeLines } from "../support/bytes.ts";
import { request, upgrade } from "./requests.ts";
import { type HttpRow, MARK } from "./row.ts";

const http = (
	row: number,
	name: string,
	status: number,
	bytes: HttpRow["bytes"],
): HttpRow => ({ row, name, door: "http", bytes, expect: { status } });
const badToken = (name: string, lines: UpgradeLines): HttpRow => ({
	...http(22, name, 401, upgrade(lines)),
	expect: { status: 401, code: "UNAUTHENTICATED" },
});
const many = Object.fromEntries(
	Array.from({ length: 101 }, (_, i) => [`X-${i}`, MARK]),
);

/** 12-14, 22, 23: what is hardly HTTP, or too much of it. */
export const HTTP_ROWS: readonly HttpRow[] = [
	http(12, "101 headers", 431, request("/ws", { headers: many })),
	http(12, "101 headers of an upgrade", 431, upgrade({ headers: many })),
	http(
		12,
		"101 headers at the Socket.IO door",
		431,
		request("/socket.io/?EIO=4&transport=polling", { headers: many }),
	),
	http(12, "101 headers elsewhere", 431, request("/", { headers: many })),
	http(
		12,
		"a header over 8 KiB",
		431,
		upgrade({ headers: { "X-Long": MARK.padEnd(9_000) } }),
	),
	http(
		12,
		"a URL over 8 KiB",
		431,
		upgrade({ target: `/ws?${MARK.repeat(1_300)}` }),
	),
	...["\0", "\r", "\n"].map((character) =>
		http(
			13,
			`${JSON.stringify(character)} in a header`,
			400,
			upgrade({ headers: { "X-Bad": `${MARK}${character}b` } }),
		),
	),
	http(
		13,
		"a length and chunks",
		400,
		upgrade({
			headers: { "Content-Length": "1", "Transfer-Encoding": "chunked" },
		}),
	),
	http(
		13,
		"two lengths",
		400,
		upgrade({ headers: { "Content-Length": ["1", "2"] } }),
	),
	http(14, "TLS", 400, Buffer.from("16030100c8010000c40303", "hex")),
	http(14, "garbage", 400, `\x00\xff${MARK}\r\n\r\n`),
	http(14, "HTTP/2", 400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	http(
		22,
		"a token of 9 KiB",
		431,
		upgrade({ target: `/ws?token=${MARK.repeat(1_300)}` }),
	),
	badToken("a long token", { target: `/ws?token=${MARK.repeat(1_000)}` }),
	badToken("a bad token", { headers: { Authorization: `Bearer ${MARK}` } }),
	{
		row: 23,
		name: "an evil host is not repeated",
		door: "http",
		bytes: request("/nothing", { headers: { Host: `${MARK}.example` } }),
		expect: { status: 404, code: "NOT_FOUND" },
	},
	{
		row: 23,
		name: "an evil host and forwarded headers change nothing",
		door: "http",
		bytes: ({ token }) =>
			upgrade({
				headers: {
					Host: `${MARK}.example`,
					"X-Forwarded-Host": `${MARK}.example`,
					"X-Forwarded-For": "1.2.3.4",
					Authorization: `Bearer ${token}`,
				},
			}),
		expect: { welcome: true },
	},
];
