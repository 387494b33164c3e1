import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";

const spec = readFileSync("src/SPEC.md", "utf8");
const rules = [...spec.matchAll(/^- \*\*([A-Z0-9]+-\d+)\*\* /gm)].map(
	([, rule]) => rule as string,
);
const suites = globSync(["test/**/*.test.ts", "test/**/*.contract.ts"]).map(
	(file) => ({ file, text: readFileSync(file, "utf8") }),
);
/** Names of tests and of `each` tables, also over several lines. */
const NAMES =
	/\b(?:it|test)(?:\.each(?:\([\s\S]*?\)|<[\s\S]*?>\([\s\S]*?\)))?\(\s*["'`]([^"'`\n]*)/g;
const RULE = /\[([A-Z0-9]+-\d+)\]/g;

describe("src/SPEC.md", () => {
	it("[ARCH-3] numbers every rule once", () => {
		expect(rules.length).toBeGreaterThan(50);
		expect(rules.filter((rule, i) => rules.indexOf(rule) !== i)).toEqual([]);
	});

	it("[ARCH-3] has a test for every rule", () => {
		const cited = new Set(
			suites.flatMap(({ text }) =>
				[...text.matchAll(RULE)].map(([, rule]) => rule),
			),
		);
		expect(rules.filter((rule) => !cited.has(rule))).toEqual([]);
	});

	it("[ARCH-3] has the rule that a test name begins with", () => {
		const strays = suites.flatMap(({ file, text }) =>
			[...text.matchAll(NAMES)]
				.map(([, name]) => name as string)
				.filter((name) => {
					const [, rule] = /^\[([A-Z0-9]+-\d+)\] /.exec(name) ?? [];
					return rule === undefined || !rules.includes(rule);
				})
				.map((name) => `${file}: ${name}`),
		);
		expect(strays).toEqual([]);
	});
});
