import fc from "fast-check";

/** Frames as the seeds print them; `doc` is the document in which they are sent. */
export const seedFrames = (doc: string): readonly object[] => [
	{
		type: "document.update",
		room: doc,
		data: { operation: "insert", position: 0, text: "Hello World", version: 0 },
	},
	{
		type: "document:join",
		data: { prdId: doc, mode: "edit", lastKnownVersion: "1.2.0" },
	},
	{ type: "document:leave", data: { prdId: doc } },
	{
		type: "operation:edit",
		data: {
			prdId: doc,
			operation: {
				type: "insert",
				position: 0,
				content: "New content here",
				vectorClock: { user_123: 6, user_456: 3 },
				attributes: { bold: true },
			},
		},
	},
	{
		type: "operation:edit",
		data: {
			prdId: doc,
			operation: { type: "delete", position: 0, length: 2, revision: 1 },
		},
	},
	{
		type: "operation:edit",
		data: {
			prdId: doc,
			operation: {
				op: [1, { d: 1 }, "text"],
				marks: [1, { n: 2, a: { link: "https://example.com" } }],
				revision: 1,
				opId: "client_1234:1",
			},
		},
	},
	{
		type: "presence:cursor",
		data: {
			prdId: doc,
			cursor: { line: 10, ch: 25 },
			selection: { start: { line: 10, ch: 20 }, end: { line: 10, ch: 30 } },
		},
	},
	{ type: "presence:status", data: { prdId: doc, status: "typing" } },
	{
		type: "session:recover",
		data: {
			activeSessions: [doc],
			lastVectorClocks: { [doc]: { user_123: 5, user_456: 3 } },
		},
	},
	{
		type: "ai:generate",
		data: {
			prdId: doc,
			prompt: "Add OAuth2 technical requirements",
			section: "technical-requirements",
			context: { relatedSections: ["security", "user-stories"] },
			streamId: "stream_123",
		},
	},
	{
		type: "comment:add",
		data: {
			prdId: doc,
			content: "This section needs clarification",
			position: { line: 15, ch: 0 },
			mentions: ["user_456"],
		},
	},
	{
		type: "approval:request",
		data: { prdId: doc, version: "1.3.0", approvers: ["user_456"] },
	},
	{
		type: "conflict:resolve",
		data: { conflictId: "conflict_123", resolution: "manual" },
	},
	{
		type: "room:message",
		data: { room: doc, event: "hello", payload: { a: [1] }, echo: true },
	},
	{ type: "ping", id: "1", data: {} },
];

/** JSON text of a value that stands where another was meant. */
const ODD = [
	"null",
	"true",
	"-1",
	"-0",
	"0.5",
	"1e400",
	"1e300",
	"9007199254740993",
	'""',
	'"0"',
	'"\\u0000"',
	'"\\ud83d"',
	'"__proto__"',
	"[]",
	"{}",
	"[[]]",
	'[{"d":1}]',
	'{"__proto__":{}}',
	'{"length":1e9}',
];

interface Slot {
	readonly start: number;
	readonly end: number;
}

/** Where scalars stand in a JSON text, in the place of values. */
const slotsOf = (text: string): readonly Slot[] =>
	[...text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d+|true|false|null/g)]
		.map(({ index, 0: found }) => ({ start: index, end: index + found.length }))
		.filter(({ end }) => text[end] !== ":");

const replaced = (text: string, { start, end }: Slot, by: string): string =>
	text.slice(0, start) + by + text.slice(end);

/** One damage to a text; every number is taken modulo what there is. */
type Damage = (text: string, at: number, by: number) => string;
const pick = <T>(list: readonly T[], at: number): T | undefined =>
	list[at % Math.max(1, list.length)];

const DAMAGES: readonly Damage[] = [
	function flipBit(text, at, by) {
		const bytes = Buffer.from(text);
		const i = at % bytes.length;
		bytes[i] = (bytes[i] ?? 0) ^ (1 << (by % 7));
		return bytes.toString("utf8");
	},
	function truncate(text, at) {
		return text.slice(0, at % text.length);
	},
	function swapValue(text, at, by) {
		const slot = pick(slotsOf(text), at);
		return slot === undefined
			? text
			: replaced(text, slot, pick(ODD, by) ?? "");
	},
	function exchange(text, at, by) {
		const slots = slotsOf(text);
		const [to, from] = [pick(slots, at), pick(slots, by)];
		if (to === undefined || from === undefined) return text;
		return replaced(text, to, text.slice(from.start, from.end));
	},
	function dropMember(text, at) {
		const members = [...text.matchAll(/"[^"]*":(?:"[^"]*"|-?\d+|true),?/g)];
		const found = pick(members, at);
		if (found === undefined) return text;
		const { index } = found;
		return replaced(text, { start: index, end: index + found[0].length }, "");
	},
	function doubleMember(text, at, by) {
		const found = pick([...text.matchAll(/"([^"]*)":/g)], at);
		if (found === undefined) return text;
		const member = `"${found[1]}":${pick(ODD, by)},`;
		return replaced(text, { start: found.index, end: found.index }, member);
	},
	function addMember(text, at, by) {
		const found = pick([...text.matchAll(/\{/g)], at);
		if (found === undefined) return text;
		const place = found.index + 1;
		const member = `"k${by % 9}":${pick(ODD, by)},`;
		return replaced(text, { start: place, end: place }, member);
	},
	function repeat(text, at, by) {
		const slot = pick(slotsOf(text), at);
		if (slot === undefined) return text;
		const inner = text.slice(slot.start, slot.end);
		return replaced(text, slot, `[${`${inner},`.repeat(by % 50)}${inner}]`);
	},
	function nest(text, at, by) {
		const slot = pick(slotsOf(text), at);
		if (slot === undefined) return text;
		const depth = by % 40;
		return replaced(text, slot, "[".repeat(depth) + "]".repeat(depth));
	},
];

/** A frame of the seeds, damaged up to three times. */
export const mutant = (doc: string): fc.Arbitrary<string> => {
	const frames = seedFrames(doc).map((frame) => JSON.stringify(frame));
	const damage = fc.tuple(
		fc.constantFrom(...DAMAGES),
		fc.nat(10_000),
		fc.nat(10_000),
	);
	return fc
		.tuple(
			fc.constantFrom(...frames),
			fc.array(damage, { minLength: 1, maxLength: 3 }),
		)
		.map(([frame, damages]) =>
			damages.reduce(
				(text, [make, at, by]) => make(text || "{", at, by),
				frame,
			),
		);
};
