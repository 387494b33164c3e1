import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import jwt from "jsonwebtoken";
import { ask } from "../support/ask.ts";
import { createPostgresDatabase } from "../support/postgres.ts";
import { Product, prdtool, SECRET } from "../support/product.ts";
import { connect } from "../support/raw-client.ts";
import { createDataDir, type DataDir } from "../support/sqlite.ts";

const START_MS = 30_000;
const CLAIMS = {
	JWT_ISSUER: "https://id.example.com",
	JWT_AUDIENCE: "prdtool",
};
const folders: DataDir[] = [];
const folder = (): string => {
	const made = createDataDir();
	folders.push(made);
	return made.path;
};
afterAll(() => {
	for (const { remove } of folders) remove();
});

const publicKey = (key: KeyObject): string =>
	key.export({ type: "spki", format: "pem" }).toString();

/** What the command prints, as a token; it must have succeeded. */
async function printed(
	args: readonly string[],
	settings: Readonly<Record<string, string>>,
): Promise<string> {
	const { code, stdout, stderr } = await prdtool(["token", ...args], settings);
	expect([code, stderr]).toEqual([0, ""]);
	expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
	return stdout.trim();
}

const secondsOf = (token: string): number => {
	const { exp = 0, iat = 0 } = jwt.decode(token) as jwt.JwtPayload;
	return exp - iat;
};

describe.each<[string, Readonly<Record<string, string>>]>([
	["the development key", { ...CLAIMS, JWT_MAX_AGE: "600" }],
	["JWT_SECRET", { ...CLAIMS, JWT_SECRET: SECRET, JWT_MAX_AGE: "600" }],
])("`token` with %s", (_, keys) => {
	const settings = { ...keys, DATA_DIR: folder() };
	let product: Product;
	beforeAll(async () => {
		product = await Product.start(settings.DATA_DIR, {
			JWT_SECRET: "",
			...settings,
		});
	}, START_MS);
	afterAll(() => product.kill());

	it("[CONF-6] prints one that the server takes", async () => {
		const token = await printed(
			["--user", "ann", "--name", "Ann Lee"],
			settings,
		);
		const client = await connect(product.ws, { token });
		const { data } = await client.next("session:ready");
		expect(data).toMatchObject({ userId: "ann" });
		expect(secondsOf(token)).toBe(600);
		await client.close();
	});

	it("[CONF-6] prints one with the permissions that were asked for", async () => {
		const token = await printed(
			["--user", "bob", "--permission", "prd_*=view", "prd_1=edit"],
			settings,
		);
		const ann = await connect(product.ws, {
			token: await printed(["--user", "ann"], settings),
		});
		for (const prdId of ["prd_1", "prd_2", "other"])
			await ann.request("document:join", { prdId, mode: "edit" });
		await ann.close();
		const client = await connect(product.ws, { token });
		for (const [prdId, mode, code] of [
			["prd_1", "edit", undefined],
			["prd_2", "view", undefined],
			["prd_2", "edit", "FORBIDDEN"],
			["other", "view", "FORBIDDEN"],
		] as const) {
			const { data } = await client.request("document:join", { prdId, mode });
			expect([prdId, mode, data.code]).toEqual([prdId, mode, code]);
		}
		await client.close();
	});

	it("[CONF-5] the demo sign-in's token is taken too", async () => {
		const answer = await ask(product.port, "/api/demo/sign-in", {
			method: "POST",
			headers: {
				"content-type": "application/json",
				host: `localhost:${product.port}`,
			},
			body: '{"name":"Ann"}',
		});
		if ("JWT_SECRET" in settings) {
			expect(answer.status).toBe(404);
			return;
		}
		const { token } = JSON.parse(answer.body) as { readonly token: string };
		const client = await connect(product.ws, { token });
		await client.next("session:ready");
		await client.close();
	});
});

describe("`token`", () => {
	const settings = { JWT_SECRET: SECRET };

	it("[CONF-6] makes the development key, readable by its owner alone", async () => {
		const DATA_DIR = join(folder(), "new");
		const tokens = [
			await printed(["--user", "ann"], { DATA_DIR }),
			await printed(["--user", "bob", "--admin", "--hours", "0.5"], {
				DATA_DIR,
			}),
		];
		expect(statSync(join(DATA_DIR, "dev-jwt-secret")).mode & 0o777).toBe(0o600);
		expect(tokens.map(secondsOf)).toEqual([43_200, 1_800]);
		expect(jwt.decode(tokens[1] as string)).toMatchObject({ roles: ["admin"] });
	});

	it.each([
		["no user", []],
		["a user without a name", ["--user"]],
		["no time", ["--user", "ann", "--hours", "0"]],
		["less than a second", ["--user", "ann", "--hours", "0.0001"]],
		["no number", ["--user", "ann", "--hours", "soon"]],
		["for ever", ["--user", "ann", "--hours", "Infinity"]],
		["an option that is none", ["--user", "ann", "--root"]],
	])("[CONF-6] shows how it is used, with exit code 1: %s", async (_, args) => {
		const { code, stdout, stderr } = await prdtool(
			["token", ...args],
			settings,
		);
		expect([code, stdout]).toEqual([1, ""]);
		expect(stderr).toMatch(/^error: .*\n\nUsage: prdtool token/);
	});

	it.each([
		["--user", ["--user", ""]],
		["--user", ["--user", "a~b"]],
		["--user", ["--user", "x".repeat(129)]],
		["--permission", ["--user", "ann", "--permission", "prd_1"]],
		["--permission", ["--user", "ann", "--permission", "prd_1=owner"]],
		["--permission", ["--user", "ann", "--permission", "=edit"]],
		["--permission", ["--user", "ann", "--permission", "a b=edit"]],
		["--permission", ["--user", "ann", "--permission", "prd_1=edit=view"]],
		["--permission", ["--user", "ann", "--permission", "*_1=edit"]],
		["--hours", ["--user", "ann", "--hours", "2"]],
	])(
		"[CONF-6] refuses what the server would not take: %s in %j",
		async (option, args) => {
			const { code, stdout, stderr } = await prdtool(["token", ...args], {
				...settings,
				JWT_MAX_AGE: "3600",
			});
			expect([code, stdout]).toEqual([78, ""]);
			expect(stderr).toMatch(/^prdtool: [^\n]+\n$/);
			expect(stderr).toContain(option);
		},
	);

	it(
		"[CONF-6] without the private key says who can sign; the server takes what he signs",
		async () => {
			for (const [algorithm, { publicKey: key, privateKey }] of [
				["RS256", generateKeyPairSync("rsa", { modulusLength: 2_048 })],
				["ES256", generateKeyPairSync("ec", { namedCurve: "P-256" })],
			] as const) {
				const keys = { JWT_PUBLIC_KEY: publicKey(key) };
				const { code, stderr } = await prdtool(
					["token", "--user", "ann"],
					keys,
				);
				expect(stderr).toBe(
					"prdtool: tokens are signed by whoever has the private key of JWT_PUBLIC_KEY\n",
				);
				expect(code).toBe(78);
				const product = await Product.start(folder(), {
					...keys,
					JWT_SECRET: "",
				});
				const token = jwt.sign({}, privateKey, {
					subject: "ann",
					algorithm,
					expiresIn: 60,
				});
				const client = await connect(product.ws, { token });
				await client.next("session:ready");
				// A key that everybody knows is no secret of an HMAC.
				const forged = jwt.sign({}, publicKey(key), {
					subject: "ann",
					algorithm: "HS256",
					expiresIn: 60,
					allowInvalidAsymmetricKeyTypes: true,
				});
				await expect(connect(product.ws, { token: forged })).rejects.toThrow(
					"401",
				);
				await product.kill();
			}
		},
		START_MS,
	);
});

describe("`doctor`", () => {
	it("[CONF-7] finds nothing wrong, and says what SQLite guarantees", async () => {
		const DATA_DIR = folder();
		const { code, stdout, stderr } = await prdtool(["doctor"], {
			PORT: "0",
			DATA_DIR,
		});
		expect([code, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(/^ok {4}node +\d+\./m);
		expect(stdout).toMatch(/^note {2}settings +development; .*JWT_SECRET/m);
		expect(stdout).toContain(`data folder ${DATA_DIR}\n`);
		expect(stdout).toMatch(/^ok {4}port +any free one$/m);
		expect(stdout).toMatch(/^ok {4}database +sqlite, synchronous=FULL, /m);
	});

	it("[CONF-7] notes what is less than durable", async () => {
		const { code, stdout } = await prdtool(["doctor"], {
			PORT: "0",
			DATA_DIR: folder(),
			JWT_SECRET: SECRET,
			SQLITE_SYNCHRONOUS: "NORMAL",
		});
		expect(code).toBe(0);
		expect(stdout).toMatch(/^ok {4}settings +development$/m);
		expect(stdout).toMatch(/^note {2}database .*may be lost with the power$/m);
		expect(stdout).not.toContain(SECRET);
	});

	it(
		"[CONF-7] while the product runs, finds its port taken and its folder locked",
		async () => {
			const DATA_DIR = folder();
			const product = await Product.start(DATA_DIR);
			const { code, stdout } = await prdtool(["doctor"], {
				PORT: String(product.port),
				DATA_DIR,
			});
			expect(code).toBe(1);
			expect(stdout).toMatch(/^bad {3}port .*the port is in use$/m);
			expect(stdout).toMatch(/^bad {3}database .*Another process is using/m);
			expect((await ask(product.port, "/health/ready")).status).toBe(200);
			await product.kill();
		},
		START_MS,
	);

	it("[CONF-7] says which setting is wrong", async () => {
		const { code, stdout } = await prdtool(["doctor"], {
			JWT_SECRET: "geheim",
		});
		expect(code).toBe(1);
		expect(stdout).toMatch(/^bad {3}settings +JWT_SECRET must have/m);
		expect(stdout).not.toContain("geheim");
	});

	it("[CONF-7] says which server of the bus does not listen, and no password", async () => {
		const { code, stdout } = await prdtool(["doctor"], {
			PORT: "0",
			JWT_SECRET: SECRET,
			DATABASE_URL: "postgres://u:geheim@127.0.0.1:1/d",
			NATS_URL: "nats://u:geheim@127.0.0.1:1",
			REDIS_URL: "redis://:geheim@127.0.0.1:2",
		});
		expect(code).toBe(1);
		expect(stdout).toMatch(/^bad {3}bus +127.0.0.1:1: .*ECONNREFUSED/m);
		expect(stdout).toMatch(/^bad {3}bus +127.0.0.1:2: .*ECONNREFUSED/m);
		expect(stdout).not.toContain("geheim");
	});

	it("[CONF-7] says that PostgreSQL cannot be reached, and not its password", async () => {
		const { code, stdout } = await prdtool(["doctor"], {
			PORT: "0",
			JWT_SECRET: SECRET,
			DATABASE_URL: "postgres://u:geheim@127.0.0.1:1/d",
		});
		expect(code).toBe(1);
		expect(stdout).toMatch(/^ok {4}data folder not used/m);
		expect(stdout).toMatch(/^bad {3}database .*ECONNREFUSED/m);
		expect(stdout).not.toContain("geheim");
	});

	it(
		"[CONF-7] says what PostgreSQL guarantees; the product runs on it and needs no folder",
		async () => {
			const url = new URL(await createPostgresDatabase());
			url.password = "geheim";
			const DATA_DIR = join(folder(), "unused");
			const settings = { JWT_SECRET: SECRET, DATABASE_URL: url.href };
			const { code, stdout } = await prdtool(["doctor"], {
				...settings,
				DATA_DIR,
				PORT: "0",
			});
			expect(code).toBe(0);
			expect(stdout).toMatch(
				/^ok {4}database +postgres, .*synchronous_commit=on/m,
			);
			expect(stdout).not.toContain("geheim");
			const product = await Product.start(DATA_DIR, settings);
			expect(await product.stop()).toBe(0);
			expect(product.log()).toBe("");
			expect(existsSync(DATA_DIR)).toBe(false);
		},
		START_MS,
	);
});
