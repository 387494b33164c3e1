import { randomBytes } from "node:crypto";
import { freePort } from "./free-port.ts";
import { ServerProcess } from "./server-process.ts";
import { createTempFolder, removeTempFolder } from "./temp-folder.ts";
import { findOnPath } from "./tools.ts";

export const hasRedisServer = (): boolean =>
	findOnPath("redis-server") !== undefined;

export interface RedisServerOptions {
	/** Keeps what it was told over a restart, every write synced. */
	readonly appendOnly?: boolean;
}

/** A Redis server with a password of its own. */
export class RedisServer {
	readonly #process: ServerProcess;
	readonly #folder: string;
	readonly port: number;
	readonly #password: string;

	private constructor(
		process: ServerProcess,
		folder: string,
		port: number,
		password: string,
	) {
		this.#process = process;
		this.#folder = folder;
		this.port = port;
		this.#password = password;
	}

	static async start({
		appendOnly = false,
	}: RedisServerOptions = {}): Promise<RedisServer> {
		const port = await freePort();
		const password = randomBytes(12).toString("hex");
		const folder = createTempFolder("redis");
		const settings = {
			bind: "127.0.0.1",
			port: String(port),
			dir: folder,
			requirepass: password,
			save: "",
			appendonly: appendOnly ? "yes" : "no",
			appendfsync: "always",
		};
		const process = new ServerProcess({
			program: "redis-server",
			args: Object.entries(settings).flatMap(([k, v]) => [`--${k}`, v]),
			readyText: "Ready to accept connections",
		});
		const server = new RedisServer(process, folder, port, password);
		await server.restart();
		return server;
	}

	/** As `REDIS_URL` has it, by way of another port if one is given. */
	url(port = this.port, db = 0): string {
		return `redis://:${this.#password}@127.0.0.1:${port}/${db}`;
	}

	/** SIGKILL; `restart` brings it back on the same port. */
	kill = (): Promise<void> => this.#process.kill();
	restart = (): Promise<void> => this.#process.start();

	async close(): Promise<void> {
		await this.#process.stop();
		removeTempFolder(this.#folder);
	}
}
