import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Product, prdtool, tokenFor } from "../support/product.ts";
import {
	connect,
	type RawClient,
	UpgradeRefused,
} from "../support/raw-client.ts";
import { SocketioClient } from "../support/socketio-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
const otherDir = createDataDir();
/** Trusts the proxy of this machine, so that each test comes from an address of its own. */
let product: Product;
/** Trusts nobody. */
let other: Product;

beforeAll(async () => {
	const environment = { RATE_LIMITS: "on" };
	[product, other] = await Promise.all([
		Product.start(dataDir.path, { ...environment, TRUST_PROXY: "127.0.0.0/8" }),
		Product.start(otherDir.path, environment),
	]);
}, 20_000);
afterAll(async () => {
	for (const socket of sockets) socket.disconnect();
	await Promise.all([product.kill(), other.kill()]);
	for (const dir of [dataDir, otherDir]) dir.remove();
});

const sockets: SocketioClient["socket"][] = [];
let visitors = 0;
/** An address that nobody has come from yet. */
const newAddress = (): string => {
	visitors += 1;
	return `198.51.${visitors >> 8}.${visitors & 255}`;
};
const from = (address: string) => ({ "x-forwarded-for": address });

const enter = async (userId: string): Promise<RawClient> => {
	const client = await connect(product.ws, {
		token: tokenFor(userId),
		headers: from(newAddress()),
	});
	await client.next("session:ready");
	return client;
};
const dial = (userId: string): SocketioClient => {
	const client = new SocketioClient(`${product.url}/ws`, {
		auth: { token: tokenFor(userId) },
		transports: ["websocket"],
		extraHeaders: from(newAddress()),
		reconnection: false,
	});
	sockets.push(client.socket);
	return client;
};
const enterSocketio = async (userId: string): Promise<SocketioClient> => {
	const client = dial(userId);
	await client.next("session:ready");
	return client;
};
const refusal = async (attempt: Promise<unknown>): Promise<UpgradeRefused> => {
	const outcome = await attempt.catch((error: unknown) => error);
	if (outcome instanceof UpgradeRefused) return outcome;
	throw new Error(`not refused: ${outcome}`);
};

const KNOCKS = 150;
/** So many handshakes at once: what those that were refused got. */
async function knock(server: Product, addressOf: () => string) {
	const attempts = Array.from({ length: KNOCKS }, async () => {
		const client = await connect(server.ws, { headers: from(addressOf()) });
		client.socket.terminate();
	});
	const outcomes = await Promise.allSettled(attempts);
	return outcomes.flatMap((outcome) =>
		outcome.status === "rejected" ? [outcome.reason as UpgradeRefused] : [],
	);
}

describe("who comes too often to the whole server", () => {
	it("[ADM-3] gets 429 with Retry-After at the raw door, and nobody else does", async () => {
		const address = newAddress();
		const refused = await knock(product, () => address);
		expect(refused.length).toBeGreaterThan(0);
		expect(refused.length).toBeLessThanOrEqual(KNOCKS - 50);
		for (const { status, headers, body } of refused) {
			expect([status, headers["retry-after"]]).toEqual([429, "1"]);
			expect(JSON.parse(body)).toMatchObject({
				operation: "connect",
				code: "RATE_LIMITED",
				retryable: true,
			});
		}
		await (await enter("ann")).close();
	});

	it("[ADM-3] gets 429 with Retry-After at the Socket.IO door", async () => {
		const headers = from(newAddress());
		const url = `${product.url}/socket.io/?EIO=4&transport=polling`;
		const replies = await Promise.all(
			Array.from({ length: KNOCKS }, async () => {
				const { status, headers: sent } = await fetch(url, { headers });
				return { status, retryAfter: sent.get("retry-after") };
			}),
		);
		const refused = replies.filter(({ status }) => status !== 200);
		expect(refused.length).toBeGreaterThan(0);
		expect(refused.length).toBeLessThanOrEqual(KNOCKS - 50);
		for (const reply of refused)
			expect(reply).toEqual({ status: 429, retryAfter: "1" });
	});

	it("[ADM-7] is told apart by X-Forwarded-For behind a trusted proxy, and by it alone anywhere else", async () => {
		expect(await knock(product, newAddress)).toEqual([]);
		const forged = `${newAddress()}, `;
		const address = newAddress();
		const hidden = await knock(product, () => forged + address);
		expect(hidden.length).toBeGreaterThan(0);
		expect((await knock(other, newAddress)).length).toBeGreaterThan(0);
	});

	it("[CONF-16] a proxy that is none stops the start with one line and exit code 78", async () => {
		const { code, stderr } = await prdtool(["start"], {
			TRUST_PROXY: "10.0.0.0/8, haproxy",
			DATA_DIR: dataDir.path,
			PORT: "0",
		});
		expect(code).toBe(78);
		expect(stderr.trim()).toMatch(/^[^\n]*TRUST_PROXY: entry 2[^\n]*$/);
	});

	it("[ADM-1] a person's connections are counted at both doors together", async () => {
		const [raw, io] = await Promise.all([
			Promise.all(Array.from({ length: 10 }, () => enter("bob"))),
			Promise.all(Array.from({ length: 10 }, () => enterSocketio("bob"))),
		]);
		const refused = await refusal(enter("bob"));
		expect(refused).toMatchObject({
			status: 429,
			headers: { "retry-after": "1" },
		});
		expect(JSON.parse(refused.body).code).toBe("RATE_LIMITED");
		expect((await dial("bob").refusal()).data).toMatchObject({
			code: "RATE_LIMITED",
			retryAfterMs: 1_000,
		});
		await (await enter("cy")).close();
		io[0]?.socket.disconnect();
		await raw[0]?.close();
		// The server hears of both a little later than their clients.
		let back: RawClient | undefined;
		while (back === undefined)
			back = await enter("bob").catch((error: unknown) => {
				if (error instanceof UpgradeRefused) return undefined;
				throw error;
			});
		for (const client of [back, ...raw.slice(1)]) await client.close();
	});
});

/** What both doors answer to the joins of one person after another. */
interface Door {
	join(prdId: string): Promise<Readonly<Record<string, unknown>>>;
	next(type: string): Promise<{ readonly data: Record<string, unknown> }>;
	of(type: string): readonly unknown[];
}

async function rawDoor(userId: string): Promise<Door> {
	const client = await enter(userId);
	const join = async (prdId: string) => {
		const { data } = await client.request("document:join", {
			prdId,
			mode: "edit",
		});
		return data;
	};
	return {
		join,
		next: (type) => client.next(type),
		of: (type) => client.of(type),
	};
}

async function socketioDoor(userId: string): Promise<Door> {
	const client = await enterSocketio(userId);
	const join = async (prdId: string) => {
		const { data, error = {} } = await client.request("document:join", {
			prdId,
			mode: "edit",
		});
		return data ?? error;
	};
	return {
		join,
		next: (type) => client.next(type),
		of: (type) => client.of(type),
	};
}

describe.each([
	["raw", rawDoor],
	["Socket.IO", socketioDoor],
])("the rates of the whole server at the %s door", (name, open) => {
	it("[RATE-4] [RATE-3] warn once when 20 %% are left, and refuse with how long to wait", async () => {
		const who = await open(`typist-${name}`);
		const prdId = `rates-${name.replace(".", "-")}`;
		for (let i = 0; i < 10; i++)
			expect(await who.join(prdId)).toMatchObject({ prdId, mode: "edit" });
		expect((await who.next("rate_limit:warning")).data).toEqual({
			endpoint: "document:join",
			remaining: 2,
			resetAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
		});
		const refused = await who.join(prdId);
		expect(refused).toMatchObject({
			operation: "document:join",
			code: "RATE_LIMITED",
			retryable: true,
		});
		const { data } = await who.next("rate_limit:exceeded");
		expect(data).toEqual({
			endpoint: "document:join",
			retryAfter: Math.ceil(Number(refused.retryAfterMs) / 1_000),
		});
		expect(data.retryAfter).toBeLessThanOrEqual(6);
		expect(who.of("rate_limit:warning")).toHaveLength(1);
	});
});
