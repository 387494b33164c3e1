import { spawnSync } from "node:child_process";
import { describe, expect, it } from "@jest/globals";
import { SERVICES } from "../../src/cli/start.ts";
import { type ChaosOptions, runChaos } from "../support/chaos-run.ts";
import { readCompose } from "../support/compose-file.ts";
import { inCluster } from "../support/in-cluster.ts";
import { createMutant, type Mutation } from "../support/mutant.ts";
import { findOnPath } from "../support/tools.ts";

const isFull = process.env.TEST_FULL === "1";
const MS = 240_000;
const SEEDS = isFull ? [11, 12, 13, 14] : [11];

const run = async (options: ChaosOptions) => {
	const report = await runChaos(options);
	return { ...report, violations: report.violations.slice(0, 5) };
};

inCluster("the cluster of the compose file", () => {
	it(
		"[CHAOS-1] brings people on all gateways, of both doors, to the same text",
		async () => {
			const report = await run({ seed: 10, ms: 5_000, plan: "calm" });
			expect(report.violations).toEqual([]);
			expect(report.acknowledged).toBe(report.revisions);
			expect(report.revisions).toBeGreaterThan(50);
		},
		MS,
	);

	it(
		"[CHAOS-5] loses no edit and shows nobody an error while every process in turn is told to end, and ends with code 0",
		async () => {
			const report = await run({ seed: 15, ms: 1_000, plan: "rolling" });
			expect(report.violations).toEqual([]);
			expect(new Set(report.faults).size).toBeGreaterThan(8);
		},
		MS,
	);

	it.each(SEEDS)(
		"[CHAOS-2] keeps every promise while things break (seed %i)",
		async (seed) => {
			const report = await run({ seed, ms: isFull ? 60_000 : 20_000 });
			expect(report.violations).toEqual([]);
			expect(report.faults.length).toBeGreaterThan(1);
			expect(report.revisions).toBeGreaterThan(50);
		},
		MS,
	);

	if (isFull)
		it.each([21, 22])(
			"[CHAOS-2] keeps them over Redis alone (seed %i)",
			async (seed) => {
				const report = await run({ seed, ms: 60_000, bus: "redis" });
				expect(report.violations).toEqual([]);
			},
			MS,
		);
});

const MUTANTS: Readonly<Record<string, readonly Mutation[]>> = {
	"an acknowledgement before the commit": [
		{
			file: "src/documents/commit-queue.ts",
			from: "outcomes = await this.#log.commit(groups);",
			to: `outcomes = groups.map(() => "committed" as const);
			void this.#log.commit(groups).catch(() => {});`,
		},
	],
	"no memory of operations that came before, in the owner, its sessions and the database":
		[
			{
				file: "src/documents/document-session.ts",
				from: "const inOrder = seq === this.#seq + 1;",
				to: "const inOrder = seq <= this.#seq + 1;",
			},
			{
				file: "src/documents/known-ops.ts",
				from: "if (found === undefined) {",
				to: "if (Date.now() > 0) {",
			},
			{
				file: "src/db/migrations/0001-documents.ts",
				from: `"ops_id", ["doc", "client", "seq"]`,
				to: `"ops_id", ["doc", "client", "seq", "rev"]`,
			},
		],
	"gaps that are not filled": [
		{
			file: "src/gateway/channel.ts",
			from: "if (this.#filling || this.#rev",
			to: "if (Date.now() > 0 || this.#rev",
		},
	],
};
/** Of each bug, until one finds it. */
const HUNTS = [31, 32, 33];

const hunt = isFull ? it.each(Object.entries(MUTANTS)) : undefined;
hunt?.(
	"[CHAOS-3] the reckoning finds %s",
	async (_name, mutations) => {
		const { root, remove } = createMutant(mutations);
		try {
			for (const seed of HUNTS) {
				const { violations } = await run({ seed, ms: 60_000, root });
				if (violations.length > 0) return;
			}
		} finally {
			remove();
		}
		throw new Error("no seed has found it");
	},
	HUNTS.length * MS,
);

describe("docker-compose.yml", () => {
	const variables = {
		NATS_PASSWORD: "n",
		REDIS_PASSWORD: "r",
		POSTGRES_PASSWORD: "p",
		ALLOWED_ORIGINS: "https://prd.example.com",
	};

	it("[CHAOS-4] has a service for each of the product's", () => {
		const services = readCompose("docker-compose.yml", variables);
		const built = Object.entries(services).filter(([, { build }]) => build);
		expect(built.map(([name]) => name).sort()).toEqual(
			Object.keys(SERVICES).sort(),
		);
		for (const [name, { command }] of built)
			expect(command).toEqual(["start", name]);
	});

	const withCompose = findOnPath("docker-compose") ? it : it.skip;
	withCompose("[CHAOS-4] is read by Docker Compose", () => {
		const { status, stderr } = spawnSync("docker-compose", ["config", "-q"], {
			env: { ...process.env, ...variables },
			encoding: "utf8",
		});
		expect([status, stderr]).toEqual([0, ""]);
	});

	it("[CHAOS-4] asks for what it cannot do without", () => {
		expect(() => readCompose("docker-compose.yml", {})).toThrow(
			"NATS_PASSWORD: set NATS_PASSWORD",
		);
	});
});
