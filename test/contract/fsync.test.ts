import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { createDataDir, type DataDir } from "../support/sqlite.ts";
import { committingCommand } from "./child.ts";
import { newDocId } from "./desk.ts";

const COMMITS = 500;
const hasStrace = spawnSync("strace", ["-V"]).status === 0;
/** Where the build decides, a machine that cannot count is a failure. */
const traced = hasStrace || process.env.CI === "true" ? it : it.skip;

/** Sums the calls column of `strace -c`: `% time, seconds, usecs/call, calls, errors?, syscall`. */
const countCalls = (summary: string): number =>
	summary
		.split("\n")
		.map((line) => line.trim().split(/\s+/))
		.filter((cells) => /^(fsync|fdatasync)$/.test(cells.at(-1) ?? ""))
		.reduce((sum, cells) => sum + Number(cells[3]), 0);

describe("SQLite commits reach the disk", () => {
	let dataDir: DataDir;

	beforeEach(() => {
		dataDir = createDataDir();
	});
	afterEach(() => dataDir.remove());

	function countSyncs(synchronous: "FULL" | "NORMAL"): number {
		const summary = join(dataDir.path, "summary");
		const config = {
			kind: "sqlite",
			dataDir: dataDir.path,
			synchronous,
		} as const;
		const { status } = spawnSync(
			"strace",
			[
				...["-f", "-c", "-e", "trace=fsync,fdatasync", "-o", summary],
				...committingCommand(config, newDocId(), COMMITS),
			],
			{ stdio: ["ignore", "ignore", "inherit"] },
		);
		expect(status).toBe(0);
		return countCalls(readFileSync(summary, "utf8"));
	}

	traced(
		"[DB-20] every commit is synced to the disk before it is acknowledged (strace)",
		() => {
			expect(countSyncs("FULL")).toBeGreaterThanOrEqual(COMMITS);
		},
		60_000,
	);

	traced(
		"[DB-21] with synchronous=NORMAL commits are not synced one by one: the count can tell (strace)",
		() => {
			expect(countSyncs("NORMAL")).toBeLessThan(COMMITS / 10);
		},
		60_000,
	);
});
