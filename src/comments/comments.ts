import type { PutAnchor } from "../ot/text-anchor.ts";
import type { Asked } from "../protocol/asked.ts";
import { CollabError } from "../protocol/errors.ts";
import type { ServedEventName, ServerData } from "../protocol/events.ts";
import type { CommentId } from "../protocol/schemas/comment.ts";
import type { DocId, UserId } from "../shared/ids.ts";
import { actorOf } from "../shared/person.ts";
import type { Role } from "../shared/roles.ts";
import { type Comment, isReply } from "./comment.ts";
import { commentJson, isoTime } from "./comment-json.ts";
import type { Deed } from "./comment-store.ts";
import type { CommentPorts } from "./ports.ts";

/** Different reactions to one comment. */
const MOST_REACTIONS = 50;

/** What has been said, and who is to be told because he is mentioned. */
interface Said<N extends "comment:added" | "comment:updated"> {
	readonly data: ServerData<N>;
	readonly mentioned: readonly UserId[];
	readonly mention: ServerData<"comment:mentioned">;
}

/** What people say beside the text of documents. Throws `NOT_FOUND`, and `FORBIDDEN` for a lesser role than it takes. */
export class Comments {
	readonly #ports: CommentPorts;

	constructor(ports: CommentPorts) {
		this.#ports = ports;
	}

	async add(asked: Asked<"comment:add">): Promise<Said<"comment:added">> {
		const { store, admit, clock, newId } = this.#ports;
		const { data, person } = asked;
		const { prdId: docId, content, parentId } = data;
		await admit(asked, docId);
		const commentId = `comment_${newId()}` as CommentId;
		const threadId =
			parentId === undefined ? commentId : await this.#threadOf(parentId);
		const put = parentId === undefined ? await this.#anchor(data) : undefined;
		const comment: Comment = {
			commentId,
			docId,
			threadId,
			author: actorOf(person),
			content,
			mentions: await this.#mentions(docId, data.mentions),
			reactions: [],
			createdAtMs: clock.nowMs(),
			...(put === undefined ? {} : { anchor: put.anchor }),
			...(put?.quote === undefined ? {} : { quote: put.quote }),
		};
		if (!(await store.add(comment))) throw gone();
		const located = put && { revision: put.revision, standing: put };
		return said(comment, commentJson(comment, located), []);
	}

	async edit(asked: Asked<"comment:edit">): Promise<Said<"comment:updated">> {
		const { data, person } = asked;
		const { comment: before } = await this.#admitted(asked);
		const { docId, commentId } = before;
		if (before.author.id !== person.userId)
			throw new CollabError("FORBIDDEN", "Only its author edits a comment");
		const { content } = data;
		const mentions =
			data.mentions === undefined
				? before.mentions
				: await this.#mentions(docId, data.mentions);
		const deed = this.#deed(person);
		const comment = { ...before, content, mentions };
		if (!(await this.#ports.store.edit(comment, deed))) throw gone();
		const told = {
			commentId,
			prdId: docId,
			content,
			mentions,
			editedAt: isoTime(deed.atMs),
		};
		return said(comment, told, before.mentions);
	}

	async delete(
		asked: Asked<"comment:delete">,
	): Promise<ServerData<"comment:deleted">> {
		const { person } = asked;
		const { comment, role } = await this.#admitted(asked);
		if (comment.author.id !== person.userId && role !== "owner")
			throw new CollabError(
				"FORBIDDEN",
				"Only its author, or the document's owner, deletes a comment",
			);
		const { commentId, docId: prdId } = comment;
		if (!(await this.#ports.store.delete(comment, this.#deed(person))))
			throw gone();
		return { commentId, prdId, deletedBy: actorOf(person) };
	}

	/** An answer stands for its thread. Throws `INVALID_STATE` when that is resolved already. */
	async resolve(
		asked: Asked<"comment:resolve">,
	): Promise<ServerData<"comment:resolved">> {
		const { comment } = await this.#admitted(asked);
		const { threadId: commentId, docId: prdId } = comment;
		const by = actorOf(asked.person);
		const atMs = this.#ports.clock.nowMs();
		if (!(await this.#ports.store.resolve(comment, { by, atMs })))
			throw new CollabError("INVALID_STATE", "The thread is not open");
		return { commentId, prdId, resolvedBy: by, resolvedAt: isoTime(atMs) };
	}

	/** As `resolve`. */
	async reopen(
		asked: Asked<"comment:reopen">,
	): Promise<ServerData<"comment:reopened">> {
		const { person } = asked;
		const { comment } = await this.#admitted(asked);
		if (!(await this.#ports.store.reopen(comment, this.#deed(person))))
			throw new CollabError("INVALID_STATE", "The thread is not resolved");
		const { threadId: commentId, docId: prdId } = comment;
		return { commentId, prdId, reopenedBy: actorOf(person) };
	}

	async react(
		asked: Asked<"comment:react">,
	): Promise<ServerData<"comment:reacted">> {
		const { store } = this.#ports;
		const { reaction, remove = false } = asked.data;
		const { comment } = await this.#admitted(asked);
		const { commentId, docId: prdId, reactions } = comment;
		const isNew = reactions.every((known) => known.reaction !== reaction);
		if (!remove && isNew && reactions.length >= MOST_REACTIONS)
			throw new CollabError("INVALID_STATE", "It has too many reactions", {
				max: MOST_REACTIONS,
			});
		const deed = this.#deed(asked.person);
		await store.react(comment, { reaction, isSet: !remove }, deed);
		const after = await store.find(commentId);
		if (after === undefined) throw gone();
		return { commentId, prdId, reactions: after.reactions };
	}

	async seen(asked: Asked<"comment:seen">): Promise<void> {
		const { comment } = await this.#admitted(asked);
		const deed = this.#deed(asked.person);
		await this.#ports.store.seen(comment.commentId, deed);
	}

	/** The comment that is named, if it is there and he may. */
	async #admitted<N extends ServedEventName>(
		asked: Asked<N> & { readonly data: { readonly commentId: CommentId } },
	): Promise<{ readonly comment: Comment; readonly role: Role }> {
		const comment = await this.#ports.store.find(asked.data.commentId);
		if (comment === undefined) throw gone();
		return { comment, ...(await this.#ports.admit(asked, comment.docId)) };
	}

	/** Of another document, too: the store then adds nothing. */
	async #threadOf(parentId: CommentId): Promise<CommentId> {
		const parent = await this.#ports.store.find(parentId);
		if (parent === undefined) throw gone();
		return parent.threadId;
	}

	async #anchor({
		prdId,
		position,
		selection,
		revision,
	}: Asked<"comment:add">["data"]): Promise<PutAnchor | undefined> {
		const spot = {
			...(position === undefined ? {} : { position }),
			...(selection === undefined ? {} : { selection }),
		};
		if (position === undefined && selection === undefined) return undefined;
		return this.#ports.text.anchor(prdId, spot, revision);
	}

	async #mentions(
		docId: DocId,
		userIds: readonly UserId[] = [],
	): Promise<readonly UserId[]> {
		if (userIds.length === 0) return [];
		return this.#ports.withAccess(docId, userIds);
	}

	#deed({ userId }: Asked["person"]): Deed {
		return { userId, atMs: this.#ports.clock.nowMs() };
	}
}

/** @param before who was mentioned already */
function said<Data>(comment: Comment, data: Data, before: readonly UserId[]) {
	const { commentId, docId, threadId, author, content, mentions } = comment;
	return {
		data,
		mentioned: mentions.filter(
			(userId) => userId !== author.id && !before.includes(userId),
		),
		mention: {
			commentId,
			prdId: docId,
			...(isReply(comment) ? { parentId: threadId } : {}),
			author,
			content,
			createdAt: isoTime(comment.createdAtMs),
		},
	};
}

const gone = (): CollabError =>
	new CollabError("NOT_FOUND", "There is no such comment");
