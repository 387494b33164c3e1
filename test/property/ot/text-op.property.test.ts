import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { type as library } from "ot-text-unicode";
import { conflictOf } from "../../../src/ot/conflict.ts";
import {
	applyText,
	insertedLength,
	netLength,
	preLength,
	type TextOp,
	transformPosition,
	transformText,
} from "../../../src/ot/text-op.ts";
import {
	astralPositions,
	carry,
	carryBack,
	codePointLength,
	noteOf,
} from "../../../src/ot/unicode.ts";
import {
	intent,
	opOf,
	plain,
	SEED,
	textOf,
} from "../../support/ot-generators.ts";
import { applyToCells, cellsOf } from "../../support/ot-list-oracle.ts";

const RUNS = { seed: SEED, numRuns: 3_000 };
type LibraryOp = Parameters<typeof library.compose>[0];
const asLibrary = (op: TextOp) => op as LibraryOp;
const text = fc.oneof(textOf(0, 30), fc.string({ unit: "grapheme-ascii" }));

describe("text ops", () => {
	it("[OT-22] transform and apply as ot-text-unicode does, by shortcuts too", () => {
		fc.assert(
			fc.property(text, intent, intent, (before, one, two) => {
				const length = codePointLength(before);
				const a = opOf(length, one).t;
				const b = opOf(length, two).t;
				for (const side of ["left", "right"] as const)
					expect(transformText(a, b, side)).toEqual(
						library.transform(asLibrary(a), asLibrary(b), side),
					);
				expect(applyText(before, a)).toBe(library.apply(before, asLibrary(a)));
			}),
			RUNS,
		);
	});

	it("[OT-23] know their lengths", () => {
		fc.assert(
			fc.property(text, intent, (before, what) => {
				const { t } = opOf(codePointLength(before), what);
				const after = codePointLength(applyText(before, t));
				expect(netLength(t)).toBe(after - codePointLength(before));
				expect(preLength(t)).toBeLessThanOrEqual(codePointLength(before));
				const deleted = t.reduce<number>(
					(sum, part) => sum + (typeof part === "object" ? part.d : 0),
					0,
				);
				expect(insertedLength(t) - deleted).toBe(netLength(t));
			}),
			RUNS,
		);
	});

	it("[ANCHOR-1] move a position as ot-text-unicode does, and with the other bias stay before the character behind it", () => {
		fc.assert(
			fc.property(textOf(1, 20), intent, fc.nat(), (before, what, place) => {
				const cells = cellsOf(plain(before), "c");
				const op = opOf(cells.length, { ...what, marks: [] });
				const position = place % (cells.length + 1);
				expect(transformPosition(position, op.t, "before")).toBe(
					library.transformPosition(position, asLibrary(op.t)),
				);
				const next = cells[position]?.id;
				const after = applyToCells(cells, op, "n");
				const moved = after.findIndex((cell) => cell.id === next);
				if (moved >= 0)
					expect(transformPosition(position, op.t, "after")).toBe(moved);
			}),
			RUNS,
		);
	});

	it("[UTF16-5] carry astral positions forth and back as the texts have them", () => {
		fc.assert(
			fc.property(text, intent, (before, what) => {
				const op = opOf(codePointLength(before), what);
				const there = astralPositions(before);
				const after = carry(there, op.t);
				expect(after).toEqual(astralPositions(applyText(before, op.t)));
				const note = noteOf(op, there, after);
				expect(carryBack(after, op.t, note?.d)).toEqual(there);
			}),
			RUNS,
		);
	});

	it("[CONFLICT-1] of two people conflict in the same region whoever is asked first", () => {
		fc.assert(
			fc.property(textOf(0, 20), intent, intent, (before, one, two) => {
				const length = codePointLength(before);
				const a = opOf(length, one);
				const b = opOf(length, two);
				const region = conflictOf(a, b);
				expect(conflictOf(b, a)).toEqual(region);
				if (region !== undefined)
					expect(region.position + region.length).toBeLessThanOrEqual(length);
			}),
			RUNS,
		);
	});
});
