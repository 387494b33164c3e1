import { describe, expect, it } from "@jest/globals";
import { CollabError, type ErrorCode } from "../../../src/protocol/errors.ts";
import type { DocId } from "../../../src/shared/ids.ts";
import type { Logger } from "../../../src/shared/logger.ts";
import {
	AUTO_AUTHOR,
	AutoVersions,
} from "../../../src/versioning/auto-versions.ts";
import type { Version } from "../../../src/versioning/version.ts";
import type { NewVersion } from "../../../src/versioning/versions.ts";
import { turns } from "../../support/documents-answers.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { plainContent, storedVersion } from "../../support/versions.ts";

const POLICY = { edits: 100 };

function lab(due: readonly string[][]) {
	const clock = new ManualClock();
	const asked: NewVersion[] = [];
	const made: Version[] = [];
	const logged: string[] = [];
	const failures = new Map<string, ErrorCode>();
	const logger = {
		warn: (_fields: unknown, message: string) => logged.push(message),
	} as unknown as Logger;
	const sweeps = due.map((ids) => ids as DocId[]);
	const auto = new AutoVersions(POLICY, {
		store: {
			listDue: async (policy) => {
				expect(policy).toBe(POLICY);
				return sweeps.shift() ?? [];
			},
		},
		versions: {
			create: async (request) => {
				asked.push(request);
				const code = failures.get(request.docId);
				if (code !== undefined) throw new CollabError(code, "no");
				return storedVersion(request.docId, "0.0.1", plainContent("x"));
			},
		},
		made: (version) => made.push(version),
		clock,
		logger,
	});
	return { auto, clock, asked, made, logged, failures };
}

describe("versions that nobody asks for", () => {
	it("[VERSION-18] every minute a patch version is made of what is due, and told", async () => {
		const { auto, clock, asked, made } = lab([["a", "b"], [], ["a"]]);
		auto.start();
		expect(asked).toEqual([]);
		for (let minute = 0; minute < 4; minute++) {
			clock.advance(60_000);
			await turns();
		}
		expect(asked).toEqual(
			["a", "b", "a"].map((docId) => ({
				docId,
				author: AUTO_AUTHOR,
				bump: "patch",
			})),
		);
		expect(made.map(({ docId }) => docId)).toEqual(["a", "b", "a"]);
		auto.close();
		expect(clock.waiting).toBe(0);
	});

	it("[VERSION-18] who was faster is no failure; another one is logged, and due again", async () => {
		const { auto, made, logged, failures } = lab([["a", "b", "c"], ["d"]]);
		failures.set("a", "ALREADY_EXISTS").set("b", "NOT_FOUND");
		await auto.sweep();
		expect(made.map(({ docId }) => docId)).toEqual(["c"]);
		expect(logged).toEqual([]);
		failures.set("d", "UNAVAILABLE");
		await auto.sweep();
		expect(logged).toEqual(["versions were not made by themselves"]);
	});

	it("[VERSION-18] nothing is made any more once it is closed", async () => {
		const { auto, clock, asked } = lab([["a"]]);
		auto.start();
		auto.close();
		clock.advance(120_000);
		await turns();
		await auto.sweep();
		auto.start();
		expect(asked).toEqual([]);
		expect(clock.waiting).toBe(0);
	});
});
