import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { Comment } from "../../src/comments/comment.ts";
import type {
	CommentFilter,
	CommentStore,
	ListedComment,
} from "../../src/comments/comment-store.ts";
import { openDatabase } from "../../src/db/connect.ts";
import type { Database } from "../../src/db/database.ts";
import { SqlCommentStore } from "../../src/db/sql-comment-store.ts";
import { SqlDocumentEraser } from "../../src/db/sql-document-eraser.ts";
import { SqlFactFeed } from "../../src/db/sql-facts.ts";
import { SqlRoomStore } from "../../src/db/sql-room-store.ts";
import type { TextAnchor } from "../../src/ot/text-anchor.ts";
import type { CommentId } from "../../src/protocol/schemas/comment.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";
import { ANN, BOB, makeDocument, newComment } from "../support/comments.ts";
import type {
	CreateTestDatabase,
	TestDatabase,
} from "../support/test-database.ts";
import { newDocId } from "./desk.ts";

const CY = "cy" as UserId;
const by = (userId: UserId, atMs = 5) => ({ userId, atMs });
const anchor = (rev: number, position: number): TextAnchor => ({
	rev,
	position,
	bias: "after",
	range: { start: position, end: position + 4 },
	orphaned: false,
});

/** Every implementation of `CommentStore` keeps these rules. */
export function commentStoreContract(
	name: string,
	create: CreateTestDatabase,
): void {
	describe(`comment store on ${name}`, () => {
		let made: TestDatabase;
		let database: Database;
		let store: CommentStore;

		beforeAll(async () => {
			made = await create();
			database = await openDatabase(made.config);
			store = new SqlCommentStore(database);
		}, 60_000);
		afterAll(async () => {
			await database.close();
			made.remove();
		});

		const document = async (): Promise<DocId> => {
			const docId = newDocId();
			await makeDocument(new SqlRoomStore(database), docId);
			return docId;
		};
		const add = async (docId: DocId, parts: Partial<Comment> = {}) => {
			const comment = newComment(docId, parts);
			expect(await store.add(comment)).toBe(true);
			return comment;
		};
		const list = (
			docId: DocId,
			filter: CommentFilter = {},
			limit = 100,
			after?: ListedComment["place"],
		) => store.list(docId, BOB, filter, limit, after);
		const listed = async (docId: DocId, filter: CommentFilter = {}) =>
			(await list(docId, filter)).map(({ comment }) => comment.commentId);
		const facts = async (docId: DocId) =>
			(await new SqlFactFeed(database).since(0, 100_000)).filter(
				(fact) => fact.docId === docId,
			);

		it("[COMMENT-20] a comment is read back exactly as it was added", async () => {
			const docId = await document();
			const comment = await add(docId, {
				author: { id: ANN, name: "Ann", avatar: "https://a.b/c" },
				mentions: [CY, BOB],
				anchor: anchor(7, 3),
				quote: "beta",
			});
			expect(await store.find(comment.commentId)).toStrictEqual(comment);
			const [item] = await list(docId);
			expect(item?.comment).toStrictEqual(comment);
			expect(item?.isUnread).toBe(true);
			expect(await store.find("comment_x" as CommentId)).toBeUndefined();
		});

		it("[COMMENT-6] there is no comment without its document, no answer without its thread there", async () => {
			const docId = await document();
			const room = newDocId();
			await makeDocument(new SqlRoomStore(database), room, "room");
			for (const nowhere of [newDocId(), room])
				expect(await store.add(newComment(nowhere))).toBe(false);
			const { commentId: threadId } = await add(await document());
			expect(await store.add(newComment(docId, { threadId }))).toBe(false);
			expect(await facts(docId)).toEqual([]);
		});

		it("[COMMENT-15] they are listed by thread and then by age, from a place on", async () => {
			const docId = await document();
			const first = await add(docId);
			const second = await add(docId);
			const { threadId } = first;
			const answers = [
				await add(docId, { threadId }),
				await add(docId, { threadId }),
			];
			const order = [first, ...answers, second].map((c) => c.commentId);
			expect(await listed(docId)).toEqual(order);
			const seen: string[] = [];
			let after: ListedComment["place"] | undefined;
			for (;;) {
				const page = await list(docId, {}, 1, after);
				if (page.length === 0) break;
				seen.push(...page.map(({ comment }) => comment.commentId));
				after = page[0]?.place;
			}
			expect(seen).toEqual(order);
			expect(await listed(docId, { threadId })).toEqual(order.slice(0, 3));
		});

		it("[COMMENT-15] each filter leaves what it says, and all of them together what they all say", async () => {
			const docId = await document();
			const open = await add(docId, { mentions: [BOB] });
			const done = await add(docId, { mentions: [BOB] });
			const author = { id: CY, name: "Cy" };
			const answer = await add(docId, { threadId: done.threadId, author });
			await store.resolve(done, { by: author, atMs: 9 });
			const ids = (...comments: readonly Comment[]) =>
				comments.map(({ commentId }) => commentId);
			expect(await listed(docId, { isResolved: false })).toEqual(ids(open));
			expect(await listed(docId, { isResolved: true })).toEqual(
				ids(done, answer),
			);
			expect(await listed(docId, { authorId: CY })).toEqual(ids(answer));
			expect(await listed(docId, { isUnread: true })).toEqual(ids(open, done));
			expect(await listed(docId, { isUnread: true, isResolved: true })).toEqual(
				ids(done),
			);
			await store.seen(done.commentId, by(BOB));
			expect(await listed(docId, { isUnread: true })).toEqual(ids(open));
		});

		it("[COMMENT-11] who is mentioned before and after an edit has not to see it again", async () => {
			const docId = await document();
			const comment = await add(docId, { mentions: [BOB] });
			await store.seen(comment.commentId, by(BOB));
			const edit = (mentions: readonly UserId[]) =>
				store.edit({ ...comment, content: "new", mentions }, by(ANN));
			const unread = async () => (await list(docId))[0]?.isUnread;
			expect(await edit([CY, BOB])).toBe(true);
			expect(await unread()).toBe(false);
			expect(await store.find(comment.commentId)).toStrictEqual({
				...comment,
				content: "new",
				mentions: [CY, BOB],
				editedAtMs: 5,
			});
			await edit([]);
			await edit([BOB]);
			expect(await unread()).toBe(true);
		});

		it("[COMMENT-7] of many who resolve or reopen a thread at once one does, and leaves the one fact", async () => {
			const docId = await document();
			const thread = await add(docId);
			const author = { id: BOB, name: "Bob" };
			const all = async (act: () => Promise<boolean>) =>
				(await Promise.all(Array.from({ length: 6 }, act))).filter(Boolean);
			expect(
				await all(() => store.resolve(thread, { by: author, atMs: 7 })),
			).toEqual([true]);
			const { resolved } = (await store.find(thread.commentId)) as Comment;
			expect(resolved).toEqual({ by: author, atMs: 7 });
			expect(await all(() => store.reopen(thread, by(BOB)))).toEqual([true]);
			expect(await store.find(thread.commentId)).toStrictEqual(thread);
			expect((await facts(docId)).map(({ kind }) => kind)).toEqual([
				"comment:added",
				"comment:resolved",
				"comment:reopened",
			]);
		});

		it("[COMMENT-8] a deleted comment takes its answers with it, an answer nothing", async () => {
			const docId = await document();
			const thread = await add(docId);
			const { threadId } = thread;
			const [one, two] = [
				await add(docId, { threadId, mentions: [BOB] }),
				await add(docId, { threadId }),
			];
			await store.react(two, { reaction: "👍", isSet: true }, by(BOB));
			expect(await store.delete(one, by(ANN))).toBe(true);
			expect(await store.delete(one, by(ANN))).toBe(false);
			expect(await listed(docId)).toEqual([threadId, two.commentId]);
			expect(await store.delete(thread, by(ANN))).toBe(true);
			expect(await listed(docId)).toEqual([]);
			expect(await store.edit({ ...two, content: "x" }, by(ANN))).toBe(false);
		});

		it("[COMMENT-9] a reaction is there once for each person", async () => {
			const docId = await document();
			const comment = await add(docId);
			const react = (userId: UserId, reaction: string, isSet = true, at = 5) =>
				store.react(comment, { reaction, isSet }, by(userId, at));
			expect(await react(CY, "👍", true, 1)).toBe(true);
			expect(await react(CY, "👍", true, 2)).toBe(false);
			await react(BOB, "👍", true, 3);
			await react(BOB, "🎉", true, 4);
			const reactions = async () =>
				(await store.find(comment.commentId))?.reactions;
			expect(await reactions()).toEqual([
				{ reaction: "👍", userIds: [CY, BOB] },
				{ reaction: "🎉", userIds: [BOB] },
			]);
			expect(await react(CY, "👍", false)).toBe(true);
			expect(await react(CY, "👍", false)).toBe(false);
			await react(BOB, "🎉", false);
			expect(await reactions()).toEqual([{ reaction: "👍", userIds: [BOB] }]);
		});

		it("[COMMENT-19] of two who move an anchor the first one does", async () => {
			const docId = await document();
			const from = anchor(3, 5);
			const { commentId } = await add(docId, { anchor: from, quote: "beta" });
			await store.moveAnchors([{ commentId, from, to: anchor(9, 1) }]);
			await store.moveAnchors([{ commentId, from, to: anchor(8, 2) }]);
			expect((await store.find(commentId))?.anchor).toEqual(anchor(9, 1));
			expect(await facts(docId)).toHaveLength(1);
		});

		it("[COMMENT-20] they go with their document, and no others", async () => {
			const [docId, other] = [await document(), await document()];
			const { threadId } = await add(docId, { mentions: [BOB] });
			await add(docId, { threadId });
			const kept = await add(other);
			await new SqlDocumentEraser(database).erase(docId);
			expect(await listed(docId)).toEqual([]);
			expect(await facts(docId)).toEqual([]);
			expect(await listed(other)).toEqual([kept.commentId]);
		});
	});
}
