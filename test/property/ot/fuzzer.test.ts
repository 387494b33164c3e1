import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it, jest } from "@jest/globals";
import {
	applyOp,
	compose,
	type DocumentContent,
	type DocumentOp,
	transform,
} from "../../../src/ot/document-op.ts";
import type { Attributes, Mark } from "../../../src/ot/marks.ts";
import type { TextComponent } from "../../../src/ot/text-op.ts";
import { opOf, plain } from "../../support/ot-generators.ts";
import {
	applyToCells,
	cellsOf,
	contentOf,
} from "../../support/ot-list-oracle.ts";

interface Fuzzer {
	(type: unknown, generate: unknown, iterations: number): void;
	randomInt(below: number): number;
	randomWord(): string;
}

const home = process.cwd();
const scratch = mkdtempSync(join(tmpdir(), "ot-fuzzer-"));

// The fuzzer keeps its crash file in the working directory, and talks while it runs.
beforeAll(() => {
	process.chdir(scratch);
	for (const method of ["error", "log", "time", "timeEnd"] as const)
		jest.spyOn(console, method).mockImplementation(() => {});
});
afterAll(() => {
	process.chdir(home);
	rmSync(scratch, { recursive: true });
	jest.restoreAllMocks();
});

describe("ot-fuzzer", () => {
	it("[OT-2] finds no fault in apply, transform and compose of runs of document ops", () => {
		const fuzzer: Fuzzer = createRequire(import.meta.url)("ot-fuzzer");

		fuzzer(
			{
				name: "document",
				create: () => plain(""),
				apply: applyOp,
				transform,
				compose,
			},
			(document: DocumentContent) => step(document, fuzzer),
			1_000,
		);
	});
});

function step(
	before: DocumentContent,
	{ randomInt, randomWord }: Fuzzer,
): [DocumentOp, DocumentContent] {
	const values = [true, "red", null];
	const format = (): Attributes => ({
		[["bold", "color"][randomInt(2)] as string]: values[randomInt(3)] ?? null,
	});
	const text = (): TextComponent =>
		[
			randomInt(9) + 1,
			randomInt(4) === 0 ? "😀" : `${randomWord().slice(0, 5)} `,
			{ d: randomInt(8) + 1 },
		][randomInt(3)] ?? 1;
	const mark = (): Mark =>
		randomInt(2) === 0
			? randomInt(9) + 1
			: { n: randomInt(9) + 1, a: format() };
	const times = <Part>(count: number, part: () => Part): Part[] =>
		Array.from({ length: count }, part);
	const cells = cellsOf(before, "");
	const op = opOf(cells.length, {
		text: times(randomInt(6), text),
		marks: times(randomInt(4), mark),
	});
	return [op, contentOf(applyToCells(cells, op, ""))];
}
