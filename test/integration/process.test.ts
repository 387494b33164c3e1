import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ask } from "../support/ask.ts";
import { Product, prdtool, SECRET, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";
import { createDataDir, type DataDir } from "../support/sqlite.ts";

const START_MS = 30_000;
const PASSWORD = "geheim-in-the-address";
const folders: DataDir[] = [];
const folder = (): string => {
	const made = createDataDir();
	folders.push(made);
	return made.path;
};
afterAll(() => {
	for (const { remove } of folders) remove();
});

/** Takes connections and never says a word. */
async function mute(): Promise<{
	readonly server: Server;
	readonly url: string;
}> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as AddressInfo;
	return { server, url: `postgres://u:${PASSWORD}@127.0.0.1:${port}/d` };
}

/** One line of the product's own, without a stack. */
const ONE_LINE = /^prdtool: [^\n]+\n$/;

describe("a start that cannot succeed", () => {
	let product: Product;
	let dataDir: string;
	beforeAll(async () => {
		dataDir = folder();
		product = await Product.start(dataDir);
	}, START_MS);
	afterAll(() => product.kill());

	it.each<[string, readonly string[], Readonly<Record<string, string>>]>([
		["PORT", ["start"], { PORT: "http" }],
		["JWT_SECRET", ["start"], { JWT_SECRET: PASSWORD }],
		["JWT_SECRET", ["start"], { NODE_ENV: "production" }],
		[
			"ALLOWED_ORIGINS",
			["start"],
			{ NODE_ENV: "production", JWT_SECRET: SECRET },
		],
		["DATABASE_URL", ["start"], { DATABASE_URL: `mysql://u:${PASSWORD}@h/d` }],
		["JWT_SECRET", ["token", "--user", "ann"], { JWT_SECRET: PASSWORD }],
		['no service "nope"', ["start", "nope"], {}],
		['no service "constructor"', ["start", "constructor"], {}],
	])(
		"[CONF-3] says so in one line and exits with 78: %s, %j",
		async (says, args, settings) => {
			const { code, stdout, stderr } = await prdtool(args, {
				DATA_DIR: dataDir,
				...settings,
			});
			expect(stderr).toMatch(ONE_LINE);
			expect(stderr).toContain(says);
			expect(stderr).not.toContain(PASSWORD);
			expect([code, stdout]).toEqual([78, ""]);
		},
	);

	it.each<[string, () => Readonly<Record<string, string>>]>([
		["is in use", () => ({ PORT: String(product.port), DATA_DIR: folder() })],
		[
			"does not have that address",
			() => ({ HOST: "192.0.2.1", DATA_DIR: folder() }),
		],
		["Another process is using", () => ({ DATA_DIR: dataDir })],
		[
			"cannot be made",
			() => {
				const file = join(folder(), "file");
				writeFileSync(file, "");
				return { DATA_DIR: file };
			},
		],
		[
			"is damaged",
			() => {
				const DATA_DIR = folder();
				writeFileSync(join(DATA_DIR, "dev-jwt-secret"), "");
				return { DATA_DIR };
			},
		],
		[
			"ECONNREFUSED",
			() => ({ DATABASE_URL: `postgres://u:${PASSWORD}@127.0.0.1:1/d` }),
		],
	])(
		"[CONF-11] says so in one line and exits with 1: %s",
		async (says, settings) => {
			const { code, stdout, stderr } = await prdtool(["start"], {
				PORT: "0",
				...settings(),
			});
			expect(stderr).toMatch(ONE_LINE);
			expect(stderr).toContain(says);
			expect(stderr).not.toContain(PASSWORD);
			expect([code, stdout]).toEqual([1, ""]);
		},
		START_MS,
	);

	it(
		"[CONF-11] says within 5 s that the database does not answer, whatever is logged without its password",
		async () => {
			const { server, url } = await mute();
			const began = once(server, "connection").then(() => performance.now());
			const ended = prdtool(["start"], {
				PORT: "0",
				DATA_DIR: folder(),
				DATABASE_URL: url,
				LOG_LEVEL: "trace",
			});
			const { code, stderr } = await ended;
			expect(performance.now() - (await began)).toBeLessThan(5_000);
			expect(code).toBe(1);
			expect(stderr).toMatch(/^prdtool: The database cannot be reached/m);
			expect(stderr).not.toContain(PASSWORD);
			server.close();
		},
		START_MS,
	);
});

describe("the running process", () => {
	it(
		"[CONF-1] says where it is ready and, without a key, that visitors sign in by name; no more",
		async () => {
			const product = await Product.start(folder(), { JWT_SECRET: "" });
			const client = await connect(product.ws);
			await client.close();
			expect(await product.stop()).toBe(0);
			expect(product.log()).toMatch(ONE_LINE);
			expect(product.log()).toContain("set JWT_SECRET to end that");
		},
		START_MS,
	);

	it(
		"[CONF-4] in production logs JSON lines",
		async () => {
			const product = await Product.start(folder(), {
				NODE_ENV: "production",
				ALLOWED_ORIGINS: "https://app.example.com",
			});
			expect(await product.stop()).toBe(0);
			const lines = product.log().trim().split("\n");
			expect(lines.length).toBeGreaterThan(3);
			for (const line of lines)
				expect(JSON.parse(line)).toMatchObject({
					level: expect.any(Number),
					msg: expect.any(String),
				});
		},
		START_MS,
	);

	it(
		"[CONF-3] of named services runs these alone",
		async () => {
			const { code, stdout, stderr } = await prdtool(
				["start", "room"],
				{ DATA_DIR: folder() },
				({ stdout }) => once(stdout as Readable, "data"),
			);
			expect([code, stdout, stderr]).toEqual([0, "prdtool is ready\n", ""]);
		},
		START_MS,
	);

	it(
		"[CONF-12] writes no key, token or text, at any log level",
		async () => {
			const product = await Product.start(folder(), { LOG_LEVEL: "trace" });
			const token = tokenFor("ann");
			const text = "a sentence that nobody else writes";
			for (const via of ["header", "query", "subprotocol", "frame"] as const) {
				const client = await connect(product.ws, { token, via });
				await client.next("session:ready");
				const data = { prdId: "secret-plan", mode: "edit" };
				const { data: joined } = await client.request("document:join", data);
				await client.request("operation:edit", {
					prdId: "secret-plan",
					operation: {
						type: "insert",
						position: 0,
						content: text,
						revision: joined.revision,
					},
				});
				client.send({ type: "operation:edit", data: { text }, id: "bad" });
				await client.settled();
				await client.close();
				const bad = { token: `${token}x`, via } as const;
				if (via === "frame") await (await connect(product.ws, bad)).closed;
				else await expect(connect(product.ws, bad)).rejects.toThrow("401");
				await ask(product.port, `/d/x?token=${token}`, {
					headers: { authorization: `Bearer ${token}` },
				});
			}
			expect(await product.stop()).toBe(0);
			const log = product.log();
			expect(log).toContain("upgrade refused");
			const [, payload = "", signature = ""] = token.split(".");
			for (const secret of [SECRET, payload, signature, text])
				expect(log).not.toContain(secret);
		},
		START_MS,
	);

	it(
		"[CONF-15] serves on when nobody reads its output any more",
		async () => {
			const product = await Product.start(folder());
			product.deafen();
			for (let i = 0; i < 3; i++)
				await expect(connect(product.ws, { token: "bad" })).rejects.toThrow(
					"401",
				);
			expect((await ask(product.port, "/health/ready")).status).toBe(200);
			expect(await product.stop()).toBe(0);
		},
		START_MS,
	);
});

describe("a command whose output nobody reads", () => {
	it("[CONF-15] ends as it would have", async () => {
		const script =
			'("$0" src/cli/main.ts token --user ann; echo $? >&2) | true';
		const shell = spawn("sh", ["-c", script, process.execPath], {
			stdio: ["ignore", "ignore", "pipe"],
			env: { ...process.env, JWT_SECRET: SECRET },
		});
		expect((await shell.stderr.toArray()).join("")).toBe("0\n");
	});
});

describe("a signal to end", () => {
	/** Enough that their closes, 50 ms apart, leave time to look. */
	const SESSIONS = 12;

	async function crowd(product: Product): Promise<readonly RawClient[]> {
		const names = Array.from({ length: SESSIONS }, (_, i) => `user-${i}`);
		return Promise.all(
			names.map(async (name) => {
				const client = await connect(product.ws, { token: tokenFor(name) });
				await client.next("session:ready");
				return client;
			}),
		);
	}

	it.each(["SIGTERM", "SIGINT"] as const)(
		"[CONF-9] %s drains: all are told and closed 1012, and it exits with 0",
		async (signal) => {
			const product = await Product.start(folder());
			const clients = await crowd(product);
			product.signal(signal);
			for (const client of clients) await client.next("system:draining");
			const closes = await Promise.all(clients.map(({ closed }) => closed));
			expect(closes.map(({ code }) => code)).toEqual(closes.map(() => 1012));
			expect(await product.exited).toBe(0);
			expect(product.log()).toBe("");
		},
		START_MS,
	);

	it(
		"[CONF-8] while it drains it is live and not ready, and lets nobody in",
		async () => {
			const product = await Product.start(folder());
			const [first] = await crowd(product);
			product.signal("SIGTERM");
			await first?.next("system:draining");
			const [live, ready] = await Promise.all([
				ask(product.port, "/health/live"),
				ask(product.port, "/health/ready"),
			]);
			expect([live.status, ready.status]).toEqual([200, 503]);
			await expect(
				connect(product.ws, { token: tokenFor("late") }),
			).rejects.toThrow("503");
			expect(await product.exited).toBe(0);
		},
		START_MS,
	);

	it(
		"[CONF-9] a second one changes nothing",
		async () => {
			const product = await Product.start(folder());
			const clients = await crowd(product);
			product.signal("SIGTERM");
			await clients[0]?.next("system:draining");
			product.signal("SIGTERM");
			product.signal("SIGINT");
			const closes = await Promise.all(clients.map(({ closed }) => closed));
			expect(closes.map(({ code }) => code)).toEqual(closes.map(() => 1012));
			expect(await product.exited).toBe(0);
			expect(product.log()).toBe("");
		},
		START_MS,
	);

	it(
		"[CONF-9] an edit on its way is answered before",
		async () => {
			const product = await Product.start(folder());
			const client = await connect(product.ws, { token: tokenFor("ann") });
			const { data } = await client.request("document:join", {
				prdId: "drained",
				mode: "edit",
			});
			const edits = Array.from({ length: 20 }, (_, i) =>
				client.request("operation:edit", {
					prdId: "drained",
					operation: {
						type: "insert",
						position: 0,
						content: `${i}`,
						revision: data.revision,
					},
				}),
			);
			await edits[0];
			product.signal("SIGTERM");
			const answers = await Promise.all(edits);
			expect(answers.map(({ type }) => type)).toEqual(answers.map(() => "ack"));
			expect((await client.closed).code).toBe(1012);
			expect(await product.exited).toBe(0);
		},
		START_MS,
	);

	it(
		"[CONF-9] during the start ends it without a word",
		async () => {
			const { server, url } = await mute();
			const began = once(server, "connection");
			const ended = prdtool(
				["start"],
				{ PORT: "0", DATA_DIR: folder(), DATABASE_URL: url },
				() => began,
			);
			expect(await ended).toEqual({ code: 0, stdout: "", stderr: "" });
			server.close();
		},
		START_MS,
	);
});
