import { describe, expect, it } from "@jest/globals";
import { Refusals } from "../../../src/gateway/refusals.ts";
import { CollabError } from "../../../src/protocol/errors.ts";
import type { SessionId, UserId } from "../../../src/shared/ids.ts";
import type { LogFields } from "../../../src/shared/logger.ts";

const ann = { id: "s1" as SessionId, userId: "ann" as UserId };
const forbidden = new CollabError("FORBIDDEN", "no");

function lab() {
	const lines: LogFields[] = [];
	const write = (fields: LogFields, message: string) => {
		lines.push({ ...fields, message });
	};
	const refusals = new Refusals(ann, {
		info: write,
		warn: write,
		error: write,
	});
	const refuse = (error: unknown, size: number, nowMs: number) =>
		refusals.note(
			{ name: "ping", type: "ping", id: undefined, error: forbidden, size },
			error,
			nowMs,
		);
	return { lines, refusals, refuse };
}
const line = {
	session: "s1",
	user: "ann",
	operation: "ping",
	message: "request refused",
};

describe("the refusals of a session", () => {
	it("[SES-18] have a line of each code in 10 s, with the number of those without one", () => {
		const { lines, refusals, refuse } = lab();
		for (let ms = 0; ms < 25_000; ms += 100) {
			refuse(forbidden, ms, ms);
			if (ms === 5_000) refuse(new CollabError("NOT_FOUND", "no"), 1, ms);
		}
		expect(lines).toEqual([
			{ ...line, code: "FORBIDDEN", size: 0 },
			{ ...line, code: "NOT_FOUND", size: 1 },
			{ ...line, code: "FORBIDDEN", size: 10_000, suppressed: 99 },
			{ ...line, code: "FORBIDDEN", size: 20_000, suppressed: 99 },
		]);
		lines.length = 0;
		refusals.close();
		refusals.close();
		expect(lines).toEqual([
			{
				session: "s1",
				user: "ann",
				code: "FORBIDDEN",
				suppressed: 49,
				message: "requests refused",
			},
		]);
	});

	it("[SES-18] go on when the clock is set back", () => {
		const { lines, refuse } = lab();
		refuse(forbidden, 1, 100_000);
		refuse(forbidden, 1, 50_000);
		expect(lines).toHaveLength(2);
	});

	it("[SES-9] are too many at 20 malformed ones in 10 s", () => {
		const { refuse } = lab();
		const bad = new CollabError("VALIDATION_FAILED", "bad");
		for (let i = 0; i < 100; i++) expect(refuse(forbidden, 1, i)).toBe(false);
		for (let i = 0; i < 19; i++) expect(refuse(bad, 1, i * 500)).toBe(false);
		expect(refuse(bad, 1, 9_999)).toBe(true);
	});
});
