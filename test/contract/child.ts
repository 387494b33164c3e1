import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { DatabaseConfig } from "../../src/db/database.ts";
import type { DocId } from "../../src/shared/ids.ts";

const script = fileURLToPath(new URL("./committing-child.ts", import.meta.url));

/** Command line of a process that commits to a document. */
export const committingCommand = (
	config: DatabaseConfig,
	docId: DocId,
	count?: number,
): readonly string[] => [
	process.execPath,
	script,
	JSON.stringify(config),
	docId,
	...(count === undefined ? [] : [String(count)]),
];

/** A process that commits until it is killed, or until the scope that uses it ends. */
export class CommittingChild {
	readonly #process: ChildProcessByStdio<null, Readable, null>;
	readonly #lines: AsyncIterator<string>;
	/** Newest head that it has acknowledged; 0 before the first. */
	acknowledged = 0;

	constructor(config: DatabaseConfig, docId: DocId) {
		const [file = "", ...args] = committingCommand(config, docId);
		this.#process = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
		const lines = createInterface({ input: this.#process.stdout });
		this.#lines = lines[Symbol.asyncIterator]();
	}

	/** Resolves after so many further acknowledgements; it goes on committing. */
	async advance(acks: number): Promise<void> {
		for (let left = acks; left > 0; left -= 1) {
			const { done, value } = await this.#lines.next();
			if (done) return;
			this.acknowledged = Number(value);
		}
	}

	/** Kills it (SIGKILL) while it commits; resolves once it is gone and its last word is heard. */
	async kill(): Promise<void> {
		const closed = once(this.#process, "close");
		this.#process.kill("SIGKILL");
		await this.advance(Number.POSITIVE_INFINITY);
		await closed;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		if (this.#process.exitCode === null && this.#process.signalCode === null)
			await this.kill();
	}
}
