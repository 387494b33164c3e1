import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { applyText } from "../../src/ot/text-op.ts";
import type { UserId } from "../../src/shared/ids.ts";
import { Authorship } from "../../src/versioning/authorship.ts";
import { intent, opOf, SEED, textOf } from "../support/ot-generators.ts";

const edit = fc.record({
	change: intent,
	userId: fc.constantFrom<UserId>(...(["ann", "bob", "cy"] as UserId[])),
});

/** One letter for each code point, by its author. */
const spread = (authors: readonly { readonly n: number; userId: UserId }[]) =>
	authors.flatMap(({ n, userId }) => Array.from({ length: n }, () => userId));

describe("who wrote what", () => {
	it("[VERSION-10] every character is by whom inserted it, whatever happens around it", () =>
		fc.assert(
			fc.property(fc.array(edit, { maxLength: 12, size: "max" }), (edits) => {
				const authorship = new Authorship();
				let text = "";
				let expected: UserId[] = [];
				for (const { change, userId } of edits) {
					const { t } = opOf([...text].length, change);
					const before = expected.slice();
					expected = [];
					for (const part of t)
						if (typeof part === "number")
							expected.push(...before.splice(0, part));
						else if (typeof part === "object") before.splice(0, part.d);
						else expected.push(...[...part].map(() => userId));
					expected.push(...before);
					authorship.apply(t, userId);
					text = applyText(text, t);
				}
				const { runs } = authorship;
				expect(spread(runs)).toEqual(expected);
				for (const [i, run] of runs.entries())
					expect(run.userId).not.toBe(runs[i + 1]?.userId);
				expect(new Authorship(runs).runs).toEqual(runs);
			}),
			{ seed: SEED, numRuns: 1_000 },
		));

	it("[VERSION-10] goes on from what was known, also over a large insert", () =>
		fc.assert(
			fc.property(
				fc.array(edit, { maxLength: 6 }),
				fc.nat({ max: 6 }),
				textOf(1, 3),
				(edits, at, piece) => {
					const large = piece.repeat(5_000);
					const whole = new Authorship();
					let known = new Authorship();
					let text = "";
					for (const [i, { change, userId }] of edits.entries()) {
						const t = i === 2 ? [large] : opOf([...text].length, change).t;
						whole.apply(t, userId);
						if (i === at) known = new Authorship(known.runs);
						known.apply(t, userId);
						text = applyText(text, t);
					}
					expect(known.runs).toEqual(whole.runs);
					expect(spread(whole.runs)).toHaveLength([...text].length);
				},
			),
			{ seed: SEED, numRuns: 100 },
		));
});
