import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
	applyOp,
	checkDocumentOp,
	fits,
	transform,
} from "../../../src/ot/document-op.ts";
import { codePointLength } from "../../../src/ot/unicode.ts";
import { CollabError } from "../../../src/protocol/errors.ts";
import {
	checkSimple,
	fromSimple,
} from "../../../src/protocol/simple-format.ts";
import { DEFAULT_LIMITS } from "../../../src/shared/limits.ts";
import { plain, SEED } from "../../support/ot-generators.ts";
import { hostile } from "../../support/ot-hostile.ts";

const RUNS = { seed: SEED, numRuns: 20_000 };
const document = plain("hello 😀 world");
const LENGTH = codePointLength(document.text);

/** What `act` returns, or undefined when it refuses; any other throw fails the test. */
function answer<Value>(act: () => Value): Value | undefined {
	try {
		return act();
	} catch (error) {
		if (error instanceof CollabError) return undefined;
		throw error;
	}
}

const listOf = fc.oneof(hostile, fc.array(hostile, { maxLength: 4 }));
/** Mostly right, so that what is wrong is found behind what is right. */
const or = (...right: readonly unknown[]) =>
	fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...right) }, hostile);
const operation = fc.record(
	{
		type: fc.constantFrom("insert", "delete", "retain", "format"),
		position: or(0, 3, 6, 7),
		length: or(1, 2, 5),
		content: or("a", "😀b"),
		attributes: or({ bold: true }, { link: "https://x.org", size: 1 }),
		extra: hostile,
	},
	{ requiredKeys: ["type"] },
);

describe("hostile input", () => {
	it("[OT-13] is refused with an error of the product, or is an op that can be applied", () => {
		let accepted = 0;
		fc.assert(
			fc.property(listOf, listOf, (op, marks) => {
				const checked = answer(() =>
					checkDocumentOp(op, marks, DEFAULT_LIMITS),
				);
				if (checked === undefined) return;
				if (answer(() => fits(checked, LENGTH) ?? true) === undefined) return;
				accepted++;
				const after = applyOp(document, checked);
				expect(after.text.isWellFormed()).toBe(true);
				transform(checked, { t: [2, "x"], m: [] }, "left");
			}),
			RUNS,
		);
		expect(accepted).toBeGreaterThan(20);
	});

	it("[SIMPLE-3] is refused with an error of the product, or is a simple operation that means an op", () => {
		let accepted = 0;
		fc.assert(
			fc.property(fc.oneof(hostile, operation), (value) => {
				const checked = answer(() => checkSimple(value, DEFAULT_LIMITS));
				if (checked === undefined) return;
				const op = answer(() => fromSimple(checked, "utf16", [6]));
				if (op === undefined) return;
				if (answer(() => fits(op, LENGTH) ?? true) === undefined) return;
				accepted++;
				expect(checkDocumentOp(op.t, op.m, DEFAULT_LIMITS)).toEqual(op);
				applyOp(document, op);
			}),
			RUNS,
		);
		expect(accepted).toBeGreaterThan(20);
	});
});
