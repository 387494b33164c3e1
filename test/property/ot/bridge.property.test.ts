import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { astralPositions, noteOf } from "../../../src/ot/unicode.ts";
import { fromSimple, toSimple } from "../../../src/protocol/simple-format.ts";
import { plain, SEED, textOf } from "../../support/ot-generators.ts";
import type {
	Accepted,
	LinearLog,
	SentOp,
} from "../../support/ot-linear-log.ts";
import {
	applyToCells,
	type Cell,
	contentOf,
	settingsOf,
	visible,
	withSettings,
} from "../../support/ot-list-oracle.ts";
import { playSession, steps } from "../../support/ot-session.ts";
import { applySimple, editorOf } from "../../support/ot-simple-editor.ts";

const RUNS = { seed: SEED, numRuns: 300 };
const CLIENTS = 3;
const start = textOf(0, 12).map(plain);
const session = steps(CLIENTS, 40);

/** Runs random sessions of clients that send without waiting; `check` sees each op as the log takes it. */
const always = (
	check: (sent: SentOp, accepted: Accepted, log: LinearLog) => void,
) =>
	fc.assert(
		fc.property(start, session, (content, played) => {
			playSession(content, CLIENTS, played, check);
		}),
		RUNS,
	);

const ids = (cells: readonly Cell[]) => cells.map((cell) => cell.id);
/** Ids of the cells that the others have too, and of those that they do not have. */
const among = (cells: readonly Cell[], others: readonly Cell[]) => {
	const known = new Set(ids(others));
	return ids(cells).filter((id) => known.has(id));
};
const except = (cells: readonly Cell[], others: readonly Cell[]) => {
	const known = new Set(ids(others));
	return ids(cells).filter((id) => !known.has(id));
};

describe("pipelined sessions over one log", () => {
	it("[OT-7] brings all clients, with any number of ops in flight, to the log's text, formatting and order", () => {
		fc.assert(
			fc.property(start, session, (content, played) => {
				const { log, clients } = playSession(
					content,
					CLIENTS,
					played,
					() => {},
				);
				for (const client of clients) {
					expect(client.content).toEqual(log.content);
					expect(client.cells).toEqual(log.cells);
				}
			}),
			RUNS,
		);
	});

	it("[OT-8] deletes what the author deleted and no other character, and keeps his order of characters", () => {
		always((sent, { before }, log) => {
			const meant = except(sent.before, sent.after);
			expect(except(before, log.cells)).toEqual(
				except(before, log.cells).filter((id) => meant.includes(id)),
			);
			expect(ids(log.cells).filter((id) => meant.includes(id))).toEqual([]);
			expect(among(log.cells, sent.after)).toEqual(
				among(sent.after, log.cells),
			);
		});
	});

	it("[OT-9] formats the characters that the author formatted, and no others", () => {
		always((sent, { before }, log) => {
			const sets = settingsOf(sent.after, sent.op.m);
			const old = new Map(before.map((cell) => [cell.id, cell.attributes]));
			for (const { id, attributes } of log.cells)
				expect(attributes).toEqual(
					withSettings(old.get(id) ?? new Map(), sets.get(id) ?? {}),
				);
		});
	});

	it("[OT-10] knows the length of the author's text without having it", () => {
		always((sent, accepted) =>
			expect(accepted.contextLength).toBe(sent.before.length),
		);
	});

	it("[OT-11] knows the astral positions of the author's text without having it", () => {
		always((sent, accepted) =>
			expect(accepted.contextAstral).toEqual(astralPositions(sent.text)),
		);
	});

	it("[SIMPLE-1] tells a committed op in UTF-16 parts that change text and formatting as the op does", () => {
		always((_, { committed, before }, log) => {
			const parts = toSimple(committed.op, committed.astral, "utf16");
			expect(parts.reduce(applySimple, editorOf(before))).toEqual(
				editorOf(log.cells),
			);
		});
	});

	it("[SIMPLE-2] reads an author's UTF-16 operation in the text that he had", () => {
		always(({ op, before, after, text }, { contextAstral }) => {
			const note = noteOf(
				op,
				astralPositions(text),
				astralPositions(contentOf(after).text),
			);
			const [first, ...more] = toSimple(op, note, "utf16");
			if (first === undefined || more.length > 0) return;
			const read = fromSimple(first, "utf16", contextAstral);
			expect(visible(applyToCells(before, read, ""))).toEqual(visible(after));
		});
	});
});
