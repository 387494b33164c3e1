import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { DocumentAnchors } from "../../../src/documents/document-anchors.ts";
import { Lines } from "../../../src/ot/lines.ts";
import type { TextOp } from "../../../src/ot/text-op.ts";
import { DOC, DocumentsLab } from "../../support/documents-lab.ts";
import { MarkedText } from "../../support/marked-text.ts";
import { SEED } from "../../support/ot-generators.ts";

/** Every character once: what is gone cannot seem to be back. */
const alphabet = (from: number, count: number): string =>
	Array.from({ length: count }, (_, i) =>
		String.fromCodePoint((i % 3 === 0 ? 0x1f300 : 0x4e00) + from + i),
	).join("");

/** Two people write, each without having seen the other's last op. */
const step = fc.record({
	at: fc.nat(),
	remove: fc.integer({ min: 0, max: 4 }),
	insert: fc.integer({ min: 0, max: 3 }),
});

describe("comments in a document that people write in", () => {
	it("[COMMENT-18] stand where their characters are, whatever is written at once", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.tuple(fc.nat(10), fc.nat(10)),
				fc.array(step, { minLength: 2, maxLength: 12, size: "max" }),
				async ([a, b], steps) => {
					const { owner, anchors } = await document();
					const [start, end] = [Math.min(a, b), Math.max(a, b) + 1];
					const text = alphabet(0, 12);
					const lines = new Lines(text);
					const selection = {
						start: lines.placeOf(start),
						end: lines.placeOf(end),
					};
					const seats = {
						ann: await owner.join("ann"),
						bob: await owner.join("bob"),
					};
					await owner.commit(seats.ann.edit([text], { revision: 0 }));
					const put = await anchors.put(DOC, { selection });
					let fresh = 100;
					for (let i = 0; i + 1 < steps.length; i += 2) {
						const { revision, text: now } = await owner.directory.read(DOC);
						const length = [...now].length;
						const both = steps.slice(i, i + 2).map((what, nth) => {
							const op = opOf(length, what, alphabet(fresh, what.insert));
							fresh += what.insert;
							const seat = nth === 0 ? seats.ann : seats.bob;
							return seat.edit(op, { revision });
						});
						for (const { outcome } of await owner.submit(...both))
							expect(outcome).toBe("committed");
					}
					const { revision, standings } = await anchors.locate(DOC, [
						{ anchor: put.anchor, quote: put.quote ?? "" },
					]);
					const oracle = new MarkedText(text, start, end);
					for (const { op } of await owner.line.since(1, 1, revision, 1_000))
						oracle.apply(op.t);
					expect(oracle.text).toBe(await owner.text());
					const [{ anchor } = put] = standings;
					const { marked } = oracle;
					expect(anchor.orphaned).toBe(marked === undefined);
					if (marked !== undefined) expect(anchor.range).toEqual(marked);
					await owner.directory.close();
				},
			),
			{ seed: SEED, numRuns: 150 },
		);
	});
});

async function document() {
	const lab = new DocumentsLab();
	const owner = lab.owner();
	const stores = { log: owner.line, snapshots: lab.snapshots };
	return { owner, anchors: new DocumentAnchors(owner.directory, stores) };
}

function opOf(
	length: number,
	{ at, remove, insert }: { at: number; remove: number; insert: number },
	text: string,
): TextOp {
	const start = at % (length + 1);
	const d = Math.min(remove, length - start);
	const op = [
		...(start > 0 ? [start] : []),
		...(insert > 0 ? [text] : []),
		...(d > 0 ? [{ d }] : []),
	];
	return typeof op.at(-1) === "number" ? [] : op;
}
