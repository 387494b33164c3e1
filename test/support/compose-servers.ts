import { freePort } from "./free-port.ts";
import { type Fate, NatsMangler } from "./nats-mangler.ts";
import { startPostgres } from "./postgres.ts";
import { ServerProcess } from "./server-process.ts";
import { TcpProxy } from "./tcp-proxy.ts";
import { createTempFolder, removeTempFolder } from "./temp-folder.ts";

/** A server of the compose file behind a line that can break. */
export interface FaultyServer {
	readonly name: "nats" | "redis" | "postgres";
	readonly line: TcpProxy;
	/** SIGKILL, and again on the same port with what was on its disk. */
	restart(): Promise<void>;
	close(): Promise<void>;
}

/** Where a server is reached: its own loopback address, its usual port. */
interface Place {
	readonly host: string;
	readonly port: number;
}

/** NATS as the compose file's command has it. */
export async function startNats(
	command: readonly string[],
	place: Place,
	fateOf: (subject: string) => Fate,
): Promise<FaultyServer> {
	const [port, httpPort] = [await freePort(), await freePort()];
	const args = [...command];
	// The port of its health check is every replica's own, inside its container.
	const http = args.indexOf("--http_port");
	if (http >= 0) args[http + 1] = String(httpPort);
	const server = new ServerProcess({
		program: "nats-server",
		args: [...args, "--addr", "127.0.0.1", "--port", String(port)],
		readyText: "Server is ready",
	});
	await server.start();
	const line = await TcpProxy.open(port, {
		...place,
		mangler() {
			const mangler = new NatsMangler(fateOf);
			return (chunk) => mangler.take(chunk);
		},
	});
	return serverOf("nats", server, line);
}

/** Redis as the compose file's command has it, the program's name first. */
export async function startRedis(
	command: readonly string[],
	place: Place,
): Promise<FaultyServer> {
	const port = await freePort();
	const folder = createTempFolder("redis");
	const [program = "", ...args] = command;
	const own = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder];
	const server = new ServerProcess({
		program,
		args: [...args, ...own],
		readyText: "Ready to accept connections",
	});
	await server.start();
	const line = await TcpProxy.open(port, place);
	const { close, ...rest } = serverOf("redis", server, line);
	return {
		...rest,
		async close() {
			await close();
			removeTempFolder(folder);
		},
	};
}

/** PostgreSQL with the person and the database that the compose file names. */
export async function startDatabase(
	{ user, database }: { readonly user: string; readonly database: string },
	place: Place,
): Promise<FaultyServer & { readonly url: string }> {
	const server = await startPostgres();
	await server.execute(`create role ${user} login superuser`);
	await server.execute(`create database ${database} owner ${user}`);
	const line = await TcpProxy.open(Number(new URL(server.url).port), place);
	return {
		name: "postgres",
		url: server.url.replace(/[^/]+$/, database),
		line,
		restart: () => server.restart(),
		async close() {
			await line.close();
			await server.stop();
		},
	};
}

const serverOf = (
	name: FaultyServer["name"],
	server: ServerProcess,
	line: TcpProxy,
): FaultyServer => ({
	name,
	line,
	async restart() {
		await server.kill();
		await server.start();
	},
	async close() {
		await line.close();
		await server.kill();
	},
});
