import { describe, expect, it } from "@jest/globals";
import {
	AckMessage,
	EventMessage,
	eventMessage,
} from "../../../src/gateway/message.ts";
import type { DocId } from "../../../src/shared/ids.ts";

/** Of a frame with a header of two bytes. */
const textOf = (frame: Buffer): string => frame.toString("utf8", 2);

describe("a message", () => {
	it("[PROTO-15] about a document carries it as room in a frame, and has no need to in a packet", () => {
		const data = { prdId: "d1" as DocId, mode: null, reason: "kicked" };
		const message = eventMessage("permission:changed", data);
		expect(JSON.parse(textOf(message.frame()))).toEqual({
			type: "permission:changed",
			data,
			room: "d1",
		});
		expect(message.packets().map(({ text }) => text)).toEqual([
			`2/ws,["permission:changed",${JSON.stringify(data)}]`,
		]);
	});

	it("[PROTO-15] about no document carries no room", () => {
		const message = eventMessage("system:draining", { retryAfter: 3 });
		expect(JSON.parse(textOf(message.frame()))).toEqual({
			type: "system:draining",
			data: { retryAfter: 3 },
		});
	});

	it("[SIO-16] is encoded once for all sessions, and for each door apart", () => {
		const message = new EventMessage("presence:left", ["{}", "{}"], "d1");
		expect(message.frame()).toBe(message.frame());
		expect(message.packets()).toBe(message.packets());
		const [packet] = message.packets();
		expect(packet?.frame).toBe(packet?.frame);
		expect(packet?.length).toBe(packet?.frame.length);
		expect(message.packets().map(({ frame }) => textOf(frame))).toEqual([
			'42/ws,["presence:left",{}]',
			'42/ws,["presence:left",{}]',
		]);
	});

	it("[SIO-8] that answers a callback goes to that callback", () => {
		const [packet] = new AckMessage(7, '{"x":1}').packets();
		expect(packet?.text).toBe('3/ws,7[{"ok":true,"data":{"x":1}}]');
	});
});
