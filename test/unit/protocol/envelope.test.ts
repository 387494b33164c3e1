import { describe, expect, it } from "@jest/globals";
import {
	type BadRequest,
	decode,
	encodeAck,
	encodeError,
	type Request,
} from "../../../src/protocol/envelope.ts";
import { CollabError } from "../../../src/protocol/errors.ts";
import { DEFAULT_LIMITS } from "../../../src/shared/limits.ts";

const read = (frame: unknown): Request | BadRequest =>
	decode(
		typeof frame === "string" ? frame : JSON.stringify(frame),
		DEFAULT_LIMITS,
	);
const good = (frame: unknown): Request => {
	const request = read(frame);
	if ("error" in request) throw request.error;
	return request;
};
const bad = (frame: unknown): BadRequest => {
	const request = read(frame);
	if (!("error" in request)) throw new Error("it was accepted");
	return request;
};
const edit = (operation: unknown) => ({
	type: "operation:edit",
	data: { prdId: "d1", operation },
});
const insert = {
	type: "insert",
	position: 0,
	content: "x",
	vectorClock: { u: 1 },
};
const deep = (n: number) => "[".repeat(n) + "]".repeat(n);

describe("a frame on its way in", () => {
	it.each([
		["not JSON", "hello"],
		["cut short", '{"type":"ping"'],
		["byte order mark first", '\ufeff{"type":"ping"}'],
		["NaN", '{"type":"ping","data":NaN}'],
		["trailing comma", '{"type":"ping",}'],
		["two objects", '{"type":"ping"}{"type":"ping"}'],
		["empty", ""],
	])(
		"[PROTO-4] unparsable is VALIDATION_FAILED {reason:json}: %s",
		(_, text) => {
			const request = bad(text);
			expect(request.error.code).toBe("VALIDATION_FAILED");
			expect(request.error.data).toEqual({ reason: "json" });
			expect(JSON.parse(encodeError(request, request.error)).type).toBe(
				"error:protocol",
			);
		},
	);

	it.each(["[]", '"x"', "5", "null", "true"])(
		"[PROTO-4] a frame is one object, not %s",
		(text) => {
			expect(bad(text).error.data).toEqual({ field: "$" });
		},
	);

	it("[PROTO-5] nesting is bounded before anything parses the text", () => {
		const frame = (n: number) => `{"type":"ping","data":{"x":${deep(n)}}}`;
		expect(good(frame(DEFAULT_LIMITS.jsonDepth - 2)).name).toBe("ping");
		expect(bad(frame(DEFAULT_LIMITS.jsonDepth - 1)).error.data).toEqual({
			reason: "depth",
		});
		expect(bad(frame(100_000)).error.data).toEqual({ reason: "depth" });
	});

	it("[PROTO-5] brackets inside strings are text", () => {
		const content = `"\\${deep(200)}{"`;
		expect(good(edit({ ...insert, content })).name).toBe("operation:edit");
	});

	it("[PROTO-5] a frame of thousands of keys is refused", () => {
		const keys = Object.fromEntries(
			Array.from({ length: 6_000 }, (_, n) => [`k${n}`, n]),
		);
		expect(bad({ type: "ping", data: keys }).error.data).toEqual({
			reason: "keys",
		});
	});

	it.each([
		["in the envelope", '{"type":"ping","__proto__":{}}'],
		["in data", '{"type":"ping","data":{"constructor":1}}'],
		[
			"in attributes, escaped",
			JSON.stringify(edit({ ...insert, attributes: { PROTO: true } })).replace(
				"PROTO",
				"\\u005f_proto__",
			),
		],
		["deep inside", '{"type":"ping","data":{"a":[{"prototype":1}]}}'],
	])("[PROTO-6] keys that reach a prototype are refused: %s", (_, text) => {
		expect(bad(text).error.code).toBe("VALIDATION_FAILED");
	});

	it("[PROTO-6] the same words are fine as text", () => {
		const content =
			'class A { constructor() { this["__proto__"] = "\\u0041" } }';
		expect(good(edit({ ...insert, content })).name).toBe("operation:edit");
	});

	it("[PROTO-7] of duplicate keys the last wins, for the permission too", () => {
		expect(good('{"type":"auth","type":"ping"}').name).toBe("ping");
	});

	it.each([
		[undefined, ""],
		[5, ""],
		["x".repeat(100_000), "x".repeat(64)],
		["operation:edit\u0000", "operation:edit\u0000"],
		["__proto__", "__proto__"],
		["operation:applied", "operation:applied"],
		["document:joined", "document:joined"],
		["security:alert", "security:alert"],
		["error:*", "error:*"],
		["document:.join", "document:.join"],
	])(
		"[PROTO-8] %j is UNKNOWN_EVENT, named by its first 64 characters",
		(type, operation) => {
			const request = bad({ type, id: "1" });
			const frame = JSON.parse(encodeError(request, request.error));
			expect(frame).toMatchObject({
				type: "error:protocol",
				id: "1",
				data: { operation, code: "UNKNOWN_EVENT", retryable: false },
			});
		},
	);

	it.each([
		"document:update",
		"document.update",
		"operation:edit",
		"operation.edit",
	])(
		"[PROTO-2] %s is an edit, and errors call it what the client called it",
		(type) => {
			const request = good({ ...edit(insert), type });
			expect(request.name).toBe("operation:edit");
			expect(JSON.parse(encodeError(request, new Error("x")))).toEqual({
				type: "error:operation",
				data: {
					operation: type,
					code: "INTERNAL",
					message: "Internal error",
					retryable: false,
				},
			});
		},
	);

	it.each([[""], ["x".repeat(65)], [5], [{}], [null]])(
		"[PROTO-9] an id is a string of 1 to 64 characters, not %j",
		(id) => {
			const request = bad({ type: "ping", id });
			expect(request.error.data).toEqual({ field: "id" });
			expect(
				JSON.parse(encodeError(request, request.error)),
			).not.toHaveProperty("id");
		},
	);

	it("[PROTO-10] room stands for prdId, or data.room, and must agree with it", () => {
		const join = { type: "document:join", data: { mode: "view" } };
		expect(good({ ...join, room: "d1" }).data).toEqual({
			prdId: "d1",
			mode: "view",
		});
		const both = { ...join, data: { mode: "view", prdId: "d1" } };
		expect(good({ ...both, room: "d1" }).data).toMatchObject({ prdId: "d1" });
		expect(bad({ ...both, room: "d2" }).error.data).toEqual({ field: "room" });
		expect(bad({ ...join, room: 7 }).error.data).toEqual({ field: "room" });
		const invite = { type: "room:invite", data: { userId: "u", role: "edit" } };
		expect(good({ ...invite, room: "d1" }).data).toMatchObject({ room: "d1" });
	});

	it.each([
		">",
		"a.*b*",
		"a b",
		"a/b",
		"a\0b",
		"",
		"x".repeat(129),
		"-a",
		5,
		null,
	])("[PROTO-11] %j is no document id", (prdId) => {
		const { error, name } = bad({
			type: "document:join",
			data: { prdId, mode: "view" },
		});
		expect(error.code).toBe("VALIDATION_FAILED");
		expect(error.data).toMatchObject({ field: "prdId" });
		expect(name).toBe("document:join");
	});

	it.each([
		'"5"',
		"1e400",
		"1e300",
		"-0",
		"1.5",
		"9007199254740993",
		"null",
		"-1",
	])("[PROTO-12] %s is no position, and no revision", (number) => {
		const text = JSON.stringify(edit({ ...insert, position: 77 }));
		expect(bad(text.replace("77", number)).error).toMatchObject({
			code: "VALIDATION_FAILED",
			data: { field: "operation.position" },
		});
		const flat = `{"type":"document:update","room":"d","data":{"operation":"insert","position":1,"text":"x","version":${number}}}`;
		expect(bad(flat).error.data).toMatchObject({ field: "version" });
	});

	it.each([
		[[]],
		[5],
		[{ u: -1 }],
		[{ u: 1.5 }],
		[{ u: "1" }],
		[{ ["x".repeat(200)]: 1 }],
	])("[PROTO-12] %j is no vector clock", (vectorClock) => {
		expect(bad(edit({ ...insert, vectorClock })).error).toMatchObject({
			code: "VALIDATION_FAILED",
		});
	});

	it("[PROTO-13] unknown fields of data are dropped, those of an operation refused", () => {
		const join = { prdId: "d1", mode: "view", color: "red" };
		expect(good({ type: "document:join", data: join }).data).not.toHaveProperty(
			"color",
		);
		expect(bad(edit({ ...insert, author: "me" })).error.code).toBe(
			"VALIDATION_FAILED",
		);
	});

	it("[PROTO-14] an error names the field and never shows what was in it", () => {
		const secret = "s3cret-".repeat(20);
		const request = bad({
			type: "document:join",
			data: { prdId: secret.repeat(9), mode: secret },
		});
		expect(encodeError(request, request.error)).not.toContain("s3cret");
	});
});

describe("a frame on its way out", () => {
	it("[PROTO-15] an ack carries the id and the payload of the answering event", () => {
		expect(JSON.parse(encodeAck('a"b', '{"x":1}'))).toEqual({
			type: "ack",
			id: 'a"b',
			data: { x: 1 },
		});
	});

	it("[PROTO-16] errors go out under the area of the request", () => {
		const error = new CollabError(
			"RATE_LIMITED",
			"slow down",
			{ max: 1 },
			{
				retryAfterMs: 500,
			},
		);
		const request = good({
			type: "room.invite",
			id: "7",
			data: { room: "d", userId: "u", role: "view" },
		});
		expect(JSON.parse(encodeError(request, error))).toEqual({
			type: "error:room",
			id: "7",
			data: {
				operation: "room.invite",
				code: "RATE_LIMITED",
				message: "slow down",
				retryable: true,
				retryAfterMs: 500,
				data: { max: 1 },
			},
		});
	});
});
