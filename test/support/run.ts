// The test command: installs what the tests need and this machine lacks, runs jest, ends with one plain line.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOnPath } from "./tools.ts";

/** Debian packages behind the programs that some suites run. */
const TOOLS = {
	chromium: "chromium",
	"docker-compose": "docker-compose",
	haproxy: "haproxy",
	"nats-server": "nats-server",
	"redis-server": "redis-server",
	strace: "strace",
} as const;

const args = process.argv.slice(2);
const full = args.includes("--full");
const rest = args.filter((arg) => arg !== "--full");

installMissing();
if (!existsSync("dist/web")) run("npm", ["run", "build:web"]);
process.exitCode = test();

function installMissing(): void {
	const missing = Object.entries(TOOLS).filter(([tool]) => !findOnPath(tool));
	if (missing.length === 0) return;
	const names = missing.map(([, name]) => name);
	const isDebianRoot =
		existsSync("/etc/debian_version") && process.getuid?.() === 0;
	if (!isDebianRoot) {
		console.error(
			`not installed, their suites are skipped: ${names.join(", ")}`,
		);
		return;
	}
	console.error(`installing ${names.join(", ")}`);
	run("apt-get", ["update", "-qq"]);
	run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...names]);
}

function run(command: string, commandArgs: readonly string[]): void {
	const { status } = spawnSync(command, commandArgs, {
		stdio: ["ignore", "ignore", "inherit"],
		env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
	});
	if (status !== 0) console.error(`${command} failed with ${status}`);
}

function test(): number {
	const folder = mkdtempSync(join(tmpdir(), "prdtool-test-"));
	const report = join(folder, "report.json");
	const { status } = spawnSync(
		process.execPath,
		[
			"--experimental-vm-modules",
			"--disable-warning=ExperimentalWarning",
			"node_modules/jest/bin/jest.js",
			"--maxWorkers=2",
			"--json",
			`--outputFile=${report}`,
			...rest,
		],
		{
			stdio: ["ignore", "ignore", "inherit"],
			env: { ...process.env, ...(full ? { TEST_FULL: "1" } : {}) },
		},
	);
	const { passed, failed, skipped } = readReport(report);
	rmSync(folder, { recursive: true, force: true });
	const tail = skipped > 0 ? `, ${skipped} skipped` : "";
	console.log(`${passed} passed, ${failed} failed${tail}`);
	// Where everything can be installed, a suite that was skipped is a suite that was not run.
	if (process.env.CI === "true" && skipped > 0) return 1;
	return status ?? 1;
}

/** A suite that could not even run counts as one failure. */
function readReport(path: string) {
	if (!existsSync(path)) return { passed: 0, failed: 1, skipped: 0 };
	const report = JSON.parse(readFileSync(path, "utf8"));
	return {
		passed: report.numPassedTests as number,
		failed: (report.numFailedTests +
			report.numRuntimeErrorTestSuites) as number,
		skipped: report.numPendingTests as number,
	};
}
