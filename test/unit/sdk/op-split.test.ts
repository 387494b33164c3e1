import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
	applyOp,
	type DocumentContent,
	type DocumentOp,
} from "../../../src/ot/document-op.ts";
import type { Mark } from "../../../src/ot/marks.ts";
import type { TextComponent } from "../../../src/ot/text-op.ts";
import { type OpBounds, splitOp } from "../../../src/sdk/op-split.ts";

const before = { text: "abcdefgh", runs: [{ n: 8, a: {} }] };

/** The parts that an op is sent in. */
function partsOf(op: DocumentOp, bounds: OpBounds): DocumentOp[] {
	const [first, rest] = splitOp(op, bounds);
	return rest === undefined ? [first] : [first, ...partsOf(rest, bounds)];
}

const bytesOf = ({ t, m }: DocumentOp): number =>
	Buffer.byteLength(JSON.stringify(t)) +
	(m.length === 0 ? 0 : Buffer.byteLength(JSON.stringify(m)));

function check(op: DocumentOp, bounds: OpBounds): DocumentOp[] {
	const pieces = partsOf(op, bounds);
	for (const piece of pieces) {
		expect(piece.t.length).toBeLessThanOrEqual(bounds.components);
		expect(piece.m.length).toBeLessThanOrEqual(bounds.components);
		expect(bytesOf(piece)).toBeLessThanOrEqual(bounds.bytes);
		const text = piece.t.filter((part) => typeof part === "string").join("");
		expect([...text].length).toBeLessThanOrEqual(bounds.insertCodePoints);
	}
	return pieces;
}

describe("splitOp", () => {
	const bounds = { insertCodePoints: 3, components: 4, bytes: 1_000 };

	it.each<{ name: string; op: DocumentOp; parts: number }>([
		{ name: "fits", op: { t: [1, "😀b", { d: 1 }], m: [] }, parts: 1 },
		{ name: "a long insert", op: { t: [2, "😀1😁2😂3😃"], m: [] }, parts: 3 },
		{
			name: "many components",
			op: {
				t: ["1", 1, { d: 1 }, 1, "2", 1, { d: 1 }, "3", 1, { d: 1 }],
				m: [],
			},
			parts: 3,
		},
		{
			name: "marks after a long insert",
			op: { t: ["12345"], m: [4, { n: 2, a: { bold: true } }] },
			parts: 2,
		},
		{
			name: "many marks",
			op: {
				t: [],
				m: [
					{ n: 1, a: { b: 1 } },
					1,
					{ n: 1, a: { b: 2 } },
					1,
					{ n: 1, a: { b: 3 } },
					{ n: 2, a: { b: 4 } },
				],
			},
			parts: 2,
		},
	])(
		"[SDK-4] $name: the parts are within the limits and together do the same",
		({ op, parts }) => {
			const pieces = check(op, bounds);
			expect(pieces).toHaveLength(parts);
			expect(pieces.reduce(applyOp, before)).toEqual(applyOp(before, op));
		},
	);

	const frame = { insertCodePoints: 65_536, components: 1_000, bytes: 261_120 };
	const huge = "v".repeat(256);

	it.each<{ name: string; op: DocumentOp }>([
		{ name: "characters of 3 bytes", op: { t: ["字".repeat(300_000)], m: [] } },
		{ name: "characters of 4 bytes", op: { t: ["😀".repeat(80_000)], m: [] } },
		{ name: "quotes", op: { t: ['"'.repeat(65_536 * 3)], m: [] } },
		{ name: "control characters", op: { t: ["\u0001".repeat(65_536)], m: [] } },
		{
			name: "a text and a mark that have room one by one",
			op: {
				t: ["x".repeat(65_536), 1, { d: 1 }],
				m: [{ n: 1, a: { a: "\u0001".repeat(35_000) } }],
			},
		},
		{
			name: "large marks",
			op: {
				t: ["x".repeat(1_000)],
				m: Array.from({ length: 1_000 }, (_, at) => ({
					n: 1,
					a: Object.fromEntries(
						Array.from({ length: 16 }, (_, key) => [
							`${key}-${at}`,
							`"${huge}`.slice(0, 256),
						]),
					),
				})),
			},
		},
	])(
		"[SDK-4] $name: no part is larger than a frame, and few are needed",
		({ op }) => {
			const pieces = check(op, frame);
			expect(pieces.reduce(applyOp, before)).toEqual(applyOp(before, op));
			const least = Math.ceil(bytesOf(op) / frame.bytes);
			expect(pieces.length).toBeLessThanOrEqual(2 * least + 2);
		},
	);

	it("[SDK-4] bounds in which nothing fits still let one character go at a time", () => {
		const op: DocumentOp = {
			t: [5, "😀é", { d: 2 }],
			m: [1, { n: 2, a: { bold: true } }],
		};
		const pieces = partsOf(op, {
			insertCodePoints: 1,
			components: 1,
			bytes: 4,
		});
		expect(pieces.reduce(applyOp, before)).toEqual(applyOp(before, op));
		expect(pieces).toHaveLength(4);
	});

	it("[SDK-4] whatever is edited: parts within every bound, and together the same", () => {
		fc.assert(
			fc.property(narrow, edits, (some, edit) => {
				const { op, content } = opOf(edit);
				const pieces = check(op, some);
				expect(pieces.reduce(applyOp, content)).toEqual(applyOp(content, op));
			}),
			{ numRuns: 2_000 },
		);
	});
});

/** Bounds in which each single component or character has room. */
const narrow = fc.record({
	insertCodePoints: fc.integer({ min: 1, max: 40 }),
	components: fc.integer({ min: 2, max: 12 }),
	bytes: fc.integer({ min: 160, max: 400 }),
});

/** Of one to four bytes, with and without an escape. */
const text = fc.string({
	unit: fc.constantFrom(
		"a",
		"é",
		"字",
		"😀",
		'"',
		"\\",
		"\n",
		"\u0001",
		"\u007f",
	),
	minLength: 1,
	maxLength: 60,
});
const size = fc.integer({ min: 1, max: 9 });
const edits = fc.record({
	text: fc.array(
		fc.oneof(
			size,
			text,
			size.map((d) => ({ d })),
		),
		{ maxLength: 30 },
	),
	marks: fc.array(
		fc.oneof(
			size,
			fc.record({
				n: size,
				a: fc.dictionary(fc.constantFrom("b", "i"), text, {
					minKeys: 1,
					maxKeys: 1,
				}),
			}),
		),
		{ maxLength: 30 },
	),
});

/** Two neighbours that an op does not have: of one kind, or an insert behind a delete. */
const isOdd = (one: unknown, other: unknown): boolean =>
	typeof one === typeof other && typeof one !== "object"
		? true
		: typeof one === "object" && typeof other !== "number";

function opOf({
	text: parts,
	marks,
}: {
	text: TextComponent[];
	marks: Mark[];
}): {
	readonly op: DocumentOp;
	readonly content: DocumentContent;
} {
	const t = parts.filter((part, at) => at === 0 || !isOdd(parts[at - 1], part));
	while (typeof t.at(-1) === "number") t.pop();
	const m = marks.filter(
		(mark, at) =>
			typeof mark === "object" || typeof (marks[at - 1] ?? {}) === "object",
	);
	while (typeof m.at(-1) === "number") m.pop();
	const length = 30 * 9 * 2;
	const content = { text: "z".repeat(length), runs: [{ n: length, a: {} }] };
	return { op: { t, m }, content };
}
