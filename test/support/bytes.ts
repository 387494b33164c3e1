import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Sends bytes to a server; resolves with everything that it answered when the connection is over. */
export async function exchange(
	port: number,
	bytes: string | Buffer,
): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => {});
	socket.write(bytes);
	const chunks = await socket.toArray();
	return Buffer.concat(chunks as Buffer[]).toString("latin1");
}

export interface UpgradeLines {
	readonly target?: string;
	readonly method?: string;
	readonly http?: string;
	/** Replaces or (undefined) leaves out a header of a good upgrade. */
	readonly headers?: Readonly<
		Record<string, string | readonly string[] | undefined>
	>;
}

/** The text of an upgrade request: a good one but for what is replaced. */
export function upgradeRequest({
	target = "/ws",
	method = "GET",
	http = "1.1",
	headers = {},
}: UpgradeLines = {}): string {
	const all = {
		Host: "localhost",
		Connection: "Upgrade",
		Upgrade: "websocket",
		"Sec-WebSocket-Version": "13",
		"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		...headers,
	};
	const lines = Object.entries(all).flatMap(([name, value]) =>
		value === undefined ? [] : [value].flat().map((text) => `${name}: ${text}`),
	);
	return `${method} ${target} HTTP/${http}\r\n${lines.join("\r\n")}\r\n\r\n`;
}

/** A connection that has been upgraded, of which every byte is the test's. */
export async function upgraded(
	port: number,
	lines: UpgradeLines = {},
): Promise<Socket> {
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => {});
	socket.write(upgradeRequest(lines));
	const [answer] = (await once(socket, "data")) as [Buffer];
	if (!answer.toString("latin1").startsWith("HTTP/1.1 101"))
		throw new Error(answer.toString("latin1"));
	return socket;
}

/** A client's frame: masked (with zeros), any first byte. */
export function clientFrame(
	payload: string | Buffer,
	{ first = 0x81, masked = true } = {},
): Buffer {
	const bytes = Buffer.from(payload);
	const mask = masked ? 0x80 : 0;
	const [length = 0, ...rest] = sizeOf(bytes.length);
	const head = Buffer.from([first, mask | length, ...rest]);
	return Buffer.concat([head, Buffer.alloc(masked ? 4 : 0), bytes]);
}

/** In one, three or nine bytes. */
function sizeOf(length: number): Buffer {
	if (length < 126) return Buffer.from([length]);
	const size = Buffer.alloc(length < 65_536 ? 3 : 9);
	size[0] = length < 65_536 ? 126 : 127;
	size.writeUIntBE(
		length,
		size.length === 3 ? 1 : 5,
		size.length === 3 ? 2 : 4,
	);
	return size;
}

/** The code of the close frame that the server sends; the connection is cut then. */
export async function closeCodeOf(socket: Socket): Promise<number> {
	let bytes = Buffer.alloc(0);
	for await (const chunk of socket) {
		bytes = Buffer.concat([bytes, chunk as Buffer]);
		const code = findClose(bytes);
		if (code !== undefined) return code;
	}
	throw new Error("closed without a close frame");
}

function findClose(bytes: Buffer): number | undefined {
	for (let at = 0; at + 4 <= bytes.length; ) {
		const length = (bytes[at + 1] as number) & 127;
		const head = length < 126 ? 2 : 4;
		if (bytes[at] === 0x88) return bytes.readUInt16BE(at + head);
		at += head + (length < 126 ? length : bytes.readUInt16BE(at + 2));
	}
	return undefined;
}
