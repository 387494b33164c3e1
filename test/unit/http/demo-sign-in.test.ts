import { describe, expect, it } from "@jest/globals";
import { demoSignIn } from "../../../src/http/demo-sign-in.ts";
import { isUserId } from "../../../src/protocol/schemas/common.ts";

const sign = (userId: string, claims: object) =>
	JSON.stringify({ sub: userId, ...claims });
const signIn = (name: unknown) => demoSignIn({ name }, sign);

describe("the demo sign-in", () => {
	it.each([
		["Ann Lee", "ann-lee"],
		["  ann LEE! ", "ann-lee"],
		["Zoë", "zoe"],
		["Jürgen", "jurgen"],
		["Łukasz", "łukasz"],
		["가나다", "가나다"],
		["王小明", "王小明"],
		["Ann 🎉", "ann"],
		["a~b", "a-b"],
		["a\u0000b\nc", "a-b-c"],
		["a\ud800b", "a-b"],
		["administrator", "administrator"],
		["__proto__", "proto"],
		["x".repeat(64), "x".repeat(64)],
	])("[CONF-5] the name %j is the user %j", (name, userId) => {
		const answer = signIn(name);
		expect(answer).toMatchObject({ userId, name: name.toWellFormed().trim() });
		expect(isUserId(answer.userId)).toBe(true);
		expect(JSON.parse(answer.token)).toMatchObject({
			sub: userId,
			roles: ["demo"],
		});
	});

	it.each([
		undefined,
		null,
		1,
		{ toString: "ann" },
		["ann"],
		"",
		"   ",
		"🎉🎉",
		"~",
		"\u0000\u0007",
		"\ud800",
		"x".repeat(65),
		"ﷺ".repeat(64),
		"admin",
		"ADMIN",
		" Admin! ",
		"ａｄｍｉｎ",
		"ádmin",
		"ad\u0301min",
	])("[CONF-5] refuses the name %j", (name) => {
		expect(() => signIn(name)).toThrow(
			expect.objectContaining({
				code: "VALIDATION_FAILED",
				data: { field: "name" },
			}),
		);
	});

	it.each([undefined, null, "ann", []])(
		"[CONF-5] refuses the body %j",
		(body) => {
			expect(() => demoSignIn(body, sign)).toThrow("Give a name");
		},
	);
});
