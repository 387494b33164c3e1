import { hostname } from "node:os";
import { expect } from "@jest/globals";
import { ERRORS } from "../../src/protocol/errors.ts";
import type { Frame } from "../support/raw-client.ts";
import type { HostileFrame } from "./message-attacker.ts";
import { CANARY, type MessageRow, type Refusal } from "./message-row.ts";

/** Words that tell of what is behind the door, or of what was sent. */
const INSIDE = new RegExp(
	`${CANARY}|\\.ts\\b|node_modules|\\bselect |\\binsert into|sqlite|postgres|${hostname()}`,
	"i",
);

/** Throws unless it is exactly that refusal, names the field, and shows nothing else. */
export function checkError(
	error: Frame["data"],
	frame: HostileFrame,
	{ code, data, operation }: Refusal,
): void {
	const { retryAfterMs, ...rest } = error;
	const retryable = ERRORS[code].recovery === "retry";
	if (retryAfterMs !== undefined) expect(retryable).toBe(true);
	expect(rest).toEqual({
		operation: operation ?? typeOf(frame).slice(0, 64),
		code,
		message: expect.stringMatching(/^.{3,100}$/),
		retryable,
		...(data === undefined ? {} : { data }),
	});
	const field = data?.field;
	if (typeof field === "string" && field !== "$")
		expect(error.message).toContain(field.split(".").at(-1));
	const shown = JSON.stringify([error.message, error.data ?? {}]);
	expect(shown).not.toMatch(INSIDE);
	expect(shown.length).toBeLessThan(500);
}

/** Once an edit was refused because its author does not know the text, none of his is taken until he joins again. */
export const mustResync = ({ expect: expected }: MessageRow): boolean =>
	"code" in expected && ERRORS[expected.code].recovery === "resync";
export const RESYNC = {
	code: "RESYNC_REQUIRED",
	data: { reason: "refused" },
};

const typeOf = (frame: HostileFrame): string =>
	"type" in frame && typeof frame.type === "string" ? frame.type : "";
