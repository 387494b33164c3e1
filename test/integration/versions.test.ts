import { existsSync } from "node:fs";
import { join } from "node:path";
import {
	afterAll,
	afterEach,
	beforeAll,
	describe,
	expect,
	it,
} from "@jest/globals";
import { git } from "../support/git.ts";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type RawClient } from "../support/raw-client.ts";
import { SocketioClient } from "../support/socketio-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
let product: Product;
let names = 0;

beforeAll(async () => {
	product = await Product.start(dataDir.path);
}, 30_000);
const open: SocketioClient[] = [];
afterEach(() => {
	for (const client of open.splice(0)) client.socket.close();
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

const user = (id: string, name: string): Promise<RawClient> =>
	connect(product.ws, { token: tokenFor(id, { name }) });

/** A document of its own for each test, in the place of the example's id. */
const newId = (): string => `prd_123.v${++names}`;

/** John's document with a text, and Sarah in it on the other door. */
async function both(text = "# PRD\n\nfirst line\n") {
	const prdId = newId();
	const john = await user("user_123", "John Doe");
	await john.request("document:join", { prdId, mode: "edit" });
	await insert(john, prdId, 0, text);
	const invited = { room: prdId, userId: "user_456", role: "view" };
	await john.request("room:invite", invited);
	const sarah = new SocketioClient(`${product.url}/ws`, {
		auth: { token: tokenFor("user_456", { name: "Sarah Smith" }) },
	});
	open.push(sarah);
	await sarah.next("session:ready");
	await sarah.request("document:join", { prdId, mode: "view" });
	return { prdId, john, sarah };
}

let revisions = new Map<string, number>();
async function insert(
	client: RawClient,
	prdId: string,
	position: number,
	content: string,
): Promise<void> {
	const revision = revisions.get(prdId) ?? 0;
	const operation = { type: "insert", position, content, revision };
	const ack = await client.request("operation:edit", { prdId, operation });
	revisions = revisions.set(prdId, Number(ack.data.revision));
}

const textOf = async (client: RawClient, prdId: string): Promise<unknown> => {
	const data = { prdId, mode: "edit" };
	return (await client.request("document:join", data)).data.currentContent;
};

const HASH = /^[0-9a-f]{40}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe("versions over both doors", () => {
	it("[VERSION-11] version:created as printed reaches everybody in the document, and is the answer", async () => {
		const { prdId, john, sarah } = await both();
		const answer = await john.request("version:create", {
			prdId,
			version: "1.3.0",
			changelog: "Added OAuth2 requirements",
		});
		const created = {
			prdId,
			version: "1.3.0",
			changelog: "Added OAuth2 requirements",
			author: { id: "user_123", name: "John Doe" },
			commitHash: expect.stringMatching(HASH),
			createdAt: expect.stringMatching(TIME),
			revision: 1,
		};
		expect(answer).toMatchObject({ type: "ack", data: created });
		expect((await john.next("version:created")).data).toEqual(created);
		expect((await sarah.next("version:created")).data).toEqual(answer.data);
	});

	it("[VERSION-11] a version asked for over Socket.IO, with a dot in the name, is told over both doors", async () => {
		const { prdId, john, sarah } = await both();
		await john.request("room:invite", {
			room: prdId,
			userId: "user_456",
			role: "edit",
		});
		const reply = await sarah.request("version.create", {
			prdId,
			version: "1.3.0",
			changelog: "Added OAuth2 requirements",
		});
		expect(reply).toMatchObject({
			ok: true,
			data: {
				version: "1.3.0",
				author: { id: "user_456", name: "Sarah Smith" },
			},
		});
		expect((await john.next("version:created")).data).toEqual(reply.data);
		expect((await sarah.next("version:created")).data).toEqual(reply.data);
	});

	it("[VERSION-12] document:joined names the latest version, 0.0.0 before the first", async () => {
		const { prdId, john } = await both();
		const join = () => john.request("document:join", { prdId, mode: "edit" });
		expect((await join()).data.version).toBe("0.0.0");
		await john.request("version:create", { prdId, version: "1.2.1" });
		expect((await join()).data.version).toBe("1.2.1");
	});

	it("[VERSION-2] a bump counts on, minor by default; what is not greater is refused", async () => {
		const { prdId, john } = await both();
		const create = async (how: object) => {
			const { data } = await john.request("version:create", { prdId, ...how });
			return data.version ?? [data.code, data.data];
		};
		expect(await create({})).toBe("0.1.0");
		expect(await create({ bump: "major" })).toBe("1.0.0");
		expect(await create({ bump: "minor" })).toBe("1.1.0");
		expect(await create({ bump: "patch" })).toBe("1.1.1");
		expect(await create({ version: "2.0.0-rc.1" })).toBe("2.0.0-rc.1");
		expect(await create({ bump: "major" })).toBe("2.0.0");
		const latest = "2.0.0";
		expect(await create({ version: "2.0.0" })).toEqual([
			"ALREADY_EXISTS",
			{ version: "2.0.0", latest },
		]);
		expect(await create({ version: "1.9.9" })).toEqual([
			"INVALID_STATE",
			{ latest },
		]);
		const odd = [
			"v3.0.0",
			"3.0",
			" 3.0.0",
			"3.0.0+b",
			"3.0.0-a.lock",
			"3.0.0-a.md",
		];
		for (const version of odd)
			expect(await create({ version })).toEqual([
				"VALIDATION_FAILED",
				{ field: "version" },
			]);
		expect(await create({ version: "3.0.0", bump: "major" })).toEqual([
			"VALIDATION_FAILED",
			{ field: "bump" },
		]);
		const { data } = await john.request("version:list", { prdId });
		expect(
			(data.versions as { version: string }[]).map(({ version }) => version),
		).toEqual(["2.0.0", "2.0.0-rc.1", "1.1.1", "1.1.0", "1.0.0", "0.1.0"]);
	});

	it("[VERSION-3] of two who make one version at once one wins, the other hears ALREADY_EXISTS", async () => {
		const { prdId, john } = await both();
		const again = await user("user_123", "John Doe");
		const make = (client: RawClient) =>
			client.request("version:create", { prdId, version: "1.0.0" });
		const answers = await Promise.all([john, again, john, again].map(make));
		const codes = answers.map(({ type, data }) =>
			type === "ack" ? "ack" : data.code,
		);
		expect(codes.sort()).toEqual([
			"ALREADY_EXISTS",
			"ALREADY_EXISTS",
			"ALREADY_EXISTS",
			"ack",
		]);
	});

	it("[VERSION-8] restoring is an edit on top by who asks for it; nothing that came after is gone", async () => {
		const { prdId, john, sarah } = await both("one\ntwo\nthree\n");
		await john.request("operation:edit", {
			prdId,
			operation: {
				type: "format",
				position: 0,
				length: 3,
				attributes: { bold: true },
				revision: 1,
			},
		});
		await john.request("version:create", { prdId, version: "1.0.0" });
		revisions.set(prdId, 2);
		await insert(john, prdId, 4, "new ");
		await john.request("version:create", { prdId, version: "2.0.0" });
		await sarah.settled();
		const restored = await john.request("version:restore", {
			prdId,
			version: "1.0.0",
		});
		const event = {
			prdId,
			version: "1.0.0",
			revision: 4,
			restoredBy: { id: "user_123", name: "John Doe" },
			restoredAt: expect.stringMatching(TIME),
		};
		expect(restored).toMatchObject({ type: "ack", data: event });
		expect((await sarah.next("version:restored")).data).toEqual(event);
		const applied = sarah.of("operation:applied").at(-1);
		expect(applied?.data).toMatchObject({
			revision: 4,
			operation: { type: "delete", position: 4, length: 4, userId: "user_123" },
			newVectorClock: { user_123: 3, "user_123~0": 1 },
		});
		expect(await textOf(john, prdId)).toBe("one\ntwo\nthree\n");
		const later = await john.request("version:get", {
			prdId,
			version: "2.0.0",
		});
		expect(later.data.content).toBe("one\nnew two\nthree\n");
		const again = await john.request("version:restore", {
			prdId,
			version: "1.0.0",
		});
		expect(again.data.revision).toBe(4);
	});

	it("[VERSION-10] version:get tells the text, its formatting and who wrote what, in the session's unit", async () => {
		const { prdId, john, sarah } = await both("📐 plan\n");
		const edit = { room: prdId, userId: "user_456", role: "edit" };
		await john.request("room:invite", edit);
		await sarah.request("document:join", { prdId, mode: "edit" });
		await sarah.request("operation:edit", {
			prdId,
			operation: {
				type: "insert",
				position: 3,
				content: "good 📐 ",
				attributes: { bold: true },
				revision: 1,
			},
		});
		const created = await john.request("version:create", { prdId });
		const got = await sarah.request("version:get", { prdId, version: "0.1.0" });
		expect(got.data).toEqual({
			...created.data,
			content: "📐 good 📐 plan\n",
			attributes: [{ position: 3, length: 8, attributes: { bold: true } }],
			authors: [
				{ position: 0, length: 3, userId: "user_123" },
				{ position: 3, length: 8, userId: "user_456" },
				{ position: 11, length: 5, userId: "user_123" },
			],
		});
		const native = { prdId, mode: "edit", format: "native" };
		await john.request("document:join", native);
		const points = await john.request("version:get", {
			prdId,
			version: "0.1.0",
		});
		expect(points.data).toMatchObject({
			attributes: [{ position: 2, length: 7 }],
			authors: [
				{ position: 0, length: 2 },
				{ position: 2, length: 7 },
				{ position: 9, length: 5 },
			],
		});
	});

	it("[VERSION-9] version:diff tells what changed by lines and by words, also against the text as it is now", async () => {
		const { prdId, john } = await both("one\ntwo words\nthree\n");
		await john.request("version:create", { prdId, version: "1.0.0" });
		await insert(john, prdId, 8, "more ");
		await john.request("version:create", { prdId, version: "1.1.0" });
		const hunks = [
			{
				from: { line: 1, lines: 3 },
				to: { line: 1, lines: 3 },
				lines: [
					{ type: "retain", content: "one\n" },
					{ type: "delete", content: "two words\n" },
					{ type: "insert", content: "two more words\n" },
					{ type: "retain", content: "three\n" },
				],
				words: [
					{ type: "retain", content: "one\ntwo " },
					{ type: "insert", content: "more " },
					{ type: "retain", content: "words\nthree\n" },
				],
			},
		];
		const change = { from: "1.0.0", inserted: 1, deleted: 1, hunks };
		const named = { prdId, from: "1.0.0", to: "1.1.0" };
		const { data } = await john.request("version:diff", named);
		expect(data).toEqual({ prdId, to: "1.1.0", ...change });
		const now = await john.request("version:diff", { prdId, from: "1.0.0" });
		expect(now.data).toEqual({ prdId, to: "head", ...change });
		const none = await john.request("version:diff", { prdId, from: "1.1.0" });
		expect(none.data).toMatchObject({ inserted: 0, deleted: 0, hunks: [] });
	});

	it("[VERSION-13] a changelog can be put right, and everybody hears of it", async () => {
		const { prdId, john, sarah } = await both();
		const { data } = await john.request("version:create", { prdId });
		const updated = await john.request("version:update", {
			prdId,
			version: "0.1.0",
			changelog: "Better words",
		});
		const event = {
			...data,
			changelog: "Better words",
			updatedBy: { id: "user_123", name: "John Doe" },
			updatedAt: expect.stringMatching(TIME),
		};
		expect(updated).toMatchObject({ type: "ack", data: event });
		expect((await sarah.next("version:updated")).data).toEqual(event);
		const listed = await sarah.request("version:list", { prdId });
		expect(listed.data?.versions).toEqual([
			{ ...data, changelog: "Better words" },
		]);
	});

	it("[VERSION-13] a changelog is text of at most 10,000 characters that every database keeps", async () => {
		const { prdId, john } = await both();
		const create = async (changelog: unknown) => {
			const asked = { prdId, changelog };
			const { type, data } = await john.request("version:create", asked);
			return type === "ack" ? data.changelog : data.code;
		};
		const bad = ["\u0000", "\ud800", "x".repeat(10_001), 7, {}];
		for (const changelog of bad)
			expect(await create(changelog)).toBe("VALIDATION_FAILED");
		const odd = `${"x".repeat(9_990)}\n--📐'"\\`;
		expect(await create(odd)).toBe(odd);
		expect(await create("")).toBe("");
	});

	it("[VERSION-14] who may only look may list, get and compare, and nothing else; strangers nothing", async () => {
		const { prdId, john, sarah } = await both();
		await john.request("version:create", { prdId });
		const stranger = await user("user_999", "Mallory");
		const named = { prdId, version: "0.1.0" };
		const asks = [
			["version:create", { prdId }],
			["version:update", { ...named, changelog: "x" }],
			["version:restore", named],
			["version:list", { prdId }],
			["version:get", named],
			["version:diff", { prdId, from: "0.1.0" }],
		] as const;
		const codes = [];
		for (const [type, data] of asks) {
			const reply = await sarah.request(type, data);
			const { type: answer, data: error } = await stranger.request(type, data);
			codes.push([reply.ok ? "ok" : reply.error?.code, answer, error.code]);
		}
		expect(codes).toEqual([
			["FORBIDDEN", "error:version", "FORBIDDEN"],
			["FORBIDDEN", "error:version", "FORBIDDEN"],
			["FORBIDDEN", "error:version", "FORBIDDEN"],
			["ok", "error:version", "FORBIDDEN"],
			["ok", "error:version", "FORBIDDEN"],
			["ok", "error:version", "FORBIDDEN"],
		]);
		for (const [type] of asks) {
			const data = { prdId: "prd_nowhere", version: "1.0.0", from: "1.0.0" };
			const missing = await john.request(type, { ...data, changelog: "" });
			expect(missing.data.code).toBe("NOT_FOUND");
		}
		for (const [type, data] of asks.slice(1)) {
			if (type === "version:list") continue;
			const other = { ...data, version: "9.9.9", from: "9.9.9" };
			const missing = await john.request(type, other);
			expect(missing.data.code).toBe("NOT_FOUND");
		}
	});

	it("[VERSION-15] REST lists versions, gives one as JSON and its text as Markdown, and compares", async () => {
		const { prdId, john } = await both("# Äpfel 📐\n");
		const first = await john.request("version:create", { prdId });
		await insert(john, prdId, 0, "\n");
		const second = await john.request("version:create", { prdId });
		const get = (path: string, as = "user_456", headers = {}) =>
			fetch(`${product.url}/api/documents/${prdId}${path}`, {
				headers: { authorization: `Bearer ${tokenFor(as)}`, ...headers },
			});
		const json = async (path: string) => (await get(path)).json();
		const [one, two] = [first.data, second.data];
		expect(await json("/versions")).toEqual({ versions: [two, one] });
		expect(await json("/versions?before=0.2.0")).toEqual({ versions: [one] });
		expect(await json("/versions/0.1.0")).toEqual({
			...one,
			content: "# Äpfel 📐\n",
			attributes: [],
			authors: [{ position: 0, length: 11, userId: "user_123" }],
		});
		expect(await json("/diff?from=0.1.0&to=0.2.0")).toMatchObject({
			inserted: 1,
			deleted: 0,
		});
		expect(await json("/diff?from=0.2.0")).toMatchObject({ hunks: [] });
		const text = await get("/versions/0.1.0.md");
		expect(text.headers.get("content-type")).toBe(
			"text/markdown; charset=utf-8",
		);
		expect(await text.text()).toBe("# Äpfel 📐\n");
		const etag = text.headers.get("etag") as string;
		expect(etag).toBe(`"${one.commitHash}"`);
		const tag = { "if-none-match": etag };
		const statuses = [
			(await get("/versions/0.1.0.md", "user_456", tag)).status,
			(await get("/versions/0.2.0.md", "user_456", tag)).status,
			(await get("/versions/0.3.0.md")).status,
			(await get("/versions/x")).status,
			(await get("/diff")).status,
			(await get("/versions", "user_999")).status,
			(await get("/versions/0.1.0.md", "user_999")).status,
		];
		expect(statuses).toEqual([304, 200, 404, 422, 400, 403, 403]);
	});

	it("[VERSION-4] the commit of the answer is in the document's git repository", async () => {
		const { prdId, john } = await both("# Git\n");
		const { data } = await john.request("version:create", {
			prdId,
			changelog: "First",
		});
		const path = join(dataDir.path, "git", `${prdId}.git`);
		const show = () =>
			git(path, "show", "--format=%s|%an", `${data.commitHash}`).catch(
				() => undefined,
			);
		let shown = await show();
		while (shown === undefined) shown = await show();
		expect(shown).toContain("First|John Doe\n");
		expect(shown).toContain(`+++ b/${prdId}.md`);
		expect(shown).toContain("+# Git\n");
	}, 20_000);

	it("[VERSION-16] a deleted document takes its git repository with it", async () => {
		const { prdId, john } = await both();
		await john.request("version:create", { prdId });
		const path = join(dataDir.path, "git", `${prdId}.git`);
		const is = async (there: boolean) => {
			while (existsSync(join(path, "refs/heads/main")) !== there)
				await john.settled();
		};
		await is(true);
		const gone = await fetch(`${product.url}/api/documents/${prdId}`, {
			method: "DELETE",
			headers: { authorization: `Bearer ${tokenFor("user_123")}` },
		});
		expect(gone.status).toBe(204);
		await is(false);
	}, 20_000);
});
