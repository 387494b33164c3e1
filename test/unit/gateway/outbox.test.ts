import { once } from "node:events";
import {
	type AddressInfo,
	createServer,
	connect as dial,
	type Server,
	type Socket,
} from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { textFrame } from "../../../src/gateway/frame.ts";
import {
	Outbox,
	OutboxTurn,
	SLOW_BYTES,
	SLOW_MS,
} from "../../../src/gateway/outbox.ts";
import { TcpLine } from "../../../src/gateway/tcp-line.ts";

let server: Server;
let far: Socket;
let near: Socket;
beforeEach(async () => {
	server = createServer();
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	far = dial((server.address() as AddressInfo).port, "127.0.0.1");
	[near] = (await once(server, "connection")) as [Socket];
	far.pause();
});
afterEach(() => {
	far.destroy();
	near.destroy();
	server.close();
});

/** Counts the writes that reach the operating system. */
const writes = (socket: Socket): (() => number) => {
	let count = 0;
	const handle = (
		socket as unknown as {
			_handle: Record<string, (...args: unknown[]) => unknown>;
		}
	)._handle;
	for (const name of ["writeBuffer", "writev"]) {
		const plain = handle[name] as (...args: unknown[]) => unknown;
		handle[name] = (...args) => {
			count += 1;
			return plain.apply(handle, args);
		};
	}
	return () => count;
};
/** Lets the far end read that many bytes. */
const read = async (bytes: number): Promise<void> => {
	for (let left = bytes; left > 0; ) {
		const chunk = far.read() as Buffer | null;
		if (chunk === null) await once(far, "readable");
		else left -= chunk.length;
	}
};
const flushed = () =>
	new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

describe("the outbox of a connection", () => {
	it.each([
		[3, 10],
		[3, 40_000],
	])(
		"[FAN-6] %i frames of %i bytes within one turn go out in one write, in order",
		async (count, size) => {
			const outbox = new Outbox(new TcpLine(near), new OutboxTurn());
			const counted = writes(near);
			const frames = Array.from({ length: count }, (_, i) =>
				Buffer.alloc(size, i),
			);
			for (const frame of frames) outbox.push(frame);
			expect(outbox.queuedBytes).toBe(count * size);
			await flushed();
			expect(counted()).toBe(1);
			near.end();
			far.resume();
			expect(Buffer.concat((await far.toArray()) as Buffer[])).toEqual(
				Buffer.concat(frames),
			);
		},
	);

	it("[FAN-7] takes no more than 1 MiB that nobody reads, but for an answer that was asked for", async () => {
		const outbox = new Outbox(new TcpLine(near), new OutboxTurn());
		const big = Buffer.alloc(4 * SLOW_BYTES);
		expect(outbox.push(big, true)).toBe(true);
		const frame = Buffer.alloc(1_024);
		let taken = 0;
		while (outbox.push(frame)) taken += frame.length;
		expect(taken).toBe(SLOW_BYTES);
		expect(outbox.queuedBytes).toBe(big.length + taken);
	});

	it("[FAN-7] is stuck when no byte leaves for 5 s, whatever is added meanwhile", async () => {
		const outbox = new Outbox(new TcpLine(near), new OutboxTurn());
		expect(outbox.isStuck(0)).toBe(false);
		outbox.push(Buffer.alloc(16 * SLOW_BYTES), true);
		await flushed();
		expect(outbox.isStuck(1_000)).toBe(false);
		outbox.push(Buffer.alloc(10));
		await flushed();
		expect(outbox.isStuck(1_000 + SLOW_MS - 1)).toBe(false);
		await read(4 * SLOW_BYTES);
		expect(outbox.isStuck(1_000 + SLOW_MS)).toBe(false);
		expect(outbox.isStuck(1_000 + 2 * SLOW_MS)).toBe(true);
		far.resume();
		await once(near, "drain");
		expect(outbox.isStuck(60_000)).toBe(false);
	});
});

describe("a text frame", () => {
	it.each([0, 125, 126, 65_535, 65_536])(
		"[FAN-6] of %i bytes has the header that its length needs",
		(size) => {
			const frame = textFrame("x".repeat(size));
			expect(frame[0]).toBe(0x81);
			const head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
			expect(frame.length).toBe(head + size);
			if (head === 2) expect(frame[1]).toBe(size);
			if (head === 4) expect(frame.readUInt16BE(2)).toBe(size);
			if (head === 10) expect(frame.readBigUInt64BE(2)).toBe(BigInt(size));
		},
	);

	it("[FAN-6] counts bytes, not characters", () => {
		expect(textFrame("\u20ac\u{1f600}")).toEqual(
			Buffer.concat([Buffer.from([0x81, 7]), Buffer.from("\u20ac\u{1f600}")]),
		);
	});
});
