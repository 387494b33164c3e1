import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { createDataDir } from "../support/sqlite.ts";

const dataDir = createDataDir();
let product: Product;
let names = 0;

beforeAll(async () => {
	product = await Product.start(dataDir.path);
});
afterAll(async () => {
	await product.kill();
	dataDir.remove();
});

const newId = (): string => `rest-${++names}`;
const DOCUMENTS = "/api/documents";

interface Reply {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	// biome-ignore lint/suspicious/noExplicitAny: whatever the server says
	readonly json: any;
}

async function call(
	method: string,
	path: string,
	options: {
		readonly as?: string;
		readonly token?: string;
		readonly body?: unknown;
		readonly raw?: string;
		readonly headers?: Readonly<Record<string, string>>;
	} = {},
): Promise<Reply> {
	const { as = "ann", token = tokenFor(as), body, raw, headers } = options;
	const content =
		raw ?? (body === undefined ? undefined : JSON.stringify(body));
	const response = await fetch(product.url + path, {
		method,
		headers: {
			authorization: `Bearer ${token}`,
			...(content === undefined ? {} : { "content-type": "application/json" }),
			...headers,
		},
		...(content === undefined ? {} : { body: content }),
	});
	const text = await response.text();
	const isJson = response.headers.get("content-type")?.includes("json");
	const json = isJson ? JSON.parse(text) : undefined;
	return { status: response.status, headers: response.headers, text, json };
}

/** A document of Ann's, made over REST. */
async function create(fields: Readonly<Record<string, unknown>> = {}) {
	const id = newId();
	const made = await call("POST", DOCUMENTS, { body: { id, ...fields } });
	expect(made.status).toBe(201);
	return { id, path: `${DOCUMENTS}/${id}`, made };
}

const person = (id: string): Promise<RawClient> =>
	connect(product.ws, { token: tokenFor(id) });
const join = async (who: RawClient, prdId: string, mode = "edit") =>
	(await who.request("document:join", { prdId, mode })).data;

/** One raw request, whose path nobody tidies up. */
const untidy = (path: string): Promise<{ status: number; body: string }> =>
	new Promise((resolve, reject) => {
		const headers = { authorization: `Bearer ${tokenFor("ann")}` };
		const { port } = product;
		httpRequest({ host: "127.0.0.1", port, path, headers }, (response) => {
			let body = "";
			response.on("data", (chunk) => {
				body += chunk;
			});
			response.on("end", () =>
				resolve({ status: response.statusCode ?? 0, body }),
			);
		})
			.on("error", reject)
			.end();
	});

describe("documents over REST", () => {
	it("[REST-1] asks for a bearer token in the header, and takes it from nowhere else", async () => {
		const token = tokenFor("ann");
		const query = `${product.url}${DOCUMENTS}?token=${token}`;
		for (const [url, headers] of [
			[query, {}],
			[`${product.url}${DOCUMENTS}`, { cookie: `token=${token}` }],
			[`${product.url}${DOCUMENTS}`, { authorization: token }],
			[`${product.url}${DOCUMENTS}`, { authorization: "Bearer a.b.c" }],
		] as const) {
			const response = await fetch(url, { headers });
			expect(response.status).toBe(401);
			expect(response.headers.get("www-authenticate")).toBe("Bearer");
			expect(await response.json()).toMatchObject({
				operation: `GET ${DOCUMENTS}`,
				code: "UNAUTHENTICATED",
				retryable: false,
				data: { reason: "invalid_token" },
			});
		}
	});

	it("[REST-2] makes a document with its text, lines ending in \\n, as the maker's replica ~0", async () => {
		const markdown = "# Plan 📐\r\n\r\none\rtwo\n";
		const { id, path, made } = await create({ title: "Plan", markdown });
		expect(made.headers.get("location")).toBe(path);
		expect(made.json).toEqual({
			id,
			title: "Plan",
			visibility: "private",
			role: "owner",
			revision: 1,
			createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
			editedAt: expect.stringMatching(/^\d{4}-.*Z$/),
		});
		const ann = await person("ann");
		expect(await join(ann, id)).toMatchObject({
			title: "Plan",
			currentContent: "# Plan 📐\n\none\ntwo\n",
			vectorClock: { "ann~0": 1 },
			replicaId: "ann",
		});
		const edit = {
			prdId: id,
			operation: {
				type: "insert",
				position: 0,
				content: "x",
				vectorClock: { "ann~0": 1, ann: 1 },
			},
		};
		expect((await ann.request("operation:edit", edit)).data).toMatchObject({
			revision: 2,
			vectorClock: { "ann~0": 1, ann: 1 },
		});
	});

	it("[REST-2] cuts a long text into operations of at most insertCodePoints, between characters", async () => {
		const markdown = "📐é".repeat(70_000);
		const { id, made } = await create({ markdown });
		expect(made.json.revision).toBe(3);
		const ann = await person("ann");
		const joined = await ann.request("document:join", {
			prdId: id,
			mode: "view",
			lastKnownRevision: 0,
		});
		const joinedAnew = await join(ann, id);
		expect(joinedAnew.currentContent).toBe(markdown);
		expect(joinedAnew.vectorClock).toEqual({ "ann~0": 3 });
		expect(joined.type).toBe("ack");
	});

	it("[REST-2] a taken id, a text that is none, and one over the limit make nothing", async () => {
		const { id } = await create();
		const make = async (body: unknown) =>
			(await call("POST", DOCUMENTS, { body })).json.code;
		expect(await make({ id })).toBe("ALREADY_EXISTS");
		const other = newId();
		for (const markdown of ["\u0000", "\ud800"])
			expect(await make({ id: other, markdown })).toBe("VALIDATION_FAILED");
		const markdown = "x".repeat(2_097_153);
		expect(await make({ id: other, markdown })).toBe("PAYLOAD_TOO_LARGE");
		expect(await make({ id: `${other}.md` })).toBe("VALIDATION_FAILED");
		expect((await call("GET", `${DOCUMENTS}/${other}`)).status).toBe(404);
		const whole = { id: other, markdown: "\n".repeat(2_097_152) };
		expect((await call("POST", DOCUMENTS, { body: whole })).json).toMatchObject(
			{
				revision: 32,
			},
		);
	});

	it("[REST-2] without an id it makes one", async () => {
		const [one, two] = [
			await call("POST", DOCUMENTS, { body: {} }),
			await call("POST", DOCUMENTS, { body: {} }),
		];
		expect(one.json.id).toMatch(/^prd_[A-Za-z0-9_-]{16}$/);
		expect(one.json).toMatchObject({ title: one.json.id, revision: 0 });
		expect(two.json.id).not.toBe(one.json.id);
	});

	it("[REST-3] lists one's own documents, last edited first, page by page", async () => {
		const as = "lister";
		const ids: string[] = [];
		for (let i = 0; i < 3; i++) {
			const id = newId();
			await call("POST", DOCUMENTS, { as, body: { id } });
			ids.push(id);
		}
		const lister = await person(as);
		await join(lister, ids[0] as string);
		await lister.request("operation:edit", {
			prdId: ids[0],
			operation: { type: "insert", position: 0, content: "x", revision: 0 },
		});
		await lister.request("room:create", {
			room: newId(),
			visibility: "private",
		});
		const seen: string[] = [];
		let path = `${DOCUMENTS}?limit=2`;
		for (let pages = 0; pages < 3; pages++) {
			const { json } = await call("GET", path, { as });
			seen.push(...json.documents.map((each: { id: string }) => each.id));
			if (json.nextCursor === undefined) break;
			path = `${DOCUMENTS}?limit=2&cursor=${json.nextCursor}`;
		}
		expect(seen).toEqual([ids[0], ids[2], ids[1]]);
		const others = await call("GET", DOCUMENTS, { as: "nobody" });
		expect(others.json).toEqual({ documents: [] });
		for (const query of ["limit=0", "limit=x", "cursor=%21%21"])
			expect((await call("GET", `${DOCUMENTS}?${query}`)).status).toBe(400);
	});

	it("[REST-4] the text stands at .md, with an ETag that changes with the text and with the document", async () => {
		const { id, path } = await create({ markdown: "# A\n" });
		const first = await call("GET", `${path}.md`);
		expect(first).toMatchObject({ status: 200, text: "# A\n" });
		expect(first.headers.get("content-type")).toBe(
			"text/markdown; charset=utf-8",
		);
		const etag = first.headers.get("etag") as string;
		expect(etag).toMatch(/^"[^"]+\.1"$/);
		const known = { headers: { "if-none-match": `"x", ${etag}` } };
		const again = await call("GET", `${path}.md`, known);
		expect(again).toMatchObject({ status: 304, text: "" });
		await call("DELETE", path);
		await call("POST", DOCUMENTS, { body: { id, markdown: "# B\n" } });
		const anew = await call("GET", `${path}.md`, known);
		expect(anew).toMatchObject({ status: 200, text: "# B\n" });
		expect(anew.headers.get("etag")).toMatch(/\.1"$/);
	});

	it("[REST-5] only the owner renames; roles and existence are told as on the socket", async () => {
		const { id, path } = await create({ title: "Old" });
		const rename = (as: string, title: unknown = "New") =>
			call("PATCH", path, { as, body: { title } });
		expect((await rename("bob")).status).toBe(403);
		await call("PUT", `${path}/members/bob`, { body: { role: "edit" } });
		expect(await rename("bob")).toMatchObject({
			status: 403,
			json: { code: "FORBIDDEN" },
		});
		expect((await call("GET", path, { as: "bob" })).json).toMatchObject({
			title: "Old",
			role: "edit",
		});
		expect((await rename("ann")).json).toMatchObject({ id, title: "New" });
		for (const title of ["", " ", "a\nb", 7, "x".repeat(201)])
			expect((await rename("ann", title)).status).toBe(422);
		const ann = await person("ann");
		expect(await join(ann, id)).toMatchObject({ title: "New" });
		for (const [method, at] of [
			["GET", ""],
			["GET", ".md"],
			["DELETE", ""],
			["GET", "/members"],
		]) {
			const stranger = await call(method as string, path + at, { as: "eve" });
			expect(stranger.json.code).toBe("FORBIDDEN");
			const nowhere = `${DOCUMENTS}/${newId()}${at}`;
			const missing = await call(method as string, nowhere);
			expect(missing.json.code).toBe("NOT_FOUND");
		}
	});

	it("[REST-11] a new title is told to everybody in the document", async () => {
		const { id, path } = await create({ title: "Old" });
		const [ann, eve] = [await person("ann"), await person("eve")];
		await join(ann, id);
		await call("PATCH", path, { as: "eve", body: { title: "Mine" } });
		await call("PATCH", path, { body: { title: "New" } });
		expect(await ann.next("document:renamed")).toMatchObject({
			room: id,
			data: { prdId: id, title: "New", userId: "ann" },
		});
		for (const client of [ann, eve]) await client.settled();
		expect(ann.of("document:renamed")).toHaveLength(1);
		expect(eve.of("document:renamed")).toEqual([]);
	});

	it("[REST-5] a public document can be read by everybody, and by nobody written", async () => {
		const { id, path } = await create({ visibility: "public", markdown: "hi" });
		const eve = await person("eve");
		expect((await call("GET", `${path}.md`, { as: "eve" })).text).toBe("hi");
		expect(await join(eve, id, "view")).toMatchObject({ currentContent: "hi" });
		expect(await join(eve, id, "edit")).toMatchObject({ code: "FORBIDDEN" });
		const { documents } = (await call("GET", DOCUMENTS, { as: "eve" })).json;
		expect(documents).toEqual([]);
	});

	it("[REST-6] members are listed, added, changed and removed, and live sessions hear of it", async () => {
		const { id, path } = await create();
		const bob = await person("bob");
		const put = (who: string, role: unknown, as = "ann") =>
			call("PUT", `${path}/members/${encodeURIComponent(who)}`, {
				as,
				body: { role },
			});
		expect((await put("bob", "edit")).json).toEqual({
			userId: "bob",
			role: "edit",
		});
		expect((await bob.next("permission:changed")).data).toEqual({
			prdId: id,
			mode: "edit",
			reason: "invited",
		});
		await join(bob, id);
		expect((await put("weird/é id", "view")).status).toBe(200);
		expect((await put("cy", "view", "bob")).status).toBe(403);
		expect((await put("cy", "king")).status).toBe(422);
		expect((await put("a~b", "view")).status).toBe(400);
		expect((await put("ann", "view")).json.code).toBe("INVALID_STATE");
		expect((await call("GET", `${path}/members`, { as: "bob" })).json).toEqual({
			members: [
				{ userId: "ann", role: "owner" },
				{ userId: "bob", role: "edit" },
				{ userId: "weird/é id", role: "view" },
			],
		});
		const remove = (who: string, as = "ann") =>
			call("DELETE", `${path}/members/${who}`, { as });
		expect((await remove("ann", "bob")).status).toBe(403);
		expect((await remove("ann")).json.code).toBe("INVALID_STATE");
		expect((await remove("bob")).status).toBe(204);
		expect((await bob.next("permission:changed")).data).toEqual({
			prdId: id,
			mode: null,
			reason: "kicked",
		});
		expect((await call("GET", path, { as: "bob" })).status).toBe(403);
	});

	it("[REST-7] a deletion reaches everybody in the document; the id can be used again for a new one", async () => {
		const { id, path } = await create({ markdown: "old" });
		await call("PUT", `${path}/members/bob`, { body: { role: "edit" } });
		const [ann, bob] = [await person("ann"), await person("bob")];
		const before = await join(ann, id);
		await join(bob, id);
		expect((await call("DELETE", path, { as: "bob" })).status).toBe(403);
		expect((await call("DELETE", path)).status).toBe(204);
		for (const session of [ann, bob])
			expect(await session.next("document:deleted")).toEqual({
				type: "document:deleted",
				room: id,
				data: { prdId: id },
			});
		const edit = {
			prdId: id,
			operation: { type: "insert", position: 0, content: "x", revision: 1 },
		};
		const late = await bob.request("operation:edit", edit);
		expect(late.data.code).toBe("NOT_JOINED");
		const look = { prdId: id, mode: "view", create: false };
		expect((await bob.request("document:join", look)).data.code).toBe(
			"NOT_FOUND",
		);
		expect((await call("DELETE", path)).status).toBe(404);
		const anew = await join(bob, id);
		expect(anew).toMatchObject({
			currentContent: "",
			revision: 0,
			vectorClock: {},
			mode: "edit",
		});
		expect(anew.epoch).not.toBe(before.epoch);
		expect(await join(ann, id, "view")).toMatchObject({ code: "FORBIDDEN" });
		const back = await bob.request("document:join", {
			prdId: id,
			mode: "edit",
			lastKnownRevision: 1,
			lastEpoch: before.epoch,
		});
		expect(back.data).toMatchObject({ recovered: false, currentContent: "" });
	});

	it("[REST-7] an edit that races with a deletion gets one answer, and nothing is committed after it", async () => {
		for (let round = 0; round < 5; round++) {
			const { id, path } = await create();
			const ann = await person("ann");
			await join(ann, id);
			const send = (count: number): Promise<Frame>[] =>
				Array.from({ length: count }, (_, i) =>
					ann.request("operation:edit", {
						prdId: id,
						operation: {
							type: "insert",
							position: 0,
							content: `${i};`,
							revision: 0,
						},
					}),
				);
			const first = send(round * 8);
			const deleted = call("DELETE", path);
			const answers = await Promise.all([...first, ...send(30)]);
			expect((await deleted).status).toBe(204);
			await ann.next("document:deleted");
			await ann.settled();
			for (const { id } of answers)
				expect(ann.frames.filter((frame) => frame.id === id)).toHaveLength(1);
			const codes = answers.map(({ data }) => data.code ?? "ok").join(" ");
			expect(codes).toMatch(/^(ok ?)*(NOT_FOUND ?)*(NOT_JOINED ?)*$/);
			expect(await join(ann, id)).toMatchObject({ revision: 0 });
			await ann.close();
		}
	});

	it("[REST-8] what cannot be read is refused with the status that says why", async () => {
		const post = async (raw: string, type = "application/json") => {
			const headers = { "content-type": type };
			const reply = await call("POST", DOCUMENTS, { raw, headers });
			return [reply.status, reply.json.code];
		};
		expect(await post(`{"markdown":"${"x".repeat(4_300_000)}"}`)).toEqual([
			413,
			"PAYLOAD_TOO_LARGE",
		]);
		expect(await post("{}", "text/plain")).toEqual([415, "VALIDATION_FAILED"]);
		expect(await post("{}", "application/json; charset=latin1")).toEqual([
			415,
			"VALIDATION_FAILED",
		]);
		expect(await post("{bad")).toEqual([400, "VALIDATION_FAILED"]);
		expect(await post("[]")).toEqual([422, "VALIDATION_FAILED"]);
		expect(await post('{"__proto__":{"id":"x"}}')).toEqual([
			422,
			"VALIDATION_FAILED",
		]);
		expect(await post('{"unknown":1}')).toEqual([422, "VALIDATION_FAILED"]);
		expect(await post('{"id":"../x"}')).toEqual([422, "VALIDATION_FAILED"]);
		expect(await post('{"title":{"toString":1}}')).toEqual([
			422,
			"VALIDATION_FAILED",
		]);
	});

	it("[REST-8] an address that holds no id is 400 in the one error shape, and tells nothing of the server", async () => {
		for (const path of [
			"%00",
			"%zz",
			"..%2f..%2fetc%2fpasswd",
			"x".repeat(5_120),
			"a~b",
			".md",
		]) {
			const { status, json } = await call("GET", `${DOCUMENTS}/${path}`);
			expect([status, json.code]).toEqual([400, "VALIDATION_FAILED"]);
		}
		const { status, body } = await untidy(`${DOCUMENTS}/../../etc/passwd`);
		expect(status).toBe(400);
		expect(JSON.parse(body)).toEqual({
			operation: `GET ${DOCUMENTS}/../../etc/passwd`,
			code: "VALIDATION_FAILED",
			message: "Invalid prdId",
			retryable: false,
			data: { field: "prdId" },
		});
		const { id } = await create();
		const nothing = await call("GET", `${DOCUMENTS}/${id}/nothing`);
		expect([nothing.status, nothing.json.code]).toEqual([404, "NOT_FOUND"]);
	});

	it("[REST-9] a token's permissions decide here too", async () => {
		const { id, path } = await create({ markdown: "hi" });
		const other = await create();
		const token = tokenFor("ann", { permissions: { [id]: "edit" } });
		expect((await call("GET", path, { token })).json.role).toBe("edit");
		expect((await call("GET", `${path}.md`, { token })).text).toBe("hi");
		const title = { title: "Mine" };
		for (const [method, at, body] of [
			["PATCH", path, title],
			["DELETE", path, undefined],
			["GET", other.path, undefined],
			["GET", `${DOCUMENTS}/${newId()}`, undefined],
			["POST", DOCUMENTS, { id: newId() }],
		] as const) {
			const refused = await call(method, at, { token, body });
			expect([at, refused.json.code]).toEqual([at, "FORBIDDEN"]);
		}
		const { documents } = (await call("GET", DOCUMENTS, { token })).json;
		expect(documents).toMatchObject([{ id, role: "edit" }]);
		expect(documents).toHaveLength(1);
	});

	it("[REST-10] a generic room is no document", async () => {
		const ann = await person("ann");
		const room = newId();
		await ann.request("room:create", { room, visibility: "public" });
		for (const [method, at, body] of [
			["GET", "", undefined],
			["GET", ".md", undefined],
			["DELETE", "", undefined],
			["PATCH", "", { title: "x" }],
			["GET", "/members", undefined],
			["PUT", "/members/bob", { role: "view" }],
			["DELETE", "/members/bob", undefined],
		] as const) {
			const path = `${DOCUMENTS}/${room}${at}`;
			expect((await call(method, path, { body })).json.code).toBe("NOT_FOUND");
		}
		expect((await ann.request("room:join", { room })).type).toBe("ack");
	});
});
