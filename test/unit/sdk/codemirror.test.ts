import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { applyText } from "../../../src/ot/text-op.ts";
import { collab, Units } from "../../../src/sdk/codemirror.ts";
import {
	authorOf,
	type Caret,
	carets,
	setCarets,
} from "../../../src/sdk/codemirror-carets.ts";
import type { Doc } from "../../../src/sdk/document.ts";

const text = fc
	.array(fc.constantFrom("a", "\n", "é", "字", "😀", "👩‍💻", "\r"), {
		maxLength: 12,
		size: "max",
	})
	.map((parts) => parts.join(""));
const extension = collab({ text: "", editable: true } as Doc);
const stateOf = (doc: string) =>
	EditorState.create({ doc, extensions: extension });

/** Where characters begin, in UTF-16. */
function seams(of: string): number[] {
	let at = 0;
	return [0, ...[...of].map((character) => (at += character.length))];
}

describe("collab, the CodeMirror binding", () => {
	it("[SDK-30] an editor's changes become the ops that do the same, and back, whatever the characters", () => {
		const change = fc.record({ insert: text, a: fc.nat(), b: fc.nat() });
		fc.assert(
			fc.property(
				text,
				fc.array(change, { minLength: 1 }),
				(start, changes) => {
					let state = stateOf(start);
					const [there, back] = [new Units(start), new Units(start)];
					for (const { insert, a, b } of changes) {
						const before = state.doc.toString();
						const at = seams(before);
						const ends = [at[a % at.length] ?? 0, at[b % at.length] ?? 0];
						const [from, to] = [Math.min(...ends), Math.max(...ends)];
						const transaction = state.update({ changes: { from, to, insert } });
						const after = transaction.newDoc.toString();
						const op = there.opOf(transaction);
						expect(applyText(before, op)).toBe(after);
						const again = state.changes(back.changesOf(op, state.doc));
						expect(again.apply(state.doc).toString()).toBe(after);
						state = transaction.state;
					}
				},
			),
			{ numRuns: 1_000 },
		);
	});

	it.each([
		[
			"line ends of other systems",
			{ from: 1, insert: "x\r\ny\rz" },
			"ax\ny\nz😀b",
		],
		["half a character", { from: 1, insert: "\ud83d" }, "a\ufffd😀b"],
		["NUL", { from: 1, insert: "x\0y" }, "axy😀b"],
		["a deletion that would leave half a character", { from: 0, to: 2 }, "b"],
		["an insert into a character", { from: 2, insert: "x" }, "a😀xb"],
	])(
		"[SDK-31] %s: only whole characters and \\n line ends reach the text",
		(_name, changes, expected) => {
			const state = stateOf("a😀b").update({ changes }).state;
			expect(state.doc.toString()).toBe(expected);
		},
	);
});

describe("carets of others", () => {
	const caret = (sessionId: string, at: number): Caret => ({
		sessionId,
		name: sessionId,
		color: "#047857",
		at,
		from: at,
		to: at,
	});
	const places = (state: EditorState): number[] => {
		const found: number[] = [];
		for (const set of state.facet(EditorView.decorations)) {
			if (typeof set === "function") continue;
			set.between(0, state.doc.length, (from) => void found.push(from));
		}
		return found;
	};
	const withCarets = (...all: readonly Caret[]) =>
		EditorState.create({ doc: "abcd", extensions: carets }).update({
			effects: setCarets.of(all),
		}).state;

	it("[SDK-35] move with the text; what is inserted at one takes it along only when it is its owner's", () => {
		const state = withCarets(caret("bob", 2), caret("cy", 2), caret("di", 4));
		const insert = { changes: { from: 2, insert: "xy" } };
		expect(places(state.update(insert).state)).toEqual([2, 2, 6]);
		const bobs = { ...insert, annotations: authorOf.of("bob") };
		expect(places(state.update(bobs).state)).toEqual([2, 4, 6]);
		const deleted = state.update({ changes: { from: 1, to: 4 } }).state;
		expect(places(deleted)).toEqual([1, 1, 1]);
	});

	it("[SDK-35] one beyond the text stands at its end", () => {
		expect(places(withCarets(caret("bob", 99)))).toEqual([4]);
	});
});
