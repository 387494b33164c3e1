import type { Compilable } from "kysely";
import type { Comment, Resolution } from "../comments/comment.ts";
import type {
	AnchorMove,
	CommentFilter,
	CommentStore,
	Deed,
	ListedComment,
	ListPlace,
} from "../comments/comment-store.ts";
import type { CommentId } from "../protocol/schemas/comment.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import type { NewFact } from "../shared/ports/fact-feed.ts";
import {
	type Beside,
	commentCells,
	commentOf,
	listedOf,
} from "./comment-row.ts";
import type { BatchStep, Database } from "./database.ts";
import type { Schema } from "./schema.ts";
import { selectComments } from "./sql-comment-list.ts";
import { withFact } from "./sql-facts.ts";
import { typedCell } from "./typed-cell.ts";

/** Comments in SQL. */
export class SqlCommentStore implements CommentStore {
	readonly #database: Database;

	constructor(database: Database) {
		this.#database = database;
	}

	async add(comment: Comment): Promise<boolean> {
		const { commentId, threadId, docId, createdAtMs, author } = comment;
		const steps = [
			{ query: this.#insert(comment).compile(), required: true } as const,
			...this.#mention(commentId, comment.mentions),
		];
		return this.#change(steps, {
			kind: "comment:added",
			docId,
			actor: author.id,
			payload: { commentId, threadId, mentions: comment.mentions },
			atMs: createdAtMs,
		});
	}

	/** Only where the thread is, or for a new one the document. */
	#insert(comment: Comment) {
		const cells = Object.entries(commentCells(comment));
		const { commentId, threadId, docId } = comment;
		const values = cells.map(([column, cell]) => typedCell(cell).as(column));
		return this.#database.kysely
			.insertInto("comments")
			.columns(cells.map(([column]) => column as keyof Schema["comments"]))
			.expression((from) =>
				threadId === commentId
					? from
							.selectFrom("rooms")
							.select(values)
							.where("room_id", "=", docId)
							.where("kind", "=", "document")
					: from
							.selectFrom("comments")
							.select(values)
							.where("comment_id", "=", threadId)
							.where("doc_id", "=", docId),
			);
	}

	async find(commentId: CommentId): Promise<Comment | undefined> {
		const row = await this.#database.kysely
			.selectFrom("comments")
			.selectAll()
			.where("comment_id", "=", commentId)
			.executeTakeFirst();
		if (row === undefined) return undefined;
		return commentOf(row, await this.#beside([commentId]));
	}

	async list(
		docId: DocId,
		reader: UserId,
		filter: CommentFilter,
		limit: number,
		after?: ListPlace,
	): Promise<readonly ListedComment[]> {
		const { kysely } = this.#database;
		const query = selectComments(kysely, docId, { reader, filter, after });
		const rows = await query.limit(limit).execute();
		const beside = await this.#beside(rows.map((row) => row.comment_id));
		return rows.map((row) => listedOf(row, beside, reader));
	}

	edit(
		comment: Pick<Comment, "commentId" | "docId" | "content" | "mentions">,
		{ userId, atMs }: Deed,
	): Promise<boolean> {
		const { commentId, docId, content, mentions } = comment;
		const { kysely } = this.#database;
		const update = kysely
			.updateTable("comments")
			.set({ content, edited_at: atMs })
			.where("comment_id", "=", commentId);
		const unmention = kysely
			.deleteFrom("comment_mentions")
			.where("comment_id", "=", commentId)
			.where("user_id", "not in", ["", ...mentions]);
		const steps = [
			{ query: update.compile(), required: true } as const,
			{ query: unmention.compile() },
			...this.#mention(commentId, mentions),
		];
		const payload = { commentId, mentions };
		const actor = userId;
		const kind = "comment:updated";
		return this.#change(steps, { kind, docId, actor, payload, atMs });
	}

	delete(
		{ commentId, docId }: Pick<Comment, "commentId" | "docId">,
		{ userId: actor, atMs }: Deed,
	): Promise<boolean> {
		const query = this.#database.kysely
			.deleteFrom("comments")
			.where("comment_id", "=", commentId);
		const payload = { commentId };
		const kind = "comment:deleted";
		return this.#step(query, { kind, docId, actor, payload, atMs });
	}

	resolve(
		{ threadId, docId }: Pick<Comment, "threadId" | "docId">,
		resolution: Resolution,
	): Promise<boolean> {
		const query = this.#database.kysely
			.updateTable("comments")
			.set({ resolved: JSON.stringify(resolution) })
			.where("comment_id", "=", threadId)
			.where("resolved", "is", null);
		const { by, atMs } = resolution;
		const payload = { commentId: threadId };
		const kind = "comment:resolved";
		return this.#step(query, { kind, docId, actor: by.id, payload, atMs });
	}

	reopen(
		{ threadId, docId }: Pick<Comment, "threadId" | "docId">,
		{ userId: actor, atMs }: Deed,
	): Promise<boolean> {
		const query = this.#database.kysely
			.updateTable("comments")
			.set({ resolved: null })
			.where("comment_id", "=", threadId)
			.where("resolved", "is not", null);
		const payload = { commentId: threadId };
		const kind = "comment:reopened";
		return this.#step(query, { kind, docId, actor, payload, atMs });
	}

	react(
		{ commentId, docId }: Pick<Comment, "commentId" | "docId">,
		{ reaction, isSet }: { readonly reaction: string; readonly isSet: boolean },
		{ userId, atMs }: Deed,
	): Promise<boolean> {
		const { kysely } = this.#database;
		const row = { comment_id: commentId, reaction, user_id: userId };
		const query = isSet
			? kysely
					.insertInto("comment_reactions")
					.columns(["comment_id", "reaction", "user_id", "at"])
					.expression((from) =>
						from
							.selectFrom("comments")
							.select([
								"comment_id",
								typedCell(reaction).as("reaction"),
								typedCell(userId).as("user_id"),
								typedCell(atMs).as("at"),
							])
							.where("comment_id", "=", commentId),
					)
					.onConflict((conflict) => conflict.doNothing())
			: kysely.deleteFrom("comment_reactions").where((where) => where.and(row));
		const payload = { commentId, reaction, isSet };
		const kind = "comment:reacted";
		return this.#step(query, { kind, docId, actor: userId, payload, atMs });
	}

	async seen(commentId: CommentId, { userId, atMs }: Deed): Promise<void> {
		const query = this.#database.kysely
			.updateTable("comment_mentions")
			.set({ seen_at: atMs })
			.where("comment_id", "=", commentId)
			.where("user_id", "=", userId)
			.where("seen_at", "is", null);
		await this.#database.batch([{ query: query.compile() }]);
	}

	async moveAnchors(moves: readonly AnchorMove[]): Promise<void> {
		const steps = moves.map(({ commentId, from, to }) =>
			this.#database.kysely
				.updateTable("comments")
				.set({ anchor_rev: to.rev, anchor: JSON.stringify(to) })
				.where("comment_id", "=", commentId)
				.where("anchor_rev", "=", from.rev)
				.where("anchor", "=", JSON.stringify(from))
				.compile(),
		);
		await this.#database.batch(steps.map((query) => ({ query })));
	}

	#mention(
		commentId: CommentId,
		userIds: readonly UserId[],
	): readonly BatchStep[] {
		return userIds.map((userId, nth) => ({
			query: this.#database.kysely
				.insertInto("comment_mentions")
				.values({ comment_id: commentId, user_id: userId, nth, seen_at: null })
				.onConflict((conflict) =>
					conflict.columns(["comment_id", "user_id"]).doUpdateSet({ nth }),
				)
				.compile(),
		}));
	}

	async #beside(commentIds: readonly string[]): Promise<Beside> {
		const { kysely } = this.#database;
		// None is no list in SQL.
		const ids = ["", ...commentIds];
		const [mentions, reactions] = await Promise.all([
			kysely
				.selectFrom("comment_mentions")
				.selectAll()
				.where("comment_id", "in", ids)
				.orderBy("nth")
				.execute(),
			kysely
				.selectFrom("comment_reactions")
				.selectAll()
				.where("comment_id", "in", ids)
				.orderBy("at")
				.orderBy("user_id")
				.execute(),
		]);
		return { mentions, reactions };
	}

	#step(query: Compilable, fact: NewFact): Promise<boolean> {
		return this.#change([{ query: query.compile(), required: true }], fact);
	}

	async #change(steps: readonly BatchStep[], fact: NewFact): Promise<boolean> {
		const [changed] = await this.#database.batch(
			withFact(this.#database, steps, fact),
		);
		return changed === 1;
	}
}
