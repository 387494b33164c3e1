import { request, upgrade } from "./requests.ts";
import type { Expected, Row, TalkRow } from "./row.ts";
import { Wire } from "./wire.ts";

/** More than any address may come at once. */
const MOST = 500;

/** Comes and goes until it is refused. */
const flood = (
	{ row, name }: Pick<Row, "row" | "name">,
	bytes: (attempt: number) => string,
): TalkRow => ({
	row,
	name,
	door: "talk",
	talk: async ({ port }) => {
		for (let attempt = 1; attempt <= MOST; attempt++) {
			const wire = await Wire.open(port);
			wire.write(bytes(attempt));
			const { status } = await wire.until((said) => said.status !== undefined);
			if (status === 429) return wire.end();
			await wire.cut();
		}
		throw new Error(`${MOST} were let in`);
	},
	expect: tooMany,
});
const tooMany: Expected = {
	status: 429,
	code: "RATE_LIMITED",
	headers: { "retry-after": "1" },
};

/** 23, 46: more handshakes than one address may make. */
export const FLOOD_ROWS: readonly Row[] = [
	flood({ row: 46, name: "the raw door" }, () => upgrade()),
	flood({ row: 46, name: "the Socket.IO door" }, () =>
		upgrade({ target: "/socket.io/?EIO=4&transport=websocket" }),
	),
	flood({ row: 46, name: "the Socket.IO door, polling" }, () =>
		request("/socket.io/?EIO=4&transport=polling"),
	),
	flood({ row: 23, name: "another forwarded address each time" }, (n) =>
		upgrade({ headers: { "X-Forwarded-For": `1.2.3.${n % 255}` } }),
	),
];
