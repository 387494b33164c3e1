import { clientFrame } from "../support/bytes.ts";
import { request, upgrade } from "./requests.ts";
import { APP_ORIGIN, type HttpRow, MARK, type Row } from "./row.ts";

const POLLING = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET = "/socket.io/?EIO=4&transport=websocket";

/** What is no origin of ours, though some of it looks like one. */
const EVIL: readonly (readonly [
	row: number,
	name: string,
	origin: string | readonly string[],
])[] = [
	[16, "another site", `https://${MARK}.example`],
	[17, "null", "null"],
	[17, "ours with a suffix", `${APP_ORIGIN}.${MARK}.com`],
	[17, "ours before an @", `${APP_ORIGIN}@${MARK}.com`],
	[17, "ours over http", APP_ORIGIN.replace("https", "http")],
	[17, "ours on another port", `${APP_ORIGIN}:8443`],
	[17, "ours in upper case", APP_ORIGIN.toUpperCase()],
	[17, "ours with a slash", `${APP_ORIGIN}/`],
	[17, "two", [APP_ORIGIN, `https://${MARK}.example`]],
	[17, "an empty one", ""],
];

/** 16, 17: pages of others at the raw door, with a good token. */
const refusedAtRaw = EVIL.map(
	([row, name, Origin]): HttpRow => ({
		row,
		name,
		door: "http",
		bytes: ({ token }) =>
			upgrade({ headers: { Origin, Authorization: `Bearer ${token}` } }),
		expect: { status: 403, code: "ORIGIN_NOT_ALLOWED" },
	}),
);

/** 20: the same at the Socket.IO door. */
const refusedAtSocketio = EVIL.flatMap(
	([, name, Origin]): readonly HttpRow[] => [
		{
			row: 20,
			name: `${name}, polling`,
			door: "http",
			bytes: request(POLLING, {
				headers: { Origin: [Origin].flat().join(", ") },
			}),
			expect: { status: 403, engine: 4 },
		},
		{
			row: 20,
			name: `${name}, websocket`,
			door: "http",
			bytes: upgrade({ target: WEBSOCKET, headers: { Origin } }),
			expect: { status: 400 },
		},
	],
);

const cookie = { headers: { Cookie: `token=${MARK}` } };

/** 18, 19: nobody's pages. */
const withoutOrigin: readonly Row[] = [
	{
		row: 18,
		name: "none, with a token",
		door: "http",
		bytes: ({ token }) =>
			upgrade({ headers: { Authorization: `Bearer ${token}` } }),
		expect: { welcome: true },
	},
	{
		row: 18,
		name: "ours, with a token",
		door: "http",
		bytes: ({ token }) =>
			upgrade({
				headers: { Origin: APP_ORIGIN, Authorization: `Bearer ${token}` },
			}),
		expect: { welcome: true },
	},
	{
		row: 19,
		name: "none, with a token in a cookie",
		door: "raw",
		known: false,
		upgrade: cookie,
		frames: [clientFrame('{"type":"ping"}')],
		expect: {
			error: "UNAUTHENTICATED",
			event: "error:ping",
			data: { reason: "invalid_token" },
			close: 4101,
		},
	},
	{
		row: 19,
		name: "none, with a token in a cookie, at the Socket.IO door",
		door: "socketio",
		known: false,
		upgrade: cookie,
		frames: [clientFrame("40/ws,")],
		expect: { refused: "A token is needed", code: "UNAUTHENTICATED" },
	},
];

/** 16-20, in production. */
export const ORIGIN_ROWS: readonly Row[] = [
	...refusedAtRaw,
	...withoutOrigin,
	...refusedAtSocketio,
];
