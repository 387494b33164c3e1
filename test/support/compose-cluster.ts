import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { VARIABLES } from "../../src/node/config.ts";
import { type ComposeService, readCompose } from "./compose-file.ts";
import {
	type FaultyServer,
	startDatabase,
	startNats,
	startRedis,
} from "./compose-servers.ts";
import { DnsStub } from "./dns-stub.ts";
import { freePort } from "./free-port.ts";
import type { Fate } from "./nats-mangler.ts";
import { SECRET } from "./product.ts";
import { Replica } from "./replica.ts";
import { ServerProcess } from "./server-process.ts";
import { createTempFolder, removeTempFolder } from "./temp-folder.ts";

const PASSWORD = "of-the-tests";
/** What the image sets, beside what is replaced here. */
const IMAGE = { NODE_ENV: "production" };

export interface ComposeClusterOptions {
	/** Replicas by service; 1 of each other one. */
	readonly scale?: Readonly<Record<string, number>>;
	/** Instead of the compose file's NATS. */
	readonly bus?: "nats" | "redis";
	/** What becomes of messages that are published on NATS. */
	readonly fateOf?: (subject: string) => Fate;
	/** The tree that the processes run from; this one by default. */
	readonly root?: string;
}

/**
 * docker-compose.yml without Docker: each replica a process on its own loopback address, with the file's command and
 * environment; only host names, `HOST` and `DATA_DIR` are replaced. HAProxy runs with our haproxy.cfg and finds the
 * gateways by name.
 */
export class ComposeCluster {
	readonly replicas: Replica[] = [];
	readonly servers: FaultyServer[] = [];
	readonly #services: Readonly<Record<string, ComposeService>>;
	readonly #options: ComposeClusterOptions;
	readonly #dataDir = createTempFolder("compose");
	/** The first two numbers of its addresses: several clusters may live on one machine. */
	readonly #net = `127.${randomInt(16, 250)}.${randomInt(1, 250)}`;
	/** Host names of the compose file, and what they are replaced by. */
	readonly #hosts = new Map<string, string>();
	#addresses = 1;
	#dns: DnsStub | undefined;
	#haproxy: ServerProcess | undefined;
	#port = 0;
	#databaseUrl = "";

	private constructor(options: ComposeClusterOptions) {
		this.#options = options;
		this.#services = readCompose("docker-compose.yml", {
			NATS_PASSWORD: PASSWORD,
			REDIS_PASSWORD: PASSWORD,
			POSTGRES_PASSWORD: PASSWORD,
			JWT_SECRET: SECRET,
			ALLOWED_ORIGINS: "https://prd.example.com",
			TRUST_PROXY: "127.0.0.1/32",
			LOG_LEVEL: "warn",
		});
	}

	static async start(
		options: ComposeClusterOptions = {},
	): Promise<ComposeCluster> {
		const cluster = new ComposeCluster(options);
		try {
			await cluster.#startServers();
			await cluster.#startReplicas();
			await cluster.#startDoor();
		} catch (error) {
			await cluster.close();
			throw error;
		}
		return cluster;
	}

	/** Through HAProxy. */
	get url(): string {
		return `http://127.0.0.1:${this.#port}`;
	}

	/** Not through the line that the replicas use. */
	get databaseUrl(): string {
		return this.#databaseUrl;
	}

	/** Host name → address, as replaced. */
	get table(): string {
		return [...this.#hosts].map((row) => row.join(" -> ")).join("\n");
	}

	of(service: string): readonly Replica[] {
		return this.replicas.filter((replica) => replica.service === service);
	}

	server(name: FaultyServer["name"]): FaultyServer {
		const found = this.servers.find((server) => server.name === name);
		if (found === undefined) throw new Error(`there is no ${name}`);
		return found;
	}

	/** The environment of an operator's console. */
	get environment(): NodeJS.ProcessEnv {
		return this.#environmentOf("room", "127.0.0.1");
	}

	async close(): Promise<void> {
		await Promise.all(this.replicas.map((replica) => replica.kill()));
		await this.#haproxy?.kill();
		this.#dns?.close();
		await Promise.all(this.servers.map((server) => server.close()));
		removeTempFolder(this.#dataDir);
	}

	#newAddress(name: string): string {
		this.#addresses += 1;
		const address = `${this.#net}.${this.#addresses}`;
		this.#hosts.set(name, address);
		return address;
	}

	async #startServers(): Promise<void> {
		const { nats, redis, postgres } = this.#services;
		const at = (name: string, port: number) => ({
			host: this.#newAddress(name),
			port,
		});
		const database = startDatabase(
			{
				user: String(postgres?.environment?.POSTGRES_USER),
				database: String(postgres?.environment?.POSTGRES_DB),
			},
			at("postgres", 5432),
		);
		const fateOf = this.#options.fateOf ?? (() => "pass");
		const hasNats = this.#options.bus !== "redis";
		const started = await Promise.all([
			...(hasNats
				? [startNats(nats?.command ?? [], at("nats", 4222), fateOf)]
				: []),
			startRedis(redis?.command ?? [], at("redis", 6379)),
			database,
		]);
		this.servers.push(...started);
		this.#databaseUrl = (await database).url;
	}

	async #startReplicas(): Promise<void> {
		for (const [service, { build, command = [] }] of Object.entries(
			this.#services,
		)) {
			if (build === undefined) continue;
			const count = this.#options.scale?.[service] ?? 1;
			for (let i = 1; i <= count; i++) {
				const address = this.#newAddress(`${service}-${i}`);
				const environment = this.#environmentOf(service, address);
				const root = this.#options.root ?? resolve(".");
				this.replicas.push(
					new Replica({ service, address, command, environment, root }),
				);
			}
		}
		await Promise.all(this.replicas.map((replica) => replica.start()));
	}

	/** The file's, with the hosts replaced; nothing of this shell's. */
	#environmentOf(service: string, address: string): NodeJS.ProcessEnv {
		const own: NodeJS.ProcessEnv = { ...process.env };
		for (const name of VARIABLES) delete own[name];
		const { environment = {} } = this.#services[service] ?? {};
		for (const [name, value] of Object.entries(environment))
			own[name] = this.#inPlace(String(value));
		if (this.#options.bus === "redis")
			Object.assign(own, { BUS: "redis", NATS_URL: "" });
		return { ...own, ...IMAGE, HOST: address, DATA_DIR: this.#dataDir };
	}

	/** Host names stand behind `@` in URLs. */
	#inPlace(value: string): string {
		return value.replace(
			/(?<=@)[\w-]+/,
			(name) => this.#hosts.get(name) ?? name,
		);
	}

	async #startDoor(): Promise<void> {
		const { environment = {} } = this.#services.haproxy ?? {};
		this.#dns = await DnsStub.open((name) =>
			this.of(name)
				.filter(({ isDown }) => !isDown)
				.map(({ address }) => address),
		);
		this.#port = await freePort();
		this.#haproxy = new ServerProcess({
			program: "haproxy",
			args: ["-W", "-db", "-f", "haproxy.cfg"],
			readyText: "Loading success",
			environment: {
				...Object.fromEntries(
					Object.entries(environment).map(([k, v]) => [k, String(v)]),
				),
				DNS_SERVER: `127.0.0.1:${this.#dns.port}`,
				HOST: "127.0.0.1",
				PORT: String(this.#port),
			},
		});
		await this.#haproxy.start();
	}
}
