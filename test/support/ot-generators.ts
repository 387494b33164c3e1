import fc from "fast-check";
import type { DocumentContent, DocumentOp } from "../../src/ot/document-op.ts";
import {
	type Attributes,
	type Mark,
	MarkWriter,
	plainRuns,
} from "../../src/ot/marks.ts";
import type { TextComponent, TextOp } from "../../src/ot/text-op.ts";
import { codePointLength } from "../../src/ot/unicode.ts";

/** The seed of every property run: a failure is found again by running the test again. */
export const SEED = 20260104;

const CHARS = [
	"a",
	"b",
	"c",
	" ",
	"\r",
	"\n",
	"é",
	"漢",
	"😀",
	"👩",
	"🏽",
	"\u200d",
];

/** Short texts, about half of them with characters above U+FFFF. */
export const textOf = (
	minLength: number,
	maxLength: number,
): fc.Arbitrary<string> =>
	fc
		.array(fc.constantFrom(...CHARS), { minLength, maxLength, size: "max" })
		.map((chars) => chars.join(""));

/** Attributes of few keys and values, so that they meet often; `null` removes. */
export const attributes: fc.Arbitrary<Attributes> = fc.dictionary(
	fc.constantFrom("bold", "color", "size"),
	fc.constantFrom<string | number | boolean | null>(true, "red", 1, null),
	{ minKeys: 1, maxKeys: 3 },
);

/** What somebody does next, whatever the length of his text turns out to be. */
export interface Intent {
	readonly text: readonly TextComponent[];
	readonly marks: readonly Mark[];
}

const size = fc.integer({ min: 1, max: 6 });
const component: fc.Arbitrary<TextComponent> = fc.oneof(
	{ weight: 4, arbitrary: size },
	{ weight: 3, arbitrary: textOf(1, 4) },
	{ weight: 3, arbitrary: size.map((d) => ({ d })) },
);
const mark: fc.Arbitrary<Mark> = fc.oneof(
	size,
	fc.record({ n: size, a: attributes }),
);

export const intent: fc.Arbitrary<Intent> = fc.record({
	text: fc.array(component, { maxLength: 8, size: "max" }),
	marks: fc.oneof(
		{ weight: 1, arbitrary: fc.constant([]) },
		{ weight: 2, arbitrary: fc.array(mark, { maxLength: 6, size: "max" }) },
	),
});

/** The intent as a canonical op that fits a text of `length` code points. */
export function opOf(length: number, { text, marks }: Intent): DocumentOp {
	const t = textOpOf(length, text);
	let after = length;
	for (const part of t)
		if (typeof part === "string") after += codePointLength(part);
		else if (typeof part === "object") after -= part.d;
	const writer = new MarkWriter();
	for (const each of marks) {
		const n = Math.min(after, typeof each === "number" ? each : each.n);
		writer.push(n, typeof each === "number" ? undefined : each.a);
		after -= n;
	}
	return { t, m: writer.done() };
}

function textOpOf(length: number, parts: readonly TextComponent[]): TextOp {
	const out: TextComponent[] = [];
	let left = length;
	for (const part of parts) {
		const last = out.at(-1);
		if (typeof part === "string") {
			if (typeof last === "string") out[out.length - 1] = last + part;
			else out.push(part);
			continue;
		}
		const n = Math.min(left, typeof part === "number" ? part : part.d);
		if (n === 0) continue;
		left -= n;
		if (typeof part === "number")
			if (typeof last === "number") out[out.length - 1] = last + n;
			else out.push(n);
		else if (typeof last === "object") out[out.length - 1] = { d: last.d + n };
		else out.push({ d: n });
	}
	if (typeof out.at(-1) === "number") out.pop();
	return out;
}

/** A text with formatting: a base text, and what was then done to it. */
export const content: fc.Arbitrary<{
	readonly text: string;
	readonly marks: readonly Mark[];
}> = fc.record({
	text: textOf(0, 16),
	marks: fc.array(mark, { maxLength: 4, size: "max" }),
});

export const plain = (text: string): DocumentContent => ({
	text,
	runs: plainRuns(codePointLength(text)),
});

/** Freezes a value all through, so that whoever changes it throws. */
export function frozen<Value>(value: Value): Value {
	if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
		Object.freeze(value);
		for (const part of Object.values(value)) frozen(part);
	}
	return value;
}
