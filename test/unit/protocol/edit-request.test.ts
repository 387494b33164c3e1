import { describe, expect, it } from "@jest/globals";
import { editRequest } from "../../../src/protocol/edit-request.ts";
import { decode, type Request } from "../../../src/protocol/envelope.ts";
import type { CollabError } from "../../../src/protocol/errors.ts";
import type { Unit } from "../../../src/protocol/submission.ts";
import { DEFAULT_LIMITS } from "../../../src/shared/limits.ts";

function read(frame: unknown, unit: Unit = "utf16") {
	const request = decode(JSON.stringify(frame), DEFAULT_LIMITS);
	if ("error" in request) throw request.error;
	const { data } = request as Request<"operation:edit">;
	return editRequest(data, unit, DEFAULT_LIMITS);
}
function codeOf(frame: unknown): unknown {
	try {
		read(frame);
	} catch (error) {
		const { code, data } = error as CollabError;
		return [code, data?.reason];
	}
	throw new Error("it was accepted");
}
const api = (operation: object) => ({
	type: "operation:edit",
	data: { prdId: "prd_123", operation },
});
const native = (operation: object, data: object = {}) => ({
	type: "operation:edit",
	data: { prdId: "prd_123", operation: { revision: 3, ...operation }, ...data },
});
const clock = { user_123: 6, user_456: 3 };

describe("the three forms of an edit", () => {
	it("[PROTO-2] the API seed's", () => {
		const operation = {
			type: "insert",
			position: 245,
			content: "New content here",
			attributes: { bold: true },
		};
		expect(read(api({ ...operation, vectorClock: clock }))).toEqual({
			docId: "prd_123",
			edit: { form: "simple", unit: "utf16", operation },
			clock,
		});
	});

	it("[PROTO-2] the realtime seed's, literally", () => {
		const frame = {
			type: "document.update",
			room: "doc-123",
			data: {
				operation: "insert",
				position: 42,
				text: "Hello World",
				version: 5,
			},
		};
		expect(read(frame)).toEqual({
			docId: "doc-123",
			edit: {
				form: "simple",
				unit: "utf16",
				operation: { type: "insert", position: 42, content: "Hello World" },
			},
			revision: 5,
		});
	});

	it("[PROTO-3] the native one, always in code points", () => {
		const marks = [2, { n: 1, a: { bold: true } }];
		const opId = "client-01:7";
		expect(read(native({ op: [2, "a"], marks, opId }))).toEqual({
			docId: "prd_123",
			edit: { form: "native", op: [2, "a"], marks },
			opId,
			revision: 3,
		});
	});

	it("[PROTO-3] an edit must say what it was made on", () => {
		expect(codeOf(api({ type: "insert", position: 0, content: "x" }))).toEqual([
			"VALIDATION_FAILED",
			undefined,
		]);
	});

	it.each([
		["unknown type", api({ type: "move", position: 0, revision: 1 })],
		[
			"format without attributes",
			api({ type: "format", position: 0, length: 1, revision: 1 }),
		],
		[
			"insert with length",
			api({
				type: "insert",
				position: 0,
				content: "x",
				length: 1,
				revision: 1,
			}),
		],
		[
			"delete with content",
			api({
				type: "delete",
				position: 0,
				content: "x",
				length: 1,
				revision: 1,
			}),
		],
		[
			"delete without length",
			api({ type: "delete", position: 0, revision: 1 }),
		],
		["native op of the wrong type", native({ op: "x" })],
		["unknown key in a native op", native({ op: [{ d: 1, x: 1 }] })],
		["refusal of conflicts", native({ op: ["x"] }, { onConflict: "reject" })],
		["op id of the wrong form", native({ op: ["x"], opId: "x:1" })],
		[
			"flat edit without version",
			{
				type: "document:update",
				room: "d",
				data: { operation: "insert", position: 0, text: "x" },
			},
		],
	])("[PROTO-12] the wrong shape is VALIDATION_FAILED: %s", (_, frame) => {
		expect(codeOf(frame)).toEqual(["VALIDATION_FAILED", undefined]);
	});

	it.each([
		["range", api({ type: "delete", position: 0, length: -3, revision: 1 })],
		[
			"content",
			api({ type: "insert", position: 0, content: "\ud83d", revision: 1 }),
		],
		["content", api({ type: "insert", position: 0, content: "", revision: 1 })],
		[
			"attributes",
			api({
				type: "insert",
				position: 0,
				content: "x",
				attributes: [],
				revision: 1,
			}),
		],
		["form", native({ op: [5] })],
	])(
		"[PROTO-12] what no text could take is OPERATION_INVALID {%s}",
		(reason, frame) => {
			expect(codeOf(frame)).toEqual(["OPERATION_INVALID", reason]);
		},
	);
});
