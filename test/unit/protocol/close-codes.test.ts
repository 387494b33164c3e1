import { describe, expect, it } from "@jest/globals";
import { CLOSES, closeAction } from "../../../src/protocol/close-codes.ts";

describe("close codes", () => {
	it("[SES-1] the hundreds digit tells the client what to do, also of a code it has never seen", () => {
		expect([4000, 4009, 4055].map(closeAction)).toEqual(Array(3).fill("stop"));
		expect([4100, 4109, 4199].map(closeAction)).toEqual(
			Array(3).fill("reauthenticate"),
		);
		expect([4208, 4299, 1001, 1006, 1012, 1013].map(closeAction)).toEqual(
			Array(6).fill("reconnect"),
		);
		expect([1002, 1003, 1007, 1008, 1009].map(closeAction)).toEqual(
			Array(5).fill("stop"),
		);
	});

	it("[SES-1] every reason fits into a close frame, and every code is used once", () => {
		const closes = Object.values(CLOSES);
		for (const { reason } of closes)
			expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
		expect(new Set(closes.map(({ code }) => code)).size).toBe(closes.length);
	});
});
