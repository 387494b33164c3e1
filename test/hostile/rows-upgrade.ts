import type { ErrorCode } from "../../src/protocol/errors.ts";
import type { UpgradeLines } from "../support/bytes.ts";
import { request, upgrade } from "./requests.ts";
import { type HttpRow, MARK } from "./row.ts";

const refused = (
	row: number,
	name: string,
	status: number,
	lines: UpgradeLines,
	code: ErrorCode = "VALIDATION_FAILED",
): HttpRow => ({
	row,
	name,
	door: "http",
	bytes: upgrade(lines),
	expect: { status, code },
});
const withHeaders = (
	row: number,
	name: string,
	status: number,
	headers: NonNullable<UpgradeLines["headers"]>,
): HttpRow => refused(row, name, status, { headers });
const version = (row: number, text: string | undefined): HttpRow => ({
	...withHeaders(row, `version ${text}`, 426, {
		"Sec-WebSocket-Version": text,
	}),
	expect: {
		status: 426,
		code: "VALIDATION_FAILED",
		headers: { "sec-websocket-version": "13", upgrade: "websocket" },
	},
});
const elsewhere = (name: string, target: string): HttpRow =>
	refused(8, name, 404, { target }, "NOT_FOUND");

/** 1-11: what is no upgrade to `/ws`. */
export const UPGRADE_ROWS: readonly HttpRow[] = [
	{
		row: 1,
		name: "a plain GET",
		door: "http",
		bytes: request(`/ws?token=${MARK}`),
		expect: {
			status: 426,
			code: "VALIDATION_FAILED",
			headers: { upgrade: "websocket" },
		},
	},
	refused(2, "POST", 405, { method: "POST" }),
	withHeaders(3, "h2c", 400, { Upgrade: "h2c" }),
	withHeaders(4, "no key", 400, { "Sec-WebSocket-Key": undefined }),
	withHeaders(4, "a short key", 400, { "Sec-WebSocket-Key": MARK }),
	withHeaders(4, "a key that is no base64", 400, {
		"Sec-WebSocket-Key": `${MARK}!`.padEnd(22, "*").concat("=="),
	}),
	version(5, "12"),
	version(5, undefined),
	version(6, "8"),
	refused(7, "HTTP/1.0", 400, { http: "1.0" }),
	elsewhere("an unknown path", "/wss"),
	elsewhere("dots", "/ws/../admin"),
	elsewhere("dots to the door", "/x/../ws"),
	elsewhere("two slashes", "//ws"),
	elsewhere("an encoded slash", "/ws%2f"),
	elsewhere("an encoded letter", "/%77s"),
	elsewhere("a longer path", `/ws/${MARK}`),
	elsewhere("a whole URL", `http://${MARK}.example/ws`),
	refused(8, "bad percent-encoding", 400, { target: `/ws%zz${MARK}` }),
	withHeaders(9, "an empty subprotocol", 400, {
		"Sec-WebSocket-Protocol": "prdtool.v1,,b",
	}),
	withHeaders(9, "a subprotocol twice", 400, {
		"Sec-WebSocket-Protocol": "prdtool.v1, prdtool.v1",
	}),
	withHeaders(10, "foreign subprotocols", 400, {
		"Sec-WebSocket-Protocol": `graphql-ws, ${MARK}`,
	}),
	{
		...withHeaders(10, "a token without a version", 400, {}),
		bytes: ({ token }) =>
			upgrade({ headers: { "Sec-WebSocket-Protocol": `bearer.${token}` } }),
	},
	{
		row: 10,
		name: "a token before the version",
		door: "http",
		bytes: ({ token }) =>
			upgrade({
				headers: { "Sec-WebSocket-Protocol": `bearer.${token}, prdtool.v1` },
			}),
		expect: { welcome: true },
	},
	...["permessage-deflate", "permessage-deflate; ;", `${MARK}; "`].map(
		(offer): HttpRow => ({
			row: 11,
			name: `extension ${offer}`,
			door: "http",
			bytes: ({ token }) =>
				upgrade({
					headers: {
						Authorization: `Bearer ${token}`,
						"Sec-WebSocket-Extensions": offer,
					},
				}),
			expect: { welcome: true, absent: "sec-websocket-extensions" },
		}),
	),
];
