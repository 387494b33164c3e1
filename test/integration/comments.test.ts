import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
	add,
	CommentLab,
	codeOf,
	EXAMPLE,
	insert,
	list,
	remove,
	toldOf,
} from "../support/comment-lab.ts";
import type { RawClient } from "../support/raw-client.ts";

let lab: CommentLab;
beforeAll(async () => {
	lab = await CommentLab.start();
});
afterAll(() => lab.close());

describe("the API seed's comments", () => {
	it("[COMMENT-1] comment:add as printed tells everybody in the document, author included, over the raw door", async () => {
		const { prdId, john, sarah } = await lab.both();
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
		const { prdId, sarah } = await lab.both();
		const socket = lab.overSocketio("user_123");
		await socket.next("session:ready");
		await socket.request("document:join", { prdId, mode: "comment" });
		const reply = await socket.request("comment:add", { prdId, ...EXAMPLE });
		expect(reply).toEqual({ ok: true, data: toldOf(prdId) });
		expect((await socket.next("comment:added")).data).toEqual(reply.data);
		expect((await sarah.next("comment:added")).data).toEqual(reply.data);
		socket.socket.disconnect();
	});

	it("[COMMENT-1] comment:add as printed works in a document without such lines: its places are told as named, and listed where they can be", async () => {
		const { prdId, john } = await lab.both("edit", "");
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
		const { prdId, john, sarah } = await lab.both("edit", "one\n😀two\nthree");
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
		const { prdId, john, sarah } = await lab.both("edit", "alpha beta");
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
		const { prdId, john } = await lab.both("edit", "alpha beta gamma");
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
		const { prdId, john } = await lab.both("edit", "a😀b");
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
		const { prdId, john, sarah } = await lab.both();
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
		const elsewhere = await lab.both();
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
		const { prdId, john, sarah } = await lab.both("comment");
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
		const { prdId, john, sarah } = await lab.both("comment");
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
		const { prdId, john, sarah } = await lab.both("comment");
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
		const { prdId, john, sarah } = await lab.both("view");
		const far = await lab.person("user_456");
		const stranger = await lab.person("user_789");
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
		const { prdId, john, sarah } = await lab.both("comment");
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
