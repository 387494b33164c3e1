import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { VARIABLES } from "../../src/node/config.ts";

const readme = readFileSync("README.md", "utf8");
/** The first cells of the table under the heading "Settings". */
const firstCells = (
	/^## Settings$([\s\S]*?)^## /m.exec(readme)?.[1] ?? ""
).matchAll(/^\| *(`[^|]*?) *\|/gm);
const rows = [...firstCells].flatMap(([, cell = ""]) =>
	[...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string),
);

describe("the README", () => {
	it("[ARCH-4] has one row for each setting, and none for anything else", () => {
		expect([...rows].sort()).toEqual([...VARIABLES].sort());
	});
});
