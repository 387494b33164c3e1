import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface ReplicaOptions {
	readonly service: string;
	/** Its own loopback address. */
	readonly address: string;
	readonly command: readonly string[];
	readonly environment: NodeJS.ProcessEnv;
	/** The tree that it runs from. */
	readonly root: string;
}

/** One container of a compose service, as a process. It may die, freeze and come back under the same address. */
export class Replica {
	readonly service: string;
	readonly address: string;
	readonly #options: ReplicaOptions;
	#child: ChildProcess | undefined;
	#log = "";
	/** It was told to end, or killed, and has not been started since. */
	isDown = true;

	constructor(options: ReplicaOptions) {
		this.service = options.service;
		this.address = options.address;
		this.#options = options;
	}

	/** Everything that it has written to stderr, over all its lives. */
	get log(): string {
		return this.#log;
	}

	/** Ended without having been told to. */
	get hasCrashed(): boolean {
		return !this.isDown && this.#child?.exitCode !== null;
	}

	get pid(): number {
		return this.#child?.pid as number;
	}

	/** Resolves when it says that it is ready; rejects with its stderr when it ends before. */
	async start(): Promise<void> {
		const { command, environment: env, root } = this.#options;
		const child = spawn(process.execPath, ["src/cli/main.ts", ...command], {
			cwd: root,
			env,
			stdio: ["ignore", "pipe", "pipe"],
		});
		this.#child = child;
		this.isDown = false;
		child.stderr.on("data", (chunk) => {
			this.#log = (this.#log + chunk).slice(-1_000_000);
		});
		for await (const line of createInterface(child.stdout))
			if (/is ready/.test(line)) return;
		if (this.isDown) return;
		throw new Error(`${this.service} did not start:\n${this.#log}`);
	}

	/** Resolves with its exit code, when it ends by itself or was told to by others. */
	get exited(): Promise<number | null> {
		const child = this.#child as ChildProcess;
		if (child.exitCode !== null) return Promise.resolve(child.exitCode);
		return once(child, "exit").then(([code]) => code as number | null);
	}

	/** SIGKILL. */
	async kill(): Promise<void> {
		await this.#end("SIGKILL");
	}

	/** SIGTERM. @returns exit code; null where a signal ended it */
	stop(): Promise<number | null> {
		return this.#end("SIGTERM");
	}

	/** SIGSTOP: it lives and does nothing, until `thaw`. */
	freeze(): void {
		this.#child?.kill("SIGSTOP");
	}

	thaw(): void {
		this.#child?.kill("SIGCONT");
	}

	async #end(signal: NodeJS.Signals): Promise<number | null> {
		const child = this.#child;
		this.isDown = true;
		if (!child || child.exitCode !== null || child.signalCode !== null)
			return child?.exitCode ?? null;
		const gone = once(child, "exit");
		// A frozen process hears of nothing but its end.
		child.kill("SIGCONT");
		child.kill(signal);
		const [code] = await gone;
		return code as number | null;
	}
}
