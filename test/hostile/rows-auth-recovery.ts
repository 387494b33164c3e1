import { type MessageRow, malformed, type Refusal } from "./message-row.ts";

const join = (rest: object) => ({
	type: "document:join",
	data: { prdId: "$doc", mode: "edit", ...rest },
});
const recover = (data: object) => ({ type: "session:recover", data });
const badRecovery = (field: string, rule: string): Refusal => ({
	event: "error:session",
	...malformed(field, rule),
});
const WHOLE = { recovered: false, revision: 2, currentContent: ".hello world" };
const SNAPSHOT = {
	prdId: "$doc",
	recovered: false,
	missedOperations: [],
	revision: 2,
	snapshot: { currentContent: ".hello world" },
};

const joins: readonly MessageRow[] = [
	{
		row: 82,
		name: "a last known revision above the head",
		join: null,
		frame: join({ lastKnownRevision: 1_000_000 }),
		expect: { ack: WHOLE },
	},
	{
		row: 82,
		name: "a last known revision of another history",
		join: null,
		frame: join({ lastKnownRevision: 1, lastEpoch: "another" }),
		expect: { ack: WHOLE },
	},
	...Object.entries({
		"a last epoch of 65 characters": [
			{ lastEpoch: "e".repeat(65) },
			"lastEpoch",
			"stringMax",
		],
		"a number as last epoch": [{ lastEpoch: 5 }, "lastEpoch", "string"],
		"another unit": [{ unit: "byte" }, "unit", "enumValue"],
		"another format": [{ format: "xml" }, "format", "enumValue"],
		"create as a text": [{ create: "no" }, "create", "boolean"],
		"a client id of one character": [{ clientId: "c" }, "clientId", "clientId"],
		"a client id with a colon": [
			{ clientId: "client:12345" },
			"clientId",
			"clientId",
		],
	} as const).map(([name, [rest, field, rule]]) => ({
		row: 82,
		name,
		join: null,
		frame: join(rest),
		expect: {
			code: "VALIDATION_FAILED",
			data: { field, rule },
		} satisfies Refusal,
	})),
	{
		row: 82,
		name: "a client id that is somebody's session id",
		join: null,
		frame: join({ clientId: "$neighbour" }),
		expect: malformed("clientId"),
	},
	{
		row: 82,
		name: "a native session that counts UTF-16",
		join: null,
		frame: join({ format: "native", unit: "utf16" }),
		expect: malformed("unit"),
	},
];

const ids = (count: number) => Array.from({ length: count }, (_, i) => `d${i}`);
const recoveries: readonly MessageRow[] = [
	...[51, 10_000].map((count) => ({
		row: 83,
		name: `a recovery of ${count} documents`,
		join: null,
		frame: recover({ activeSessions: ids(count) }),
		expect: {
			event: "error:session",
			code: "VALIDATION_FAILED",
			data: { field: "activeSessions", limit: "documents", max: 50 },
		} satisfies Refusal,
	})),
	{
		row: 83,
		name: "one document 10,000 times, which is one",
		join: null,
		frame: recover({
			activeSessions: Array.from({ length: 10_000 }, () => "$doc"),
		}),
		expect: { ack: { sessions: [SNAPSHOT] } },
	},
	{
		row: 83,
		name: "a document that the token does not name, and one that is not there",
		join: null,
		frame: recover({ activeSessions: ["elsewhere", "nowhere", "$doc"] }),
		expect: {
			ack: {
				sessions: [
					{ prdId: "elsewhere", error: { code: "FORBIDDEN" } },
					{ prdId: "nowhere", error: { code: "FORBIDDEN" } },
					SNAPSHOT,
				],
			},
		},
	},
	{
		row: 83,
		name: "a document of other people, and one that is not there",
		role: null,
		join: null,
		frame: recover({ activeSessions: ["$doc", "nowhere"] }),
		expect: {
			ack: {
				sessions: [
					{ prdId: "$doc", error: { code: "FORBIDDEN" } },
					{ prdId: "nowhere", error: { code: "NOT_FOUND" } },
				],
			},
		},
	},
	...Object.entries({
		"an unknown replica": { neighbour: 1, ghost: 1 },
		"more than there is": { neighbour: 1_000 },
		"the right sum of wrong components": { ghost: 2 },
	}).map(([name, clock]) => ({
		row: 83,
		name: `a recovery by a clock with ${name}`,
		join: null,
		frame: recover({
			activeSessions: ["$doc"],
			lastVectorClocks: { $doc: clock },
		}),
		expect: { ack: { sessions: [SNAPSHOT] } },
	})),
	...Object.entries({
		"a revision below 0": [{ lastRevisions: { $doc: -1 } }, "revisions"],
		"a text as revision": [{ lastRevisions: { $doc: "1" } }, "revisions"],
		"a list as revisions": [{ lastRevisions: [1] }, "revisions"],
		"a clock below 0": [{ lastVectorClocks: { $doc: { a: -1 } } }, "clocks"],
		"a number as clock": [{ lastVectorClocks: { $doc: 1 } }, "clocks"],
		"an unknown mode": [{ modes: { $doc: "owner" } }, "modes"],
		"an unknown unit": [{ units: { $doc: "byte" } }, "units"],
		"an unknown format": [{ formats: { $doc: "xml" } }, "formats"],
		"a long epoch": [{ epochs: { $doc: "e".repeat(65) } }, "epochs"],
		"a key that is no document": [{ epochs: { "a b": "e" } }, "epochs"],
	} as const).map(([name, [rest, rule]]) => ({
		row: 83,
		name: `a recovery with ${name}`,
		join: null,
		frame: recover({ activeSessions: ["$doc"], ...rest }),
		expect: badRecovery(Object.keys(rest)[0] ?? "", rule),
	})),
	...Object.entries({
		"no list": [undefined, "activeSessions", "required"],
		"a text in its place": ["$doc", "activeSessions", "array"],
		"a bad id in it": [["$doc", "../etc"], "activeSessions", "docId"],
		"a number in it": [[5], "activeSessions[0]", "string"],
	} as const).map(([name, [activeSessions, field, rule]]) => ({
		row: 83,
		name: `a recovery with ${name}`,
		join: null,
		frame: recover({ activeSessions }),
		expect: badRecovery(field, rule),
	})),
	{
		row: 84,
		name: "a recovery of another person's session",
		join: null,
		frame: recover({ activeSessions: ["$doc"], sessionId: "$neighbour" }),
		expect: {
			ack: { sessions: [{ ...SNAPSHOT, replicaId: "mallory" }] },
		},
	},
];

/** Coming back. */
export const RECOVERY_ROWS: readonly MessageRow[] = [...joins, ...recoveries];
