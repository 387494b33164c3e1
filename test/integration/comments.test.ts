import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { Product, tokenFor } from "../support/product.ts";
import { connect, type Frame, type RawClient } from "../support/raw-client.ts";
import { SocketioClient } from "../support/socketio-client.ts";
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

const PEOPLE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
	user_123: { name: "John Doe", avatar: "https://example.com/john.png" },
	user_456: { name: "Sarah Smith" },
};
const person = (id: string): Promise<RawClient> =>
	connect(product.ws, { token: tokenFor(id, PEOPLE[id] ?? {}) });
const overSocketio = (id: string): SocketioClient =>
	new SocketioClient(product.ws, {
		auth: { token: tokenFor(id, PEOPLE[id] ?? {}) },
		transports: ["websocket"],
	});

/** Twenty lines; the example speaks of those from 15 to 17. */
const TEXT = Array.from(
	{ length: 20 },
	(_, line) => `Line ${line} ${"😀".repeat(line % 3)}${"x".repeat(60)}`,
).join("\n");

const write = (who: RawClient, prdId: string, operation: object) =>
	who.request("operation:edit", { prdId, operation: { ...operation } });
const insert = (
	who: RawClient,
	prdId: string,
	position: number,
	content: string,
	revision: number,
) => write(who, prdId, { type: "insert", position, content, revision });
const remove = (
	who: RawClient,
	prdId: string,
	position: number,
	length: number,
	revision: number,
) => write(who, prdId, { type: "delete", position, length, revision });

/** John's document with that text, in which Sarah has a role; both are in it. */
async function both(role = "edit", text = TEXT) {
	const prdId = `prd_123.${++names}`;
	const john = await person("user_123");
	await john.request("document:join", { prdId, mode: "edit" });
	await john.request("room:invite", { room: prdId, userId: "user_456", role });
	if (text !== "") await insert(john, prdId, 0, text, 0);
	const sarah = await person("user_456");
	const mode = role === "owner" ? "edit" : role;
	await sarah.request("document:join", { prdId, mode });
	return { prdId, john, sarah };
}

const list = async (who: RawClient, prdId: string, filter: object = {}) => {
	const { type, data } = await who.request("comment:list", {
		prdId,
		...filter,
	});
	expect(type).toBe("ack");
	return data as {
		readonly comments: readonly Record<string, unknown>[];
		readonly revision: number;
		readonly nextCursor?: string;
	};
};
const add = async (who: RawClient, prdId: string, fields: object = {}) => {
	const answer = await who.request("comment:add", {
		prdId,
		content: "Why?",
		...fields,
	});
	expect(answer).toMatchObject({ type: "ack" });
	return answer.data as Record<string, unknown> & {
		readonly commentId: string;
	};
};
const codeOf = ({ type, data }: Frame) => [type, data.code];

const EXAMPLE = {
	content: "This section needs clarification",
	position: { line: 15, ch: 0 },
	selection: { start: { line: 15, ch: 0 }, end: { line: 17, ch: 50 } },
	mentions: ["user_456"],
};

/** What everybody is told of it. */
const toldOf = (prdId: string) => ({
	commentId: expect.stringMatching(/^comment_/),
	prdId,
	author: {
		id: "user_123",
		name: "John Doe",
		avatar: "https://example.com/john.png",
	},
	...EXAMPLE,
	range: { position: expect.any(Number), length: expect.any(Number) },
	revision: 1,
	orphaned: false,
	quote: expect.stringMatching(/^Line 15 /),
	reactions: [],
	createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
});

describe("the API seed's comments", () => {
	it("[COMMENT-1] comment:add as printed tells everybody in the document, author included, over the raw door", async () => {
		const { prdId, john, sarah } = await both();
		john.send({ type: "comment:add", data: { prdId, ...EXAMPLE } });
		const told = toldOf(prdId);
		for (const who of [john, sarah])
			expect((await who.next("comment:added")).data).toEqual(told);
		expect((await sarah.next("comment:mentioned")).data).toEqual({
			commentId: expect.any(String),
			prdId,
			author: told.author,
			content: EXAMPLE.content,
			createdAt: told.createdAt,
		});
		await john.settled();
		expect(john.of("comment:mentioned")).toEqual([]);
	});

	it("[COMMENT-1] comment:add as printed does the same over Socket.IO, and the callback gets what all are told", async () => {
		const { prdId, sarah } = await both();
		const socket = overSocketio("user_123");
		await socket.next("session:ready");
		await socket.request("document:join", { prdId, mode: "comment" });
		const reply = await socket.request("comment:add", { prdId, ...EXAMPLE });
		expect(reply).toEqual({ ok: true, data: toldOf(prdId) });
		expect((await socket.next("comment:added")).data).toEqual(reply.data);
		expect((await sarah.next("comment:added")).data).toEqual(reply.data);
		socket.socket.disconnect();
	});

	it("[COMMENT-1] comment:add as printed works in a document without such lines: its places are told as named, and listed where they can be", async () => {
		const { prdId, john } = await both("edit", "");
		const { selection } = EXAMPLE;
		const added = await add(john, prdId, EXAMPLE);
		expect(added).toMatchObject({ position: EXAMPLE.position, selection });
		const [listed] = (await list(john, prdId)).comments;
		expect(listed).toMatchObject({
			position: { line: 0, ch: 0 },
			range: { position: 0, length: 0 },
			orphaned: false,
		});
	});
});

describe("where comments stand", () => {
	it("[COMMENT-2] they follow the text, in UTF-16 by line, and in code points of the whole text", async () => {
		const { prdId, john, sarah } = await both("edit", "one\n😀two\nthree");
		const { quote } = await add(john, prdId, {
			selection: { start: { line: 1, ch: 2 }, end: { line: 1, ch: 5 } },
		});
		expect(quote).toBe("two");
		await insert(sarah, prdId, 0, "😀\n", 1);
		const { comments, revision } = await list(sarah, prdId);
		expect(revision).toBe(2);
		expect(comments).toMatchObject([
			{
				position: { line: 2, ch: 2 },
				selection: { start: { line: 2, ch: 2 }, end: { line: 2, ch: 5 } },
				range: { position: 7, length: 3 },
				revision: 2,
				quote: "two",
				orphaned: false,
			},
		]);
	});

	it("[COMMENT-3] places are those of the revision that is named, however much has been written since", async () => {
		const { prdId, john, sarah } = await both("edit", "alpha beta");
		const selection = { start: { line: 0, ch: 6 }, end: { line: 0, ch: 10 } };
		await insert(sarah, prdId, 0, "a new line\n", 1);
		const added = await add(john, prdId, { selection, revision: 1 });
		expect(added).toMatchObject({
			quote: "beta",
			revision: 2,
			selection: { start: { line: 1, ch: 6 }, end: { line: 1, ch: 10 } },
		});
		const ahead = await john.request("comment:add", {
			prdId,
			content: "?",
			selection,
			revision: 3,
		});
		expect(codeOf(ahead)).toEqual(["error:comment", "REVISION_AHEAD"]);
	});

	it("[COMMENT-4] one whose text is gone is orphaned and keeps its quote, and is back when that stands there again", async () => {
		const { prdId, john } = await both("edit", "alpha beta gamma");
		await add(john, prdId, {
			selection: { start: { line: 0, ch: 6 }, end: { line: 0, ch: 10 } },
		});
		await remove(john, prdId, 5, 6, 1);
		expect((await list(john, prdId)).comments).toMatchObject([
			{ orphaned: true, quote: "beta", range: { position: 5, length: 0 } },
		]);
		await insert(john, prdId, 5, "beta", 2);
		await insert(john, prdId, 5, " ", 3);
		const { comments } = await list(john, prdId, { orphaned: true });
		expect(comments).toHaveLength(1);
		const kept = await list(john, prdId, { orphaned: false });
		expect(kept.comments).toEqual([]);
		expect((await list(john, prdId)).comments).toMatchObject([
			{ orphaned: true },
		]);
		await remove(john, prdId, 5, 1, 4);
		expect((await list(john, prdId)).comments).toMatchObject([
			{ orphaned: false, range: { position: 5, length: 4 } },
		]);
		// It holds again: what is written inside belongs to it.
		await insert(john, prdId, 0, "!", 5);
		await insert(john, prdId, 8, "--", 6);
		expect((await list(john, prdId)).comments).toMatchObject([
			{ orphaned: false, range: { position: 6, length: 6 } },
		]);
	});

	it("[COMMENT-5] a place inside a character is refused; a backward selection is turned round; without a place it is about the whole document", async () => {
		const { prdId, john } = await both("edit", "a😀b");
		const inside = { prdId, content: "?", position: { line: 0, ch: 2 } };
		expect(codeOf(await john.request("comment:add", inside))).toEqual([
			"error:comment",
			"OPERATION_INVALID",
		]);
		const backward = { start: { line: 0, ch: 3 }, end: { line: 0, ch: 0 } };
		expect(await add(john, prdId, { selection: backward })).toMatchObject({
			selection: { start: { line: 0, ch: 0 }, end: { line: 0, ch: 3 } },
			quote: "a😀",
		});
		const whole = await add(john, prdId);
		for (const field of ["position", "selection", "range", "quote"])
			expect(whole).not.toHaveProperty(field);
	});
});

describe("threads", () => {
	it("[COMMENT-6] an answer belongs to its thread, also an answer to an answer", async () => {
		const { prdId, john, sarah } = await both();
		const first = await add(john, prdId, { position: { line: 1, ch: 0 } });
		const other = await add(john, prdId);
		const parentId = first.commentId;
		const answer = await add(sarah, prdId, { parentId, content: "Because" });
		expect(answer).toMatchObject({ parentId, content: "Because" });
		expect(answer).not.toHaveProperty("position");
		const second = await add(john, prdId, { parentId: answer.commentId });
		expect(second.parentId).toBe(parentId);
		const { comments } = await list(john, prdId);
		expect(comments.map(({ commentId }) => commentId)).toEqual([
			parentId,
			answer.commentId,
			second.commentId,
			other.commentId,
		]);
		const elsewhere = await both();
		for (const prd of [prdId, elsewhere.prdId]) {
			const id = prd === prdId ? "comment_none" : parentId;
			const lost = { prdId: prd, content: "?", parentId: id };
			const who = prd === prdId ? john : elsewhere.john;
			expect(codeOf(await who.request("comment:add", lost))).toEqual([
				"error:comment",
				"NOT_FOUND",
			]);
		}
	});

	it("[COMMENT-7] a thread is resolved and reopened, by its first comment or an answer; a second time is INVALID_STATE", async () => {
		const { prdId, john, sarah } = await both("comment");
		const { commentId } = await add(john, prdId);
		const answer = await add(sarah, prdId, { parentId: commentId });
		const by = { id: "user_456", name: "Sarah Smith" };
		const ask = (type: string, id = commentId) =>
			sarah.request(type, { commentId: id });
		await ask("comment:resolve", answer.commentId);
		const resolved = (await john.next("comment:resolved")).data;
		expect(resolved).toEqual({
			commentId,
			prdId,
			resolvedBy: by,
			resolvedAt: expect.any(String),
		});
		expect(codeOf(await ask("comment:resolve"))).toEqual([
			"error:comment",
			"INVALID_STATE",
		]);
		const { comments } = await list(john, prdId, { status: "resolved" });
		expect(comments).toMatchObject([
			{ commentId, resolved: { by, at: resolved.resolvedAt } },
			{ commentId: answer.commentId },
		]);
		expect((await list(john, prdId, { status: "open" })).comments).toEqual([]);
		await ask("comment:reopen");
		expect((await john.next("comment:reopened")).data).toEqual({
			commentId,
			prdId,
			reopenedBy: by,
		});
		expect(codeOf(await ask("comment:reopen"))).toEqual([
			"error:comment",
			"INVALID_STATE",
		]);
		expect((await list(john, prdId, { status: "open" })).comments).toHaveLength(
			2,
		);
	});

	it("[COMMENT-8] its author alone edits a comment; he or an owner deletes it, a first one with its answers", async () => {
		const { prdId, john, sarah } = await both("comment");
		const { commentId } = await add(sarah, prdId);
		const johns = await add(john, prdId, { parentId: commentId });
		const forbidden = ["error:comment", "FORBIDDEN"];
		const edit = (who: RawClient, id: string) =>
			who.request("comment:edit", { commentId: id, content: "Better" });
		expect(codeOf(await edit(john, commentId))).toEqual(forbidden);
		await edit(sarah, commentId);
		const { editedAt, ...updated } = (await john.next("comment:updated")).data;
		expect(updated).toEqual({
			commentId,
			prdId,
			content: "Better",
			mentions: [],
		});
		expect((await list(john, prdId)).comments[0]).toMatchObject({
			content: "Better",
			editedAt,
		});
		const remove = (who: RawClient, id: string) =>
			who.request("comment:delete", { commentId: id });
		expect(codeOf(await remove(sarah, johns.commentId))).toEqual(forbidden);
		await remove(john, commentId);
		expect((await sarah.next("comment:deleted")).data).toMatchObject({
			commentId,
			prdId,
			deletedBy: { id: "user_123" },
		});
		expect((await list(john, prdId)).comments).toEqual([]);
		expect(codeOf(await edit(sarah, commentId))).toEqual([
			"error:comment",
			"NOT_FOUND",
		]);
	});

	it("[COMMENT-9] reactions are set and taken back by each person for himself", async () => {
		const { prdId, john, sarah } = await both("comment");
		const { commentId } = await add(john, prdId);
		const react = async (who: RawClient, fields: object) => {
			const answer = await who.request("comment:react", {
				commentId,
				...fields,
			});
			return answer.data.reactions;
		};
		await react(john, { reaction: "👍" });
		await react(sarah, { reaction: "🎉" });
		expect(await react(sarah, { reaction: "👍" })).toEqual([
			{ reaction: "👍", userIds: ["user_123", "user_456"] },
			{ reaction: "🎉", userIds: ["user_456"] },
		]);
		const after = [{ reaction: "👍", userIds: ["user_123"] }];
		await react(sarah, { reaction: "🎉", remove: true });
		expect(await react(sarah, { reaction: "👍", remove: true })).toEqual(after);
		expect((await list(john, prdId)).comments).toMatchObject([
			{ reactions: after },
		]);
		expect(john.of("comment:reacted")).toHaveLength(5);
	});
});

describe("mentions", () => {
	it("[COMMENT-10] those with access are told in all their sessions, joined or not, and have it unread until they see it", async () => {
		const { prdId, john, sarah } = await both("view");
		const far = await person("user_456");
		const stranger = await person("user_789");
		const mentions = ["user_789", "user_456", "user_123"];
		const added = await add(john, prdId, { mentions });
		expect(added.mentions).toEqual(["user_456", "user_123"]);
		const { commentId } = added;
		for (const who of [sarah, far])
			expect((await who.next("comment:mentioned")).data).toMatchObject({
				commentId,
				prdId,
				author: { id: "user_123" },
			});
		await stranger.settled();
		await john.settled();
		for (const who of [stranger, john])
			expect(who.of("comment:mentioned")).toEqual([]);
		const unread = async () =>
			(await list(sarah, prdId, { unread: true })).comments;
		expect(await unread()).toMatchObject([{ commentId, unread: true }]);
		await far.request("comment:seen", { commentId });
		expect(await unread()).toEqual([]);
		expect((await list(sarah, prdId)).comments).toMatchObject([
			{ commentId, unread: false },
		]);
	});

	it("[COMMENT-11] an edit tells those alone whom it mentions anew", async () => {
		const { prdId, john, sarah } = await both("comment");
		const { commentId } = await add(john, prdId);
		const edit = (content: string, mentions?: readonly string[]) =>
			john.request("comment:edit", {
				commentId,
				content,
				...(mentions === undefined ? {} : { mentions }),
			});
		await edit("Sarah?", ["user_456"]);
		await edit("Sarah!");
		await edit("Sarah!!", ["user_456"]);
		expect((await list(sarah, prdId)).comments).toMatchObject([
			{ content: "Sarah!!", mentions: ["user_456"], unread: true },
		]);
		expect(sarah.of("comment:mentioned")).toHaveLength(1);
		await edit("Nobody", []);
		expect((await list(sarah, prdId)).comments).toMatchObject([
			{ mentions: [], unread: false },
		]);
	});
});

describe("who may comment", () => {
	it("[COMMENT-12] to look takes view, to say something comment; nobody else learns a thing", async () => {
		const { prdId, john, sarah } = await both("view");
		const { commentId } = await add(john, prdId);
		expect((await list(sarah, prdId)).comments).toHaveLength(1);
		const says = [
			["comment:add", { prdId, content: "?" }],
			["comment:edit", { commentId, content: "?" }],
			["comment:delete", { commentId }],
			["comment:resolve", { commentId }],
			["comment:reopen", { commentId }],
			["comment:react", { commentId, reaction: "👍" }],
		] as const;
		const looks = [
			["comment:list", { prdId }],
			["comment:export", { prdId }],
			["comment:seen", { commentId }],
		] as const;
		const stranger = await person("user_789");
		const codesOf = async (
			who: RawClient,
			asked: readonly (readonly [string, object])[],
		) => {
			const codes = new Set<unknown>();
			for (const [type, data] of asked)
				codes.add(String(codeOf(await who.request(type, data))));
			return [...codes];
		};
		const forbidden = ["error:comment,FORBIDDEN"];
		expect(await codesOf(sarah, says)).toEqual(forbidden);
		expect(await codesOf(stranger, [...says, ...looks])).toEqual(forbidden);
		const missing = [["comment:list", { prdId: "nowhere" }]] as const;
		expect(await codesOf(john, missing)).toEqual(["error:comment,NOT_FOUND"]);
	});

	it("[COMMENT-13] who has not joined comments all the same; the token's permissions decide where there are any", async () => {
		const { prdId, john } = await both("edit");
		const bearer = (claims: object) =>
			connect(product.ws, { token: tokenFor("user_789", { ...claims }) });
		const named = await bearer({ permissions: { "prd_123*": "comment" } });
		await add(named, prdId, { content: "From outside" });
		expect((await john.next("comment:added")).data).toMatchObject({
			author: { id: "user_789", name: "user_789" },
			content: "From outside",
		});
		for (const permissions of [{ [prdId]: "view" }, { other: "edit" }])
			expect(
				codeOf(
					await (await bearer({ permissions })).request("comment:add", {
						prdId,
						content: "?",
					}),
				),
			).toEqual(["error:comment", "FORBIDDEN"]);
	});

	it.each([
		["content", { content: "" }],
		["content", { content: "x".repeat(10_001) }],
		["content", { content: " \n" }],
		["content", { content: "a\u0000b" }],
		["content", { content: "a\ud800b" }],
		["mentions", { mentions: Array.from({ length: 21 }, (_, i) => `u${i}`) }],
		["mentions", { mentions: ["a~2"] }],
		["parentId", { parentId: "nonsense" }],
		["position.line", { position: { line: -1, ch: 0 } }],
		[
			"selection.end.ch",
			{ selection: { start: { line: 0, ch: 0 }, end: { line: 0, ch: 0.5 } } },
		],
		["revision", { revision: -1 }],
	])("[COMMENT-14] a bad %s is refused by its name", async (field, fields) => {
		const john = await person("user_123");
		const { type, data } = await john.request("comment:add", {
			prdId: "prd_123",
			content: "?",
			...fields,
		});
		expect([type, data.code, data.data]).toEqual([
			"error:comment",
			"VALIDATION_FAILED",
			expect.objectContaining({ field }),
		]);
		await john.close();
	});

	it("[COMMENT-14] 10,000 characters and 20 mentions are taken", async () => {
		const { prdId, john } = await both("edit", "");
		const content = "é".repeat(10_000);
		const mentions = Array.from({ length: 20 }, (_, i) => `u${i}`);
		const added = await add(john, prdId, { content, mentions });
		expect(added).toMatchObject({ content, mentions: [] });
	});
});

describe("the list of comments", () => {
	const get = async (path: string, as = "user_123") => {
		const response = await fetch(product.url + path, {
			headers: { authorization: `Bearer ${tokenFor(as)}` },
		});
		const text = await response.text();
		return { status: response.status, headers: response.headers, text };
	};

	it("[COMMENT-15] is given page by page and by filters, over HTTP alike", async () => {
		const { prdId, john, sarah } = await both("comment", "");
		const contents = ["a", "b", "c", "d", "e"];
		for (const [i, content] of contents.entries())
			await add(i % 2 === 0 ? john : sarah, prdId, { content });
		const seen: unknown[] = [];
		let cursor: string | undefined;
		let pages = 0;
		do {
			const next: string = cursor === undefined ? "" : `&cursor=${cursor}`;
			const path = `/api/documents/${prdId}/comments?limit=2${next}`;
			const { status, text } = await get(path);
			expect(status).toBe(200);
			const page = JSON.parse(text);
			seen.push(...page.comments.map((c: { content: string }) => c.content));
			cursor = page.nextCursor;
			pages += 1;
		} while (cursor !== undefined);
		expect([seen, pages]).toEqual([contents, 3]);
		const { comments } = await list(john, prdId, { authorId: "user_456" });
		expect(comments.map(({ content }) => content)).toEqual(["b", "d"]);
		const [first] = (await list(john, prdId, { limit: 1 })).comments;
		const thread = { threadId: first?.commentId };
		expect((await list(john, prdId, thread)).comments).toHaveLength(1);
		const bad = await john.request("comment:list", { prdId, cursor: "x" });
		expect(codeOf(bad)).toEqual(["error:comment", "VALIDATION_FAILED"]);
	});

	it("[COMMENT-15] filters are named in the address alike", async () => {
		const { prdId, john } = await both("comment", "alpha beta");
		const selection = { start: { line: 0, ch: 0 }, end: { line: 0, ch: 5 } };
		const gone = await add(john, prdId, { selection });
		const asked = await add(john, prdId, { mentions: ["user_456"] });
		const done = await add(john, prdId);
		await john.request("comment:resolve", { commentId: done.commentId });
		await remove(john, prdId, 0, 5, 1);
		const found = async (query: string) => {
			const path = `/api/documents/${prdId}/comments?${query}`;
			const { comments } = JSON.parse((await get(path, "user_456")).text);
			return comments.map((c: { commentId: string }) => c.commentId);
		};
		expect(await found("unread=true")).toEqual([asked.commentId]);
		expect(await found("orphaned=true")).toEqual([gone.commentId]);
		expect(await found("status=resolved")).toEqual([done.commentId]);
		expect(await found(`threadId=${asked.commentId}`)).toEqual([
			asked.commentId,
		]);
		expect(await found("authorId=user_123")).toHaveLength(3);
		expect(await found("authorId=user_456")).toEqual([]);
	});

	it("[COMMENT-15] what is long comes in more pages, each with one comment at least", async () => {
		const { prdId, john } = await both("edit", "");
		for (let i = 0; i < 14; i++)
			await add(john, prdId, { content: String(i).padEnd(10_000, "x") });
		const one = await list(john, prdId);
		expect(one.comments.length).toBeLessThan(14);
		const cursor = one.nextCursor;
		const two = await list(john, prdId, { cursor });
		expect(one.comments.length + two.comments.length).toBe(14);
		expect(two).not.toHaveProperty("nextCursor");
	});

	it("[COMMENT-16] is exported as Markdown, with quotes, answers and what is resolved", async () => {
		const { prdId, john, sarah } = await both("comment", "alpha\nbeta\ngamma");
		const { commentId } = await add(john, prdId, {
			content: "Really?\n\n- yes\n- no",
			selection: { start: { line: 1, ch: 0 }, end: { line: 2, ch: 5 } },
		});
		await add(sarah, prdId, { parentId: commentId, content: "Yes" });
		await add(sarah, prdId, { content: "Fine" });
		await sarah.request("comment:resolve", { commentId });
		const path = `/api/documents/${prdId}/comments.md`;
		const { status, headers, text } = await get(path);
		expect(status).toBe(200);
		expect(headers.get("content-type")).toBe("text/markdown; charset=utf-8");
		expect(text.replace(/\d{4}-[-\d]+T[\d:.]+Z/g, "TIME")).toBe(
			[
				"# Comments",
				"",
				"## Line 2",
				"",
				"> beta",
				"> gamma",
				"",
				"- **John Doe**, TIME, resolved by Sarah Smith",
				"",
				"  Really?",
				"",
				"  - yes",
				"  - no",
				"",
				"  - **Sarah Smith**, TIME",
				"",
				"    Yes",
				"",
				"## The whole document",
				"",
				"- **Sarah Smith**, TIME",
				"",
				"  Fine",
				"",
			].join("\n"),
		);
	});

	it("[COMMENT-20] is there after a restart", async () => {
		const { prdId, john } = await both("edit", "alpha beta");
		const added = await add(john, prdId, {
			selection: { start: { line: 0, ch: 6 }, end: { line: 0, ch: 10 } },
		});
		await product.kill();
		product = await Product.start(dataDir.path);
		const again = await person("user_123");
		expect((await list(again, prdId)).comments).toEqual([
			{ ...added, unread: false },
		]);
	});

	it("[COMMENT-17] is as private over HTTP as the document", async () => {
		const { prdId } = await both("view");
		const path = `/api/documents/${prdId}/comments`;
		expect((await get(path, "user_456")).status).toBe(200);
		for (const at of [path, `${path}.md`])
			expect((await get(at, "user_789")).status).toBe(403);
		expect((await get(path.replace("prd_", "none_"))).status).toBe(404);
		expect((await get(`${path}?limit=x`)).status).toBe(400);
		expect((await get(`${path}?status=x`)).status).toBe(422);
	});
});
