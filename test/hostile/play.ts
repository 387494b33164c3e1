import { clientFrame, upgradeRequest } from "../support/bytes.ts";
import type { Expected, FrameRow, HttpRow, Row, Visit } from "./row.ts";
import { OPCODE, type ServerFrame, type Transcript, Wire } from "./wire.ts";

/** What a server has said beyond its greeting, whichever the door. */
export type Said =
	| { readonly type: string; readonly data: unknown }
	| { readonly close: number; readonly reason: string }
	| { readonly packet: string };

export interface Played {
	readonly transcript: Transcript;
	readonly said: readonly Said[];
}

/** Packets that every connection gets, and the answer to `PROBE`. */
const USUAL = [
	/^\{"type":"session:ready"/,
	/^\{"type":"system:health"/,
	/^\{"type":"ack","id":"probe"/,
	/^0\{/,
	/^40\/ws,\{"sid"/,
	/^42\/ws,\["session:ready"/,
	/^42\/ws,\["system:health"/,
	/^43\/ws,4242\[/,
];
const PROBE = {
	raw: '{"type":"ping","id":"probe"}',
	socketio: '42/ws,4242["ping"]',
} as const;
/** How Engine.IO ends a WebSocket, whatever the reason: the packets before it tell that. */
const ENGINE_CLOSES = [1000, 1005];

/** Sends what a row says and listens until the answer that it expects must have come. */
export async function play(row: Row, visit: Visit): Promise<Played> {
	const transcript =
		row.door === "talk"
			? await row.talk(visit)
			: row.door === "http"
				? await playBytes(row, visit)
				: await playFrames(row, visit);
	const isEngine = transcript.text.includes('0{"sid":');
	return { transcript, said: saidIn(transcript, isEngine) };
}

/** Bytes on a fresh TCP connection. */
export async function exchange(
	port: number,
	...parts: readonly (string | Buffer)[]
): Promise<Transcript> {
	const wire = await Wire.open(port);
	wire.write(...parts);
	return wire.end();
}

async function playBytes(row: HttpRow, visit: Visit): Promise<Transcript> {
	const wire = await Wire.open(visit.port);
	const { bytes } = row;
	wire.write(typeof bytes === "function" ? await bytes(visit) : bytes);
	return "welcome" in row.expect ? leave(wire, /session:ready/) : wire.end();
}

async function playFrames(row: FrameRow, visit: Visit): Promise<Transcript> {
	const wire = await Wire.open(visit.port);
	if (row.door === "raw") await enterRaw(wire, row, visit);
	else await enterSocketio(wire, row, visit);
	const { frames } = row;
	wire.write(...(typeof frames === "function" ? await frames(visit) : frames));
	if (isLast(row.expect)) return wire.end();
	if ("refused" in row.expect) return leave(wire, /^44/);
	wire.write(clientFrame(PROBE[row.door]));
	return leave(wire, /"probe"|^43\/ws,4242/);
}

/** Leaves when that has been said. */
async function leave(wire: Wire, when: RegExp): Promise<Transcript> {
	const said = await wire.until((so) => hasText(so, when));
	await wire.cut();
	return said;
}

/** The connection does not outlive the answer. */
const isLast = (expected: Expected): boolean =>
	["close", "closing", "end"].some((word) => word in expected) ||
	("refused" in expected && expected.namespace === undefined);

async function enterRaw(
	wire: Wire,
	{ known = true, upgrade }: FrameRow,
	{ token }: Visit,
): Promise<void> {
	const bearer = known ? { Authorization: `Bearer ${token}` } : {};
	const headers = { ...bearer, ...upgrade?.headers };
	wire.write(upgradeRequest({ ...upgrade, headers }));
	await wire.until((said) =>
		known ? hasText(said, /session:ready/) : said.status === 101,
	);
}

async function enterSocketio(
	wire: Wire,
	{ known = true, upgrade }: FrameRow,
	{ token, secrets }: Visit,
): Promise<void> {
	const target = "/socket.io/?EIO=4&transport=websocket";
	wire.write(upgradeRequest({ target, ...upgrade }));
	const { text } = await wire.until((said) => hasText(said, /^0\{/));
	const [, sid] = /^0\{"sid":"([^"]+)"/m.exec(text) ?? [];
	if (sid !== undefined) secrets.push(sid);
	if (!known) return;
	wire.write(clientFrame(`40/ws,${JSON.stringify({ token })}`));
	await wire.until((said) => hasText(said, /session:ready/));
}

const hasText = ({ frames }: Transcript, pattern: RegExp): boolean =>
	frames.some(({ payload }) => pattern.test(payload.toString()));

function saidIn({ frames }: Transcript, isEngine: boolean): readonly Said[] {
	return frames
		.filter(({ opcode }) => opcode !== OPCODE.pong)
		.filter(
			({ payload }) => !USUAL.some((usual) => usual.test(payload.toString())),
		)
		.map(saidBy)
		.filter(
			(said) =>
				!(isEngine && "close" in said && ENGINE_CLOSES.includes(said.close)),
		);
}

function saidBy({ opcode, payload }: ServerFrame): Said {
	const text = payload.toString();
	if (opcode === OPCODE.close)
		return {
			close: payload.length < 2 ? 1005 : payload.readUInt16BE(0),
			reason: payload.subarray(2).toString(),
		};
	if (text.startsWith("{")) {
		const { type, data } = JSON.parse(text);
		return { type, data };
	}
	const [, json] = /^42\/ws,(\[.*\])$/s.exec(text) ?? [];
	if (json === undefined) return { packet: text };
	const [type, data] = JSON.parse(json);
	return { type, data };
}
