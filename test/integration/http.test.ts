import { globSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { ask } from "../support/ask.ts";
import { exchange } from "../support/bytes.ts";
import { Product } from "../support/product.ts";
import { createDataDir } from "../support/sqlite.ts";

const SIGN_IN = "/api/demo/sign-in";
const START_MS = 30_000;
const dataDirs = [createDataDir(), createDataDir()] as const;
let demo: Product;
let production: Product;

beforeAll(async () => {
	[demo, production] = await Promise.all([
		Product.start(dataDirs[0].path, { JWT_SECRET: "" }),
		Product.start(dataDirs[1].path, {
			NODE_ENV: "production",
			ALLOWED_ORIGINS: "https://app.example.com",
		}),
	]);
}, START_MS);
afterAll(async () => {
	await Promise.all([demo.kill(), production.kill()]);
	for (const { remove } of dataDirs) remove();
});

const wire = (operation: string, code: string) => ({
	operation,
	code,
	message: expect.any(String),
	retryable: false,
});

const json = { "content-type": "application/json" };
const signIn = (
	product: Product,
	headers: Readonly<Record<string, string>> = {},
	body = '{"name":"Ann"}',
) =>
	ask(product.port, SIGN_IN, {
		method: "POST",
		headers: { ...json, host: `127.0.0.1:${product.port}`, ...headers },
		body,
	});

describe("health", () => {
	it.each(["GET", "HEAD"])(
		"[CONF-8] %s says live and ready",
		async (method) => {
			for (const [path, status] of [
				["live", "live"],
				["ready", "ready"],
			] as const) {
				const answer = await ask(demo.port, `/health/${path}`, { method });
				expect(answer.status).toBe(200);
				expect(answer.headers["cache-control"]).toBe("no-store");
				expect(answer.body).toBe(
					method === "HEAD" ? "" : JSON.stringify({ status }),
				);
			}
		},
	);
});

describe("an error over HTTP", () => {
	it.each<[string, string]>([
		["GET", "/nothing"],
		["GET", "/health"],
		["GET", "/health/live/more"],
		["GET", "/api"],
		["POST", "/"],
		["DELETE", "/index.html"],
		["OPTIONS", "*"],
		["GET", "/ws/"],
		["GET", "/.env"],
		["GET", "/.git/config"],
		["GET", "/assets"],
		["GET", "/assets/"],
		["GET", "/../package.json"],
		["GET", "/assets/../../../package.json"],
		["GET", "/%2e%2e/%2e%2e/package.json"],
		["GET", "/..%2f..%2fpackage.json"],
		["GET", "/assets%2f..%2f..%2f..%2fpackage.json"],
		["GET", "/%00"],
		["GET", "/%zz"],
		["GET", "//etc/passwd"],
		["GET", "/d/a/../../../../etc/passwd"],
	])("[CONF-10] is 404 in the product's shape: %s %s", async (method, path) => {
		const { status, headers, body } = await ask(demo.port, path, { method });
		expect(JSON.parse(body)).toEqual(wire(`${method} ${path}`, "NOT_FOUND"));
		expect(status).toBe(404);
		expect(headers["content-type"]).toBe("application/json; charset=utf-8");
		expect(headers["x-content-type-options"]).toBe("nosniff");
	});

	it.each<[string, string, string]>([
		["POST", "/health/live", "GET, HEAD"],
		["PUT", "/health/ready", "GET, HEAD"],
		["DELETE", "/d/prd_1", "GET, HEAD"],
		["OPTIONS", "/d/prd_1", "GET, HEAD"],
		["GET", SIGN_IN, "POST"],
		["HEAD", SIGN_IN, "POST"],
		["OPTIONS", SIGN_IN, "POST"],
	])(
		"[CONF-10] is 405 for the wrong method: %s %s",
		async (method, path, allow) => {
			const { status, headers, body } = await ask(demo.port, path, {
				method,
				headers: {
					host: `127.0.0.1:${demo.port}`,
					// Of a preflight, which moleculer-web would take for the method itself.
					"access-control-request-method": "POST",
				},
			});
			expect([status, headers.allow]).toEqual([405, allow]);
			if (method !== "HEAD")
				expect(JSON.parse(body)).toEqual(
					wire(`${method} ${path}`, "VALIDATION_FAILED"),
				);
		},
	);

	it.each<[string, string, Readonly<Record<string, string>>, number]>([
		["no JSON", "{", {}, 400],
		["no object", '"Ann"', {}, 400],
		[
			"another charset",
			"{}",
			{ "content-type": "application/json; charset=x" },
			415,
		],
		[
			"compressed",
			gzipSync("{}").toString("latin1"),
			{ "content-encoding": "gzip" },
			415,
		],
		[
			"a form",
			"name=Ann",
			{ "content-type": "application/x-www-form-urlencoded" },
			422,
		],
		["nothing", "", {}, 422],
		["a prototype", '{"__proto__":{"name":"Ann"}}', {}, 422],
	])(
		"[CONF-10] says what is wrong with a body that is %s",
		async (_, body, headers, status) => {
			const answer = await signIn(demo, headers, body);
			expect(JSON.parse(answer.body)).toMatchObject(
				wire(`POST ${SIGN_IN}`, "VALIDATION_FAILED"),
			);
			expect(answer.status).toBe(status);
		},
	);

	it("[CONF-10] is 413 for a body that is too large", async () => {
		const body = JSON.stringify({ name: "x".repeat(1_024) });
		const answer = await signIn(demo, {}, body);
		expect(answer.status).toBe(413);
		expect(JSON.parse(answer.body)).toEqual(
			wire(`POST ${SIGN_IN}`, "PAYLOAD_TOO_LARGE"),
		);
	});

	it("[CONF-10] shows no query, which may hold a token", async () => {
		const { body } = await ask(demo.port, "/nothing?token=geheim");
		expect(body).not.toContain("geheim");
	});

	it("[CONF-10] is no error of the log", async () => {
		await ask(demo.port, "/nothing");
		await signIn(demo, { host: "evil" });
		await signIn(demo, {}, "{");
		expect(demo.log()).not.toContain("rror");
	});
});

describe("the address of the WebSocket", () => {
	it.each(["/ws", "/ws?token=geheim"])(
		"[DOOR-1] tells a plain request to upgrade: %s",
		async (path) => {
			const { status, headers, body } = await ask(demo.port, path);
			expect([status, headers.upgrade]).toEqual([426, "websocket"]);
			expect(JSON.parse(body)).toEqual(wire("connect", "VALIDATION_FAILED"));
		},
	);

	it("[DOOR-1] takes no header of more than 8 KiB", async () => {
		const bytes = `GET /ws HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(8_192)}\r\n\r\n`;
		expect(await exchange(demo.port, bytes)).toMatch(/^HTTP\/1.1 431 /);
	});
});

describe("actions", () => {
	it.each([
		"/$node/options",
		"/~node/options",
		"/$node/health",
		"/health/~node/options",
		"/health/$node/list",
		"/d/~node/options",
		"/api/demo/~node/options",
		"/api/demo/room/enter",
		"/room/enter",
		"/room.enter",
		"/document-ot/opsSince?docId=a&since=0",
		"/ws-gateway/list-aliases",
		"/ws-gateway/listAliases",
		"/list-aliases",
		"/ws-gateway/addRoute",
		"/api/list-aliases",
	])("[CONF-13] are not called over HTTP: %s", async (path) => {
		for (const method of ["GET", "POST"])
			for (const product of [demo, production]) {
				const { status } = await ask(product.port, path, { method });
				expect(status).toBe(404);
			}
	});

	it("[CONF-13] a client's request id is not taken", async () => {
		for (const name of ["x-request-id", "x-correlation-id"]) {
			const { headers } = await ask(demo.port, "/health/live", {
				headers: { [name]: "chosen-by-a-stranger" },
			});
			expect(JSON.stringify(headers)).not.toContain("chosen-by-a-stranger");
		}
	});
});

describe("the page", () => {
	const asset = () => {
		const [file] = globSync("dist/web/assets/index-*.js");
		if (file === undefined) throw new Error("npm run build:web");
		return file.replaceAll("\\", "/").replace("dist/web", "");
	};

	it("[CONF-14] and its files are safe to show, and cached by whether their name tells their content", async () => {
		const forever = "public, max-age=31536000, immutable";
		for (const [path, caching, type] of [
			["/", "no-cache", "text/html; charset=utf-8"],
			["/index.html", "no-cache", "text/html; charset=utf-8"],
			["/d/prd_1", "no-cache", "text/html; charset=utf-8"],
			["/d/prd_1/", "no-cache", "text/html; charset=utf-8"],
			["/favicon.svg", "no-cache", "image/svg+xml"],
			[asset(), forever, "text/javascript; charset=utf-8"],
		] as const)
			for (const method of ["GET", "HEAD"]) {
				const answer = await ask(demo.port, path, { method });
				expect(answer.status).toBe(200);
				expect(answer.headers).toMatchObject({
					"content-type": type,
					"cache-control": caching,
					"x-content-type-options": "nosniff",
					"referrer-policy": "no-referrer",
				});
				expect(answer.headers["content-security-policy"]).toMatch(
					/^default-src 'self';.*frame-ancestors 'none'/,
				);
				expect(answer.body === "").toBe(method === "HEAD");
			}
	});
});

describe("the demo sign-in", () => {
	it("[CONF-5] serves visitors of this machine by its own names", async () => {
		for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
			const answer = await signIn(demo, { host: `${host}:${demo.port}` });
			expect(JSON.parse(answer.body)).toEqual({
				token: expect.any(String),
				userId: "ann",
				name: "Ann",
			});
		}
	});

	it.each<Readonly<Record<string, string>>>([
		{ host: "evil.example.com" },
		{ host: "localhost" },
		{ host: "localhost:1" },
		{ host: "localhost.:3000" },
		{ forwarded: "for=127.0.0.1" },
		{ "x-forwarded-for": "127.0.0.1" },
		{ "X-Forwarded-Host": "localhost" },
		{ "x-forwarded-proto": "https" },
	])("[CONF-5] has nothing for %j", async (headers) => {
		const answer = await signIn(demo, headers);
		expect(answer.status).toBe(404);
		expect(JSON.parse(answer.body)).toEqual(
			wire(`POST ${SIGN_IN}`, "NOT_FOUND"),
		);
	});

	it("[CONF-5] is in production what any unknown address is", async () => {
		for (const body of ['{"name":"Ann"}', "{", "x".repeat(2_000)])
			for (const method of ["POST", "GET", "OPTIONS"]) {
				const [door, other] = await Promise.all(
					[SIGN_IN, "/api/demo/sign-im"].map((path) =>
						ask(production.port, path, {
							method,
							headers: { ...json, host: `localhost:${production.port}` },
							...(method === "POST" ? { body } : {}),
						}),
					),
				);
				expect(door?.status).toBeGreaterThanOrEqual(400);
				expect(door?.status).toBe(other?.status);
				expect(door?.body).toBe(other?.body.replace("sign-im", "sign-in"));
			}
	});

	it(
		"[CONF-5] serves a visitor over IPv6",
		async () => {
			const folder = createDataDir();
			const product = await Product.start(folder.path, {
				JWT_SECRET: "",
				HOST: "[::1]",
			});
			try {
				const answer = await ask(product.port, SIGN_IN, {
					method: "POST",
					host: "::1",
					headers: { ...json, host: `[::1]:${product.port}` },
					body: '{"name":"Ann"}',
				});
				expect(answer.status).toBe(200);
			} finally {
				await product.kill();
				folder.remove();
			}
		},
		START_MS,
	);
});
