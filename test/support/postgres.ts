import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { CreateTestDatabase } from "./test-database.ts";

/** Test files share nothing but their process, so the port of its server is kept in a file. */
const portFile = join(tmpdir(), `prdtool-postgres-${process.pid}.json`);
const script = fileURLToPath(new URL("./postgres-server.ts", import.meta.url));

const urlOf = (port: number, database: string): string =>
	`postgres://postgres@127.0.0.1:${port}/${database}`;

async function execute(url: string, sql: string): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		await client.query(sql);
	} finally {
		await client.end();
	}
}

const run = (...args: readonly string[]) =>
	spawn(process.execPath, [script, ...args], {
		stdio: ["pipe", "pipe", "inherit"],
	});

/** Resolves with its port when the server has said that it is ready. */
async function untilReady(child: ReturnType<typeof run>): Promise<number> {
	const lines = createInterface({ input: child.stdout });
	const { promise, resolve, reject } = Promise.withResolvers<number>();
	const fail = (code: number | null): void =>
		reject(new Error(`PostgreSQL did not start (exit code ${code})`));
	lines.once("line", (line) => resolve(JSON.parse(line).port as number));
	child.once("exit", fail);
	const port = await promise;
	child.off("exit", fail);
	lines.close();
	return port;
}

/** A server of a test's own, which it may kill. */
export async function startPostgres() {
	const child = run();
	const port = await untilReady(child);
	return {
		url: urlOf(port, "postgres"),
		execute: (sql: string) => execute(urlOf(port, "postgres"), sql),
		/** Kills it at once; resolves when it is back. */
		async restart(): Promise<void> {
			const ready = untilReady(child);
			child.stdin.write("again\n");
			await ready;
		},
		async stop(): Promise<void> {
			const ended = once(child, "exit");
			child.stdin.end();
			await ended;
		},
	};
}

/** Starts a server that lives as long as this process; nothing of it keeps this process alive. */
async function startServer(): Promise<number> {
	const child = run(portFile);
	const port = await untilReady(child);
	child.unref();
	for (const stream of [child.stdin, child.stdout])
		(stream as unknown as { unref(): void }).unref();
	writeFileSync(portFile, JSON.stringify({ port }));
	return port;
}

async function findServer(): Promise<number | undefined> {
	if (!existsSync(portFile)) return undefined;
	const { port } = JSON.parse(readFileSync(portFile, "utf8")) as {
		port: number;
	};
	const alive = execute(urlOf(port, "postgres"), "select 1");
	return alive.then(
		() => port,
		() => undefined,
	);
}

/**
 * Makes an empty database on this process's own server, which is started on first use.
 * @returns its URL
 */
export async function createPostgresDatabase(): Promise<string> {
	const port = (await findServer()) ?? (await startServer());
	const name = `test_${randomUUID().replaceAll("-", "")}`;
	await execute(urlOf(port, "postgres"), `create database ${name}`);
	return urlOf(port, name);
}

/** The database goes with its server. */
export const createPostgres: CreateTestDatabase = async () => ({
	config: { kind: "postgres", url: await createPostgresDatabase() },
	remove() {},
});
