import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
	applyOp,
	checkDocumentOp,
	compose,
	type DocumentContent,
	type DocumentOp,
	invert,
	transform,
} from "../../../src/ot/document-op.ts";
import { codePointLength } from "../../../src/ot/unicode.ts";
import { DEFAULT_LIMITS } from "../../../src/shared/limits.ts";
import {
	content,
	frozen,
	type Intent,
	intent,
	opOf,
	plain,
	SEED,
} from "../../support/ot-generators.ts";
import {
	applyToCells,
	cellsOf,
	transformByCells,
	visible,
} from "../../support/ot-list-oracle.ts";

const RUNS = { seed: SEED, numRuns: 3_000 };

interface Start {
	readonly text: string;
	readonly marks: Intent["marks"];
}

/** A formatted document, and ops made for it. */
function given(start: Start): DocumentContent {
	const bare = plain(start.text);
	return applyOp(
		bare,
		opOf(codePointLength(start.text), { text: [], marks: start.marks }),
	);
}
const madeFor = (before: DocumentContent, what: Intent): DocumentOp =>
	frozen(opOf(codePointLength(before.text), what));
const cells = (of: DocumentContent) => visible(cellsOf(of, ""));

describe("the algebra of document ops", () => {
	it("[OT-1] applies an op to text and formatting as a list of characters does", () => {
		fc.assert(
			fc.property(content, intent, (start, what) => {
				const before = frozen(given(start));
				const op = madeFor(before, what);
				const after = applyOp(before, op);
				expect(cells(after)).toEqual(
					visible(applyToCells(cellsOf(before, "d"), op, "a")),
				);
				expect(isNormal(after)).toBe(true);
			}),
			RUNS,
		);
	});

	it("[OT-2] brings two concurrent ops to the same text and formatting in both orders", () => {
		fc.assert(
			fc.property(content, intent, intent, (start, one, two) => {
				const before = frozen(given(start));
				const earlier = madeFor(before, one);
				const later = madeFor(before, two);
				const server = applyOp(
					applyOp(before, earlier),
					transform(later, earlier, "left"),
				);
				const client = applyOp(
					applyOp(before, later),
					transform(earlier, later, "right"),
				);
				expect(client).toEqual(server);
			}),
			RUNS,
		);
	});

	it("[OT-3] transforms component by component as the rules say: the later insert first, the later format wins", () => {
		fc.assert(
			fc.property(content, intent, intent, (start, one, two) => {
				const before = given(start);
				const length = codePointLength(before.text);
				const a = madeFor(before, one);
				const b = madeFor(before, two);
				expect(transform(a, b, "left")).toEqual(
					transformByCells(a, b, length, true),
				);
				expect(transform(a, b, "right")).toEqual(
					transformByCells(a, b, length, false),
				);
			}),
			RUNS,
		);
	});

	it("[OT-4] composes two ops into one that does what both do", () => {
		fc.assert(
			fc.property(content, intent, intent, (start, one, two) => {
				const before = frozen(given(start));
				const first = madeFor(before, one);
				const between = applyOp(before, first);
				const second = madeFor(between, two);
				const composed = compose(first, second);
				expect(applyOp(before, composed)).toEqual(applyOp(between, second));
				expect(checkDocumentOp(composed.t, composed.m, DEFAULT_LIMITS)).toEqual(
					composed,
				);
			}),
			RUNS,
		);
	});

	it("[OT-5] undoes an op exactly, deleted text and its formatting included", () => {
		fc.assert(
			fc.property(content, intent, (start, what) => {
				const before = frozen(given(start));
				const op = madeFor(before, what);
				const undo = invert(op, before);
				expect(applyOp(applyOp(before, op), undo)).toEqual(before);
				expect(checkDocumentOp(undo.t, undo.m, DEFAULT_LIMITS)).toEqual(undo);
			}),
			RUNS,
		);
	});

	it("[OT-6] gives canonical ops: what comes out of a transform passes the check of what comes in", () => {
		fc.assert(
			fc.property(content, intent, intent, (start, one, two) => {
				const before = given(start);
				const a = madeFor(before, one);
				const b = madeFor(before, two);
				for (const side of ["left", "right"] as const) {
					const { t, m } = transform(a, b, side);
					expect(checkDocumentOp(t, m, DEFAULT_LIMITS)).toEqual({ t, m });
				}
			}),
			RUNS,
		);
	});
});

function isNormal({ text, runs }: DocumentContent): boolean {
	const covered = runs.reduce((length, run) => length + run.n, 0);
	const equalNeighbours = runs.some(
		(run, i) =>
			i > 0 &&
			JSON.stringify(Object.entries(run.a).sort()) ===
				JSON.stringify(Object.entries(runs[i - 1]?.a ?? {}).sort()),
	);
	return covered === codePointLength(text) && !equalNeighbours;
}
