import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { ServerProcess } from "./server-process.ts";
import { createTempFolder, removeTempFolder } from "./temp-folder.ts";
import { findOnPath } from "./tools.ts";

export const hasNatsServer = (): boolean =>
	findOnPath("nats-server") !== undefined;

export interface NatsServerOptions {
	/** Bytes of one message that it takes; 1 MiB otherwise. */
	readonly maxPayloadBytes?: number;
}

/** A NATS server with a user and a password of its own; in memory alone. */
export class NatsServer {
	readonly #process: ServerProcess;
	readonly port: number;
	readonly user = "tester";
	readonly pass: string;
	readonly #remove: () => void;

	private constructor(
		process: ServerProcess,
		port: number,
		pass: string,
		remove: () => void,
	) {
		this.#process = process;
		this.port = port;
		this.pass = pass;
		this.#remove = remove;
	}

	static async start({
		maxPayloadBytes = 1_048_576,
	}: NatsServerOptions = {}): Promise<NatsServer> {
		const port = await freePort();
		const pass = randomBytes(12).toString("hex");
		const folder = createTempFolder("nats");
		const file = join(folder, "nats.conf");
		writeFileSync(
			file,
			`listen: "127.0.0.1:${port}"
max_payload: ${maxPayloadBytes}
authorization { user: tester, password: "${pass}" }
`,
		);
		const process = new ServerProcess({
			program: "nats-server",
			args: ["--config", file],
			readyText: "Server is ready",
		});
		const server = new NatsServer(process, port, pass, () =>
			removeTempFolder(folder),
		);
		await server.restart();
		return server;
	}

	/** What `connect` of nats.js takes, by way of another port if one is given. */
	connection(port = this.port) {
		const { user, pass } = this;
		return { servers: `127.0.0.1:${port}`, user, pass };
	}

	/** As `NATS_URL` has it. */
	url(port = this.port): string {
		return `nats://${this.user}:${this.pass}@127.0.0.1:${port}`;
	}

	/** SIGKILL; `restart` brings it back on the same port. */
	kill = (): Promise<void> => this.#process.kill();
	restart = (): Promise<void> => this.#process.start();

	async close(): Promise<void> {
		await this.#process.stop();
		this.#remove();
	}
}
