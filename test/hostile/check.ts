import { hostname } from "node:os";
import { expect } from "@jest/globals";
import {
	CLOSES,
	type Close,
	closeAction,
} from "../../src/protocol/close-codes.ts";
import type { Played } from "./play.ts";
import type { Expected } from "./row.ts";

/** What a server must not tell a stranger of its inside. */
const INSIDE =
	/\n\s+at |\.[jt]s:\d|file:\/\/|node_modules|\/src\/|sqlite|postgres|select .* from|insert into|moleculer/i;

/** Throws unless there was one answer, the expected one. */
export function checkAnswer(expected: Expected, played: Played): void {
	if ("status" in expected) checkStatus(expected, played);
	else {
		if ("welcome" in expected) checkWelcome(expected, played);
		expect(played.said).toEqual(frames(expected));
	}
}

/** Throws when an answer repeats what was sent, or shows the server's inside. */
export function checkDiscretion(
	{ transcript: { text } }: Played,
	secrets: readonly string[],
): void {
	for (const secret of secrets) expect(text.includes(secret)).toBe(false);
	expect(text).not.toMatch(INSIDE);
	const host = hostname();
	if (host.length > 3 && host !== "localhost") expect(text).not.toContain(host);
}

const wireError = (code: string, data?: object) => ({
	operation: expect.any(String),
	code,
	message: expect.stringMatching(/^.{3,120}$/),
	retryable: expect.any(Boolean),
	...(data === undefined ? {} : { data }),
});

function checkStatus(
	expected: Extract<Expected, { status: number }>,
	{ transcript }: Played,
): void {
	const { status, code, data, engine, headers = {} } = expected;
	const { text, body } = transcript;
	expect(transcript.status).toBe(status);
	expect(text.match(/HTTP\/1\.1 \d{3} /g)).toHaveLength(1);
	for (const [name, value] of Object.entries(headers))
		expect(transcript.headers.get(name)).toBe(value);
	const [json] = /\{.*\}/s.exec(body) ?? [];
	if (code !== undefined)
		expect(JSON.parse(json ?? "null")).toMatchObject(wireError(code, data));
	if (engine !== undefined)
		expect(JSON.parse(json ?? "null")).toMatchObject({ code: engine });
}

function checkWelcome(
	{ absent }: Extract<Expected, { welcome: true }>,
	{ transcript }: Played,
): void {
	expect(transcript.status).toBe(101);
	expect(transcript.text).toContain("session:ready");
	if (absent !== undefined) expect(transcript.headers.has(absent)).toBe(false);
}

const closeOf = (code: number): Close => {
	const close = Object.values(CLOSES).find((known) => known.code === code);
	if (close === undefined) throw new Error(`${code} is no close of prdtool's`);
	return close;
};

/** Everything that is said beyond the greeting. */
function frames(expected: Expected): readonly unknown[] {
	if ("error" in expected) {
		const { error, event = "error:protocol", data, close } = expected;
		const answer = {
			type: event,
			data: expect.objectContaining(wireError(error, data)),
		};
		return [answer, ...(close === undefined ? [] : [closeFrame(close)])];
	}
	if ("close" in expected) return [closeFrame(expected.close)];
	if ("closing" in expected) return closing(closeOf(expected.closing));
	if ("refused" in expected) return [connectError(expected)];
	return [];
}

/** Codes of the WebSocket layer come without a reason; prdtool's own reasons are constants. */
const closeFrame = (close: number) => ({
	close,
	reason:
		Object.values(CLOSES).find(({ code }) => code === close && code !== 1002)
			?.reason ?? "",
});

function closing(close: Close): readonly unknown[] {
	const action = closeAction(close.code);
	const event = { type: "connection:closing", data: { ...close, action } };
	return action === "stop" ? [event, { packet: "41/ws," }] : [event];
}

function connectError({
	refused,
	code,
	namespace = "/ws",
}: Extract<Expected, { refused: string }>) {
	const prefix = namespace === "/" ? "44" : `44${namespace},`;
	return {
		packet: expect.stringMatching(
			new RegExp(
				`^${prefix}\\{"message":"${refused}"${code === undefined ? "\\}$" : `,"data":\\{"operation":"connect","code":"${code}"`}`,
			),
		),
	};
}
