import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { add, CommentLab, codeOf, list } from "../support/comment-lab.ts";
import type { RawClient } from "../support/raw-client.ts";

let lab: CommentLab;
beforeAll(async () => {
	lab = await CommentLab.start();
});
afterAll(() => lab.close());

describe("who may comment", () => {
	it("[COMMENT-12] to look takes view, to say something comment; nobody else learns a thing", async () => {
		const { prdId, john, sarah } = await lab.both("view");
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
		const stranger = await lab.person("user_789");
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
		const { prdId, john } = await lab.both("edit");
		const bearer = (claims: Readonly<Record<string, unknown>>) =>
			lab.person("user_789", claims);
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
		const john = await lab.person("user_123");
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
		const { prdId, john } = await lab.both("edit", "");
		const content = "é".repeat(10_000);
		const mentions = Array.from({ length: 20 }, (_, i) => `u${i}`);
		const added = await add(john, prdId, { content, mentions });
		expect(added).toMatchObject({ content, mentions: [] });
	});
});
