import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerProcess } from "./server-process.ts";
import { createTempFolder, removeTempFolder } from "./temp-folder.ts";
import { findOnPath } from "./tools.ts";

export const hasHaproxy = (): boolean => findOnPath("haproxy") !== undefined;

/** HAProxy with a configuration of the test's; its ports are free ones that the test has put in. */
export class Haproxy {
	readonly #process: ServerProcess;
	readonly #folder: string;

	private constructor(process: ServerProcess, folder: string) {
		this.#process = process;
		this.#folder = folder;
	}

	static async start(configuration: string): Promise<Haproxy> {
		const folder = createTempFolder("haproxy");
		const file = join(folder, "haproxy.cfg");
		writeFileSync(file, configuration);
		const process = new ServerProcess({
			program: "haproxy",
			args: ["-W", "-db", "-f", file],
			readyText: "Loading success",
		});
		const haproxy = new Haproxy(process, folder);
		await haproxy.restart();
		return haproxy;
	}

	/** SIGKILL; `restart` brings it back on the same ports. */
	kill = (): Promise<void> => this.#process.kill();
	restart = (): Promise<void> => this.#process.start();

	async close(): Promise<void> {
		await this.#process.stop();
		removeTempFolder(this.#folder);
	}
}
