import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
	add,
	CommentLab,
	codeOf,
	list,
	remove,
} from "../support/comment-lab.ts";

let lab: CommentLab;
beforeAll(async () => {
	lab = await CommentLab.start();
});
afterAll(() => lab.close());

describe("the list of comments", () => {
	it("[COMMENT-15] is given page by page and by filters, over HTTP alike", async () => {
		const { prdId, john, sarah } = await lab.both("comment", "");
		const contents = ["a", "b", "c", "d", "e"];
		for (const [i, content] of contents.entries())
			await add(i % 2 === 0 ? john : sarah, prdId, { content });
		const seen: unknown[] = [];
		let cursor: string | undefined;
		let pages = 0;
		do {
			const next: string = cursor === undefined ? "" : `&cursor=${cursor}`;
			const path = `/api/documents/${prdId}/comments?limit=2${next}`;
			const { status, text } = await lab.get(path);
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
		const { prdId, john } = await lab.both("comment", "alpha beta");
		const selection = { start: { line: 0, ch: 0 }, end: { line: 0, ch: 5 } };
		const gone = await add(john, prdId, { selection });
		const asked = await add(john, prdId, { mentions: ["user_456"] });
		const done = await add(john, prdId);
		await john.request("comment:resolve", { commentId: done.commentId });
		await remove(john, prdId, 0, 5, 1);
		const found = async (query: string) => {
			const path = `/api/documents/${prdId}/comments?${query}`;
			const { comments } = JSON.parse((await lab.get(path, "user_456")).text);
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
		const { prdId, john } = await lab.both("edit", "");
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
		const { prdId, john, sarah } = await lab.both(
			"comment",
			"alpha\nbeta\ngamma",
		);
		const { commentId } = await add(john, prdId, {
			content: "Really?\n\n- yes\n- no",
			selection: { start: { line: 1, ch: 0 }, end: { line: 2, ch: 5 } },
		});
		await add(sarah, prdId, { parentId: commentId, content: "Yes" });
		await add(sarah, prdId, { content: "Fine" });
		await sarah.request("comment:resolve", { commentId });
		const path = `/api/documents/${prdId}/comments.md`;
		const { status, headers, text } = await lab.get(path);
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
		const { prdId, john } = await lab.both("edit", "alpha beta");
		const added = await add(john, prdId, {
			selection: { start: { line: 0, ch: 6 }, end: { line: 0, ch: 10 } },
		});
		await lab.restart();
		const again = await lab.person("user_123");
		expect((await list(again, prdId)).comments).toEqual([
			{ ...added, unread: false },
		]);
	});

	it("[COMMENT-17] is as private over HTTP as the document", async () => {
		const { prdId } = await lab.both("view");
		const path = `/api/documents/${prdId}/comments`;
		expect((await lab.get(path, "user_456")).status).toBe(200);
		for (const at of [path, `${path}.md`])
			expect((await lab.get(at, "user_789")).status).toBe(403);
		expect((await lab.get(path.replace("prd_", "none_"))).status).toBe(404);
		expect((await lab.get(`${path}?limit=x`)).status).toBe(400);
		expect((await lab.get(`${path}?status=x`)).status).toBe(422);
	});
});
