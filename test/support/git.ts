import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Stock git, with nothing of this machine's settings. */
export async function git(
	folder: string,
	...args: readonly string[]
): Promise<string> {
	const { stdout } = await run("git", ["-C", folder, ...args], {
		env: {
			PATH: process.env.PATH,
			HOME: folder,
			GIT_CONFIG_NOSYSTEM: "1",
			GIT_TERMINAL_PROMPT: "0",
		},
		maxBuffer: 16_777_216,
	});
	return stdout;
}

/** Every file under a folder with what is in it, in hex. */
export function filesIn(folder: string): Readonly<Record<string, string>> {
	const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
	const files = names
		.filter((name) => statSync(join(folder, name)).isFile())
		.map((name) => [name, readFileSync(join(folder, name)).toString("hex")]);
	return Object.fromEntries(files.sort());
}
