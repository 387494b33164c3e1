import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { findOnPath } from "./tools.ts";

/** Kills the program when its parent dies, however that happens (Linux). */
const TIED = findOnPath("setpriv") ? ["setpriv", "--pdeathsig", "KILL"] : [];

export interface ServerCommand {
	readonly program: string;
	readonly args: readonly string[];
	/** What it writes when it serves. */
	readonly readyText: string;
	/** Beside this process's own. */
	readonly environment?: Readonly<Record<string, string>>;
}

/** A server of the tests as a process of its own, which can die and come back. */
export class ServerProcess {
	readonly #command: ServerCommand;
	#child: ChildProcess | undefined;

	constructor(command: ServerCommand) {
		this.#command = command;
	}

	/** Resolves when it serves; rejects with what it wrote when it ends before. */
	async start(): Promise<void> {
		const { program, args, readyText, environment } = this.#command;
		const [file, ...rest] = [...TIED, program, ...args] as [string];
		const child = spawn(file, rest, {
			stdio: ["ignore", "pipe", "pipe"],
			env: { ...process.env, ...environment },
		});
		this.#child = child;
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		let log = "";
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding("utf8").on("data", (text: string) => {
				// Read to the end: a server whose pipe is full stands still.
				log = (log + text).slice(-10_000);
				if (log.includes(readyText)) resolve();
			});
		child.once("error", reject);
		child.once("exit", () => reject(new Error(`${program} ended:\n${log}`)));
		await promise;
	}

	get pid(): number | undefined {
		return this.#child?.pid;
	}

	/** SIGKILL: no chance to finish anything. */
	kill(): Promise<void> {
		return this.#end("SIGKILL");
	}

	stop(): Promise<void> {
		return this.#end("SIGTERM");
	}

	async #end(signal: NodeJS.Signals): Promise<void> {
		const child = this.#child;
		if (!child || child.exitCode !== null || child.signalCode !== null) return;
		const gone = once(child, "exit");
		child.kill(signal);
		await gone;
	}
}
