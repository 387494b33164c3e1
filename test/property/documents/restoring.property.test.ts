import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { replacement } from "../../../src/documents/replacement.ts";
import { applyOp, fits } from "../../../src/ot/document-op.ts";
import { runsLength } from "../../../src/ot/marks.ts";
import { insertedLength } from "../../../src/ot/text-op.ts";
import type { SessionId, UserId } from "../../../src/shared/ids.ts";
import { turns } from "../../support/documents-answers.ts";
import { DOC, DocumentsLab } from "../../support/documents-lab.ts";
import {
	content,
	intent,
	opOf,
	plain,
	SEED,
	textOf,
} from "../../support/ot-generators.ts";

const formatted = content.map(({ text, marks }) =>
	applyOp(plain(text), opOf([...text].length, { text: [], marks })),
);
const bounds = fc.record({
	insertCodePoints: fc.integer({ min: 1, max: 12 }),
	components: fc.integer({ min: 2, max: 12 }),
});

/** What somebody types: a character that no version has. */
const MARKERS = ["α", "β", "γ", "δ", "ε", "ζ", "η", "θ"];
const act = fc.oneof(
	fc.record({
		kind: fc.constant("type" as const),
		who: fc.constantFrom("ann", "bob"),
		at: fc.nat(),
	}),
	fc.constant({ kind: "wait" as const }),
);

describe("going back to an earlier content", () => {
	it("[VERSION-7] leads from any content to any other, text and formatting, within the bounds of an edit", () =>
		fc.assert(
			fc.property(formatted, formatted, bounds, (before, after, limits) => {
				let now = before;
				for (const op of replacement(before, after, limits)) {
					fits(op, runsLength(now.runs));
					expect(op.t.length).toBeLessThanOrEqual(limits.components);
					expect(op.m.length).toBeLessThanOrEqual(limits.components);
					expect(insertedLength(op.t)).toBeLessThanOrEqual(
						limits.insertCodePoints,
					);
					now = applyOp(now, op);
				}
				expect(now).toEqual(after);
			}),
			{ seed: SEED, numRuns: 2_000 },
		));

	it("[VERSION-7] does nothing where nothing differs, and touches no line that both have", () => {
		const limits = { insertCodePoints: 100, components: 100 };
		const same = plain("one\ntwo\n");
		expect(replacement(same, same, limits)).toEqual([]);
		const from = plain("one\ntwo three\nfour\nfive\n");
		const to = plain("one\ntwo 3\nfour\n5\n");
		expect(replacement(from, to, limits)).toEqual([
			{ t: [8, { d: 5 }, "3", 6, { d: 4 }, "5"], m: [] },
		]);
	});

	it("[VERSION-8] keeps all that is typed meanwhile, wherever it falls, and all else is as it was", async () => {
		const seen = { meanwhile: 0, before: 0 };
		await fc.assert(
			fc.asyncProperty(
				textOf(0, 40),
				intent,
				bounds,
				fc.array(act, { maxLength: 8 }),
				fc.nat({ max: 8 }),
				async (text, changed, limits, acts, restoredAt) => {
					const lab = new DocumentsLab();
					const owner = lab.owner(limits);
					const { directory } = owner;
					const edit = (name: string) => ({
						docId: DOC,
						userId: "eve" as UserId,
						sessionId: `s_${name}` as SessionId,
					});
					const version = plain(text);
					await directory.replaceContent(edit("eve-one"), version);
					const later = applyOp(version, opOf([...text].length, changed));
					await directory.replaceContent(edit("eve-two"), later);
					const seats = {
						ann: await owner.join("ann"),
						bob: await owner.join("bob"),
					};
					const work: Promise<unknown>[] = [];
					const restore = () =>
						work.push(directory.replaceContent(edit("eve-three"), version));
					for (const [i, next] of acts.entries()) {
						if (i === restoredAt) restore();
						if (next.kind === "wait") await turns();
						else {
							const seat = seats[next.who as "ann" | "bob"];
							const position = next.at % ([...later.text].length + 1);
							const marker = MARKERS[i] as string;
							const op = position === 0 ? [marker] : [position, marker];
							const { revision } = seat.joined;
							work.push(owner.commit(seat.edit(op, { revision, settled: 0 })));
						}
					}
					if (restoredAt >= acts.length) restore();
					await Promise.all(work);
					const { text: end, runs } = await directory.read(DOC);
					const without = end.replace(/[α-ω]/g, "");
					expect(without).toBe(text);
					const log = await lab.disk.since(1, 0, 1_000, 1_000);
					const restored = log.filter(({ sessionId }) =>
						sessionId.endsWith("eve-three"),
					);
					const from = restored[0]?.baseRev ?? log.length;
					for (const { rev, op, userId } of log) {
						if (userId === "eve") continue;
						const [marker] = op.t.filter((part) => typeof part === "string");
						const isMeanwhile = restored.length > 0 && rev > from;
						seen[isMeanwhile ? "meanwhile" : "before"] += 1;
						if (isMeanwhile) expect(end).toContain(marker);
						else if (restored.length > 0) expect(end).not.toContain(marker);
					}
					expect(runsLength(runs)).toBe([...end].length);
					await directory.close();
				},
			),
			{ seed: SEED, numRuns: 300 },
		);
		expect(seen.meanwhile).toBeGreaterThan(100);
		expect(seen.before).toBeGreaterThan(20);
	});
});
