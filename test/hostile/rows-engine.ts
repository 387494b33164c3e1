import { DEFAULT_LIMITS } from "../../src/shared/limits.ts";
import { clientFrame, upgradeRequest } from "../support/bytes.ts";
import { connect } from "../support/raw-client.ts";
import { exchange } from "./play.ts";
import { type RequestLines, request, upgrade } from "./requests.ts";
import {
	type HttpRow,
	MARK,
	type Row,
	type TalkRow,
	type Visit,
} from "./row.ts";
import { Wire } from "./wire.ts";

const PATH = "/socket.io/";
const POLLING = "EIO=4&transport=polling";

const refused = (
	row: number,
	name: string,
	status: number,
	query: string,
	lines?: RequestLines,
	engine?: number,
): HttpRow => ({
	row,
	name,
	door: "http",
	bytes: request(`${PATH}?${query}`, lines),
	expect: { status, ...(engine === undefined ? {} : { engine }) },
});

/** A connection by polling; its `sid` is as secret as a token. */
async function openPolling({ port, secrets }: Visit): Promise<string> {
	const { body } = await exchange(port, request(`${PATH}?${POLLING}`));
	const [, sid] = /"sid":"([^"]+)"/.exec(body) ?? [];
	if (sid === undefined) throw new Error(body);
	secrets.push(sid);
	return sid;
}

/** A message to a connection by polling. */
const posted = (
	row: number,
	name: string,
	status: number,
	{ headers, body }: RequestLines,
): HttpRow => ({
	row,
	name,
	door: "http",
	bytes: async (visit) =>
		request(`${PATH}?${POLLING}&sid=${await openPolling(visit)}`, {
			method: "POST",
			...(headers === undefined ? {} : { headers }),
			...(body === undefined ? {} : { body }),
		}),
	expect: { status },
});

/** A connection that has gone over from polling to a WebSocket. */
async function openUpgraded(visit: Visit): Promise<string> {
	const sid = await openPolling(visit);
	const wire = await Wire.open(visit.port);
	const target = `${PATH}?EIO=4&transport=websocket&sid=${sid}`;
	wire.write(upgradeRequest({ target }));
	await wire.until(({ status }) => status === 101);
	wire.write(clientFrame("2probe"));
	await wire.until(({ frames }) => frames.length > 0);
	wire.write(clientFrame("5"));
	// The answer to the last thing said tells that the one before it has been heard.
	wire.write(clientFrame(`40/${MARK},`));
	await wire.until(({ frames }) => frames.length > 1);
	return sid;
}

/** What another session in the document hears of one that polls; nobody is told its `sid`. */
const inPresence: TalkRow = {
	row: 56,
	name: "the sid of one who polls, in presence",
	door: "talk",
	talk: async (visit) => {
		const { product, port, token } = visit;
		const other = await connect(product.ws, { token });
		await other.request("document:join", { prdId: "polled", mode: "edit" });
		const sid = await openPolling(visit);
		const say = (body: string) =>
			exchange(
				port,
				request(`${PATH}?${POLLING}&sid=${sid}`, { method: "POST", body }),
			);
		await say(`40/ws,${JSON.stringify({ token })}`);
		await exchange(port, request(`${PATH}?${POLLING}&sid=${sid}`));
		await say('42/ws,["document:join",{"prdId":"polled","mode":"edit"}]');
		await other.next("presence:joined");
		const said = await say("41/ws,");
		await other.next("presence:left");
		await other.close();
		const heard = other.frames.filter(({ type }) => type !== "ack");
		return { ...said, text: said.text + JSON.stringify(heard) };
	},
	expect: { status: 200 },
};

/** 24, 25, 52, 56, 57: Engine.IO over HTTP. */
export const ENGINE_ROWS: readonly Row[] = [
	refused(24, "EIO=2", 400, `EIO=2&transport=polling&n=${MARK}`, {}, 5),
	refused(24, "no EIO", 400, "transport=polling", {}, 5),
	refused(24, "an unknown transport", 400, `EIO=4&transport=${MARK}`, {}, 0),
	refused(24, "__proto__", 400, "EIO=4&transport=__proto__", {}, 0),
	refused(24, "webtransport", 400, "EIO=4&transport=webtransport", {}, 0),
	refused(24, "an unknown sid", 400, `${POLLING}&sid=${MARK}`, {}, 1),
	refused(24, "the sid __proto__", 400, `${POLLING}&sid=__proto__`, {}, 1),
	refused(
		24,
		"a handshake by POST",
		400,
		POLLING,
		{ method: "POST", body: MARK },
		2,
	),
	{
		...refused(24, "PUT", 405, POLLING, { method: "PUT", body: MARK }),
		expect: { status: 405, code: "VALIDATION_FAILED" },
	},
	{
		row: 25,
		name: "a second WebSocket",
		door: "http",
		bytes: async (visit) =>
			upgrade({
				target: `${PATH}?EIO=4&transport=websocket&sid=${await openUpgraded(visit)}`,
			}),
		expect: { status: 400, code: "INVALID_STATE" },
	},
	posted(52, "a body over the announced limit", 413, {
		body: MARK.padEnd(DEFAULT_LIMITS.frameBytes + 1),
	}),
	inPresence,
	posted(57, "bytes", 400, {
		headers: { "Content-Type": "application/octet-stream" },
		body: `4${MARK}`,
	}),
];
