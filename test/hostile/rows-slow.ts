import { clientFrame, upgradeRequest } from "../support/bytes.ts";
import { exchange } from "./play.ts";
import { request } from "./requests.ts";
import {
	type FrameRow,
	type HttpRow,
	MARK,
	type Row,
	type TalkRow,
} from "./row.ts";
import { OPCODE, Wire } from "./wire.ts";

const timedOut = (row: Pick<HttpRow, "name" | "bytes">): HttpRow => ({
	row: 15,
	door: "http",
	expect: { status: 408 },
	...row,
});

/** A header that never ends, one byte a second. */
const dripping: TalkRow = {
	row: 15,
	name: "one byte of headers a second",
	door: "talk",
	talk: async ({ port }) => {
		const wire = await Wire.open(port);
		wire.write(`GET /ws HTTP/1.1\r\nHost: localhost\r\nX-Note: ${MARK}`);
		const drip = setInterval(() => wire.write("x"), 1_000);
		const said = await wire.end();
		clearInterval(drip);
		return said;
	},
	expect: { status: 408 },
};

/** No more may wait at the document. */
const RECOVERIES = 16;
const CONTENT = MARK.repeat(150_000);

/** Asks for a document of a megabyte again and again, and reads nothing of it. */
const deaf: TalkRow = {
	row: 43,
	name: "a client that never reads",
	door: "talk",
	talk: async ({ port, token, product }) => {
		const headers = { Authorization: `Bearer ${token}` };
		const json = { ...headers, "Content-Type": "application/json" };
		const body = JSON.stringify({ id: "big", markdown: CONTENT });
		await exchange(
			port,
			request("/api/documents", { method: "POST", headers: json, body }),
		);
		const wire = await Wire.open(port);
		wire.write(upgradeRequest({ headers }));
		const said = await wire.until(({ frames }) =>
			frames.some(({ opcode }) => opcode === OPCODE.text),
		);
		wire.socket.pause();
		const data = { activeSessions: ["big"] };
		const ask = JSON.stringify({ type: "session:recover", data });
		for (let i = 0; i < RECOVERIES; i++) wire.write(clientFrame(ask));
		await product.logged('"code":4208');
		wire.socket.removeAllListeners("data").resume();
		await wire.end();
		return said;
	},
	expect: { end: true },
};

const silent = (
	row: Pick<FrameRow, "row" | "name" | "door" | "expect">,
): FrameRow => ({ known: false, frames: [], ...row });

/** 15, 43, 44, 47: what ends by time alone. */
export const SLOW_ROWS: readonly Row[] = [
	dripping,
	timedOut({ name: "headers that never end", bytes: "GET /ws HTTP/1.1\r\n" }),
	timedOut({ name: "not a byte", bytes: "" }),
	timedOut({
		name: "a body that never comes",
		bytes: ({ token }) =>
			request("/api/documents", {
				method: "POST",
				headers: {
					Authorization: `Bearer ${token}`,
					"Content-Type": "application/json",
					"Content-Length": "100",
				},
				body: `{"title":"${MARK}`,
			}),
	}),
	deaf,
	silent({
		row: 44,
		name: "no first message",
		door: "raw",
		expect: { close: 4101 },
	}),
	silent({
		row: 47,
		name: "no CONNECT",
		door: "socketio",
		expect: { end: true },
	}),
];
