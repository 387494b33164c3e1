import { once } from "node:events";
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { openStores } from "../db/open-stores.ts";
import { WEB_ROOT } from "../http/page.ts";
import { systemClock } from "../node/clock.ts";
import { type Config, ConfigError, loadConfig } from "../node/config.ts";
import { authority, listen } from "../node/listen.ts";
import { reasonOf } from "./reason.ts";

const BUS_PATIENCE_MS = 3_000;
const DEFAULT_REDIS_PORT = 6379;

interface Finding {
	readonly what: string;
	readonly state: "ok" | "note" | "bad";
	readonly says: string;
}

/** Checks what a start needs, and says it line by line. @returns exit code: 0 unless something would fail */
export async function doctor(): Promise<number> {
	const findings = await examine();
	for (const { what, state, says } of findings)
		process.stdout.write(`${state.padEnd(4)}  ${what.padEnd(11)} ${says}\n`);
	return findings.some(({ state }) => state === "bad") ? 1 : 0;
}

async function examine(): Promise<readonly Finding[]> {
	const node = nodeVersion();
	try {
		const config = loadConfig(process.env);
		return [
			node,
			settings(config),
			dataFolder(config),
			await port(config),
			await database(config),
			...(await bus(config)),
			page(),
		];
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		return [node, { what: "settings", state: "bad", says: error.message }];
	}
}

function nodeVersion(): Finding {
	const major = Number(process.versions.node.split(".")[0]);
	return {
		what: "node",
		state: major >= 24 ? "ok" : "bad",
		says: `${process.versions.node}${major >= 24 ? "" : ": 24 or newer is needed"}`,
	};
}

function settings({ production, demo }: Config): Finding {
	const says = production ? "production" : "development";
	return demo
		? {
				what: "settings",
				state: "note",
				says: `${says}; visitors of this machine sign in by name alone (set JWT_SECRET to end that)`,
			}
		: { what: "settings", state: "ok", says };
}

function dataFolder({ dataDir, auth, database: { kind } }: Config): Finding {
	const what = "data folder";
	if (kind === "postgres" && auth.key !== undefined)
		return { what, state: "ok", says: "not used: the database is PostgreSQL" };
	try {
		mkdirSync(dataDir, { recursive: true });
		accessSync(dataDir, constants.W_OK);
		return { what, state: "ok", says: dataDir };
	} catch (error) {
		return { what, state: "bad", says: (error as Error).message };
	}
}

async function port({ host, port }: Config): Promise<Finding> {
	const what = "port";
	const server = createServer();
	try {
		await listen(server, { host, port });
	} catch (error) {
		return { what, state: "bad", says: reasonOf(error as Error) };
	}
	server.close();
	await once(server, "close");
	const says = port === 0 ? "any free one" : `${authority(host, port)} is free`;
	return { what, state: "ok", says };
}

async function database(config: Config): Promise<Finding> {
	const what = "database";
	try {
		const stores = await openStores(config.database, {
			clock: systemClock,
			newId: () => "doctor",
			onFatal: () => {},
		});
		const { survivesPowerLoss, settings } = stores.durability();
		await stores.close();
		const named = Object.entries(settings).map(([k, v]) => `${k}=${v}`);
		return {
			what,
			state: survivesPowerLoss ? "ok" : "note",
			says: `${config.database.kind}, ${named.join(", ")}${survivesPowerLoss ? "" : ": an acknowledged edit may be lost with the power"}`,
		};
	} catch (error) {
		return { what, state: "bad", says: reasonOf(error as Error) };
	}
}

/** Whether the servers of a cluster's bus listen; who may come in they say at the start. */
async function bus({ bus }: Config): Promise<readonly Finding[]> {
	if (bus === undefined) return [];
	const { hostname, port } = new URL(bus.redisUrl);
	const redis = `${hostname}:${port || DEFAULT_REDIS_PORT}`;
	const nats = bus.kind === "nats" ? bus.servers : [];
	return Promise.all([...nats, redis].map(listening));
}

async function listening(address: string): Promise<Finding> {
	const { hostname, port } = new URL(`tcp://${address}`);
	const socket = connect({
		host: hostname.replace(/^\[|\]$/g, ""),
		port: Number(port),
		timeout: BUS_PATIENCE_MS,
	});
	socket.once("timeout", () => socket.destroy(new Error("no answer")));
	try {
		await once(socket, "connect");
		return { what: "bus", state: "ok", says: `${address} listens` };
	} catch (error) {
		const says = `${address}: ${(error as Error).message}`;
		return { what: "bus", state: "bad", says };
	} finally {
		socket.destroy();
	}
}

const page = (): Finding =>
	existsSync(WEB_ROOT)
		? { what: "page", state: "ok", says: "built" }
		: { what: "page", state: "note", says: "not built: npm run build:web" };
