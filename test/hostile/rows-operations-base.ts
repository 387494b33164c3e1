import {
	applied,
	CANARY,
	invalid,
	type MessageRow,
	malformed,
	type Refusal,
} from "./message-row.ts";

const insert = (rest: object) => ({
	type: "operation:edit",
	data: {
		prdId: "$doc",
		operation: { type: "insert", position: 0, content: "x", ...rest },
	},
});
const clock = (vectorClock: unknown) => insert({ vectorClock });

/** The neighbour has committed once before the join and once after it. */
const EXPECTED = { neighbour: 2, mallory: 1 };
const wrong: Refusal = {
	code: "OPERATION_INVALID",
	data: { reason: "clock", expected: EXPECTED },
};

const revisions: readonly MessageRow[] = [
	...[3, 1_000, Number.MAX_SAFE_INTEGER].map((revision) => ({
		row: 98,
		name: `revision ${revision}, above the head`,
		frame: insert({ revision }),
		expect: { code: "REVISION_AHEAD", data: { revision: 2 } } satisfies Refusal,
	})),
	{
		row: 98,
		name: "version 3 of the realtime seed's form",
		frame: {
			type: "document.update",
			data: {
				prdId: "$doc",
				operation: "insert",
				position: 0,
				text: CANARY,
				version: 3,
			},
		},
		expect: { code: "REVISION_AHEAD", data: { revision: 2 } },
	},
	{
		row: 100,
		name: "a base below that of the operation before",
		setup: [insert({ revision: 1 })],
		frame: insert({ revision: 0 }),
		expect: invalid("base_regression", { baseRev: 1 }),
	},
];

const lying: readonly MessageRow[] = [
	...Object.entries({
		"a replica that nobody has heard of": {
			neighbour: 1,
			mallory: 1,
			ghost: 1,
		},
		"the right sum of wrong components": { neighbour: 0, mallory: 3 },
		"own operations that were never sent": { neighbour: 1, mallory: 2 },
		"another tab that is not there": {
			neighbour: 1,
			mallory: 1,
			"neighbour~2": 1,
		},
	}).map(([name, value]) => ({
		row: 101,
		name: `a clock with ${name}`,
		frame: clock(value),
		expect: wrong,
	})),
	...Object.entries({
		"a component above the log": { neighbour: 3, mallory: 1 },
		"a replica too many": { neighbour: 2, mallory: 1, ghost: 1 },
		"an own component that skips": { neighbour: 2, mallory: 2 },
		"the largest numbers": {
			neighbour: Number.MAX_SAFE_INTEGER,
			mallory: Number.MAX_SAFE_INTEGER,
		},
	}).map(([name, value]) => ({
		row: 101,
		name: `a clock with ${name}`,
		frame: clock(value),
		expect: { code: "REVISION_AHEAD" } satisfies Refusal,
	})),
	{
		row: 101,
		name: "an empty clock",
		frame: clock({}),
		expect: {
			code: "OPERATION_INVALID",
			data: { reason: "clock", expected: { neighbour: 1, mallory: 1 } },
		},
	},
];

const incomplete: readonly MessageRow[] = [
	...[
		"-1",
		"1.5",
		"-0",
		'"1"',
		"null",
		"[1]",
		"1e300",
		"1e400",
		"9007199254740993",
	].map((json) => ({
		row: 101,
		name: `a clock that counts ${json}`,
		frame: {
			type: "operation:edit",
			json: `{"prdId":"$doc","operation":{"type":"insert","position":0,"content":"x","vectorClock":{"mallory":${json}}}}`,
		},
		expect: malformed("operation.vectorClock", "clock"),
	})),
	...Object.entries({
		"a list as the clock": [1],
		"a number as the clock": 5,
		"a text as the clock": CANARY,
		"a clock with a name of 8 KiB": { ["n".repeat(8_192)]: 1 },
	}).map(([name, value]) => ({
		row: 101,
		name,
		frame: clock(value),
		expect: malformed("operation.vectorClock", "clock"),
	})),
	{
		row: 101,
		name: "a clock of 300 entries",
		frame: clock(
			Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`u${i}`, 0])),
		),
		expect: { code: "VALIDATION_FAILED", data: { max: 258 } },
	},
	{
		row: 101,
		name: "neither clock nor revision",
		frame: insert({}),
		expect: malformed("operation.vectorClock"),
	},
	{
		row: 102,
		name: "clock and revision that differ",
		frame: insert({ vectorClock: EXPECTED, revision: 1 }),
		expect: invalid("clock"),
	},
	{
		row: 102,
		name: "clock and revision that agree",
		frame: insert({ vectorClock: EXPECTED, revision: 2 }),
		expect: { ack: { revision: 3 }, heard: [applied({ type: "insert" })] },
	},
];

const first = { revision: 1, opId: "$session:7" };
const opIds: readonly MessageRow[] = [
	{
		row: 103,
		name: "an op id with the same payload, which gets its first answer",
		setup: [insert(first)],
		frame: insert(first),
		expect: { ack: { revision: 2, opId: "$session:7" } },
	},
	{
		row: 103,
		name: "an op id of the client with the same payload",
		join: { clientId: "mallory-$doc" },
		setup: [insert({ revision: 1, opId: "mallory-$doc:1" })],
		frame: insert({ revision: 1, opId: "mallory-$doc:1" }),
		expect: { ack: { revision: 2, opId: "mallory-$doc:1" } },
	},
	...Object.entries({
		"another content": { content: CANARY },
		"another position": { position: 1 },
		"another type": { type: "delete", content: undefined, length: 1 },
		attributes: { attributes: { bold: true } },
	}).map(([name, rest]) => ({
		row: 104,
		name: `an op id with ${name}`,
		setup: [insert(first)],
		frame: insert({ ...first, ...rest }),
		expect: {
			code: "ALREADY_EXISTS",
			data: { reason: "op_id_reused" },
		} satisfies Refusal,
	})),
	...["$neighbour:1", "$neighbour:999", "somebody-else:1"].map((opId) => ({
		row: 105,
		name: `the op id ${opId}, which is somebody else's`,
		frame: insert({ revision: 1, opId }),
		expect: { code: "FORBIDDEN", data: { reason: "opId" } } satisfies Refusal,
	})),
	...[
		"",
		"7",
		"$session",
		"$session:",
		"$session:-1",
		"$session:01",
		"a b:1",
		7,
		{},
	].map((opId) => ({
		row: 105,
		name: `the op id ${JSON.stringify(opId)}`,
		frame: insert({ revision: 1, opId }),
		expect: {
			code: "VALIDATION_FAILED",
			data: {
				field: "operation.opId",
				rule: typeof opId === "string" ? "opId" : "string",
			},
		} satisfies Refusal,
	})),
	{
		row: 109,
		name: "an old frame with an op id of today, which is an edit like any other",
		frame: insert({ revision: 0, opId: "$session:9" }),
		expect: { ack: { revision: 3 }, heard: [applied({ type: "insert" })] },
	},
];

/** What an operation was made on, and how it is called. */
export const CLOCK_ROWS: readonly MessageRow[] = [
	...revisions,
	...lying,
	...incomplete,
	...opIds,
];
