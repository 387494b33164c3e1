import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import jwt from "jsonwebtoken";
import { VARIABLES } from "../../src/node/config.ts";

export const SECRET = "a-secret-of-the-tests-with-at-least-32-bytes";
type Environment = Readonly<Record<string, string>>;

/** Settings of this shell must not reach the product of a test. */
const cleanEnvironment = (): NodeJS.ProcessEnv => {
	const kept = { ...process.env };
	for (const name of VARIABLES) delete kept[name];
	return kept;
};

/** Runs a command of the product to its end; nothing is set but what is given. */
export async function prdtool(
	args: readonly string[],
	environment: Environment = {},
	/** SIGTERM when this happens. */
	until?: (child: ChildProcess) => Promise<unknown>,
): Promise<{
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}> {
	const child = spawn(process.execPath, ["src/cli/main.ts", ...args], {
		stdio: ["ignore", "pipe", "pipe"],
		env: { ...cleanEnvironment(), ...environment },
		// A start that should have failed does not outlive its test.
		timeout: 20_000,
		killSignal: "SIGKILL",
	});
	until?.(child).then(() => child.kill("SIGTERM"));
	const [[code], stdout, stderr] = await Promise.all([
		once(child, "close"),
		child.stdout.toArray(),
		child.stderr.toArray(),
	]);
	return { code, stdout: stdout.join(""), stderr: stderr.join("") };
}

/** The real product, or some of its services, as its own process on a free port. */
export class Product {
	readonly #child: ChildProcess;
	readonly port: number;
	/** What it has written to stderr so far. */
	readonly log: () => string;

	private constructor(child: ChildProcess, port: number, log: () => string) {
		this.#child = child;
		this.port = port;
		this.log = log;
	}

	/** Resolves when it says that it is ready; rejects with its stderr when it ends before. */
	static async start(
		dataDir: string,
		environment: Environment = {},
		services: readonly string[] = [],
	): Promise<Product> {
		const args = ["src/cli/main.ts", "start", ...services];
		const child = spawn(process.execPath, args, {
			stdio: ["ignore", "pipe", "pipe"],
			env: {
				...cleanEnvironment(),
				DATA_DIR: dataDir,
				PORT: "0",
				JWT_SECRET: SECRET,
				// Tests come back more often from one address than people do; production takes no such setting.
				RATE_LIMITS: environment.NODE_ENV === "production" ? "" : "off",
				...environment,
			},
		});
		let log = "";
		child.stderr.on("data", (chunk) => {
			log += chunk;
		});
		for await (const line of createInterface(child.stdout)) {
			const ready = /is ready(?: at http:\/\/.+:(\d+))?$/.exec(line);
			if (ready !== null)
				return new Product(child, Number(ready[1] ?? 0), () => log);
		}
		throw new Error(`the product did not start:\n${log}`);
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	get ws(): string {
		return `ws://127.0.0.1:${this.port}/ws`;
	}

	get pid(): number {
		return this.#child.pid as number;
	}

	/** What it writes to stdout and stderr is read no more. */
	deafen(): void {
		this.#child.stdout?.destroy();
		this.#child.stderr?.destroy();
	}

	/** Resolves when that has been written to stderr. */
	async logged(text: string): Promise<void> {
		while (!this.log().includes(text))
			await once(this.#child.stderr as Readable, "data");
	}

	/** The signal alone; `exited` tells what comes of it. */
	signal(name: NodeJS.Signals): void {
		this.#child.kill(name);
	}

	/** Resolves with the exit code. */
	get exited(): Promise<number | null> {
		if (this.#child.exitCode !== null)
			return Promise.resolve(this.#child.exitCode);
		return once(this.#child, "exit").then(([code]) => code);
	}

	/** SIGKILL: no chance to finish anything. */
	async kill(): Promise<void> {
		if (this.#child.exitCode !== null || this.#child.signalCode !== null)
			return;
		const gone = once(this.#child, "exit");
		this.#child.kill("SIGKILL");
		await gone;
	}

	/** SIGTERM; resolves with the exit code. */
	async stop(): Promise<number | null> {
		this.signal("SIGTERM");
		return this.exited;
	}
}

/** A token that the product of the tests accepts. */
export const tokenFor = (
	userId: string,
	claims: Readonly<Record<string, unknown>> = {},
): string =>
	jwt.sign(claims, SECRET, {
		subject: userId,
		expiresIn: "1h",
		algorithm: "HS256",
	});
