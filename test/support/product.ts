import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import jwt from "jsonwebtoken";

const SECRET = "a-secret-of-the-tests-with-at-least-32-bytes";

/** The real product as its own process, on a free port. */
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
		environment: Readonly<Record<string, string>> = {},
	): Promise<Product> {
		const child = spawn(process.execPath, ["src/cli/main.ts", "start"], {
			stdio: ["ignore", "pipe", "pipe"],
			env: {
				...process.env,
				NODE_ENV: "development",
				DATA_DIR: dataDir,
				PORT: "0",
				JWT_SECRET: SECRET,
				...environment,
			},
		});
		let log = "";
		child.stderr.on("data", (chunk) => {
			log += chunk;
		});
		for await (const line of createInterface(child.stdout)) {
			const [, port] = /ready at http:\/\/[^:]+:(\d+)/.exec(line) ?? [];
			if (port !== undefined)
				return new Product(child, Number(port), () => log);
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
		const gone = once(this.#child, "exit");
		this.#child.kill("SIGTERM");
		const [code] = await gone;
		return code;
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
