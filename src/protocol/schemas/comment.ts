import { count, docId, optional, userId } from "./common.ts";
import { typed } from "./infer.ts";

const lax = { $$strict: "remove" } as const;

export const CONTENT_CHARS = 10_000;
export const MENTIONS = 20;
const REACTION_CHARS = 32;

declare const brand: unique symbol;
/** `comment_` and random characters. */
export type CommentId = string & { readonly [brand]: "CommentId" };
const COMMENT_ID = "^comment_[A-Za-z0-9_-]{1,64}$";

interface RuleError {
	readonly type: string;
}

/** Text that every database keeps as it is, and of which something is to be seen. */
const isReadable = (value: string): boolean =>
	value.isWellFormed() && !value.includes("\0") && value.trim() !== "";

const readable = (max: number) =>
	({
		type: "string",
		min: 1,
		max,
		custom: (value: unknown, errors: RuleError[]) => {
			if (typeof value === "string" && !isReadable(value))
				errors.push({ type: "text" });
			return value;
		},
	}) as const;

const commentId = typed<CommentId>({
	type: "string",
	pattern: COMMENT_ID,
} as { readonly type: string });

/** Line from 0, and UTF-16 unit in it from 0, in every session. */
const place = {
	type: "object",
	strict: "remove",
	props: { line: count, ch: count },
} as const;

const selection = {
	type: "object",
	strict: "remove",
	props: { start: place, end: place },
} as const;

const mentions = {
	type: "array",
	items: userId,
	max: MENTIONS,
	unique: true,
} as const;

/** Neither `position` nor `selection`: it is about the whole document. `revision`: of the text in which these stand; absent: the head. */
export const commentAdd = {
	...lax,
	prdId: docId,
	content: readable(CONTENT_CHARS),
	position: optional(place),
	selection: optional(selection),
	revision: optional(count),
	mentions: optional(mentions),
	parentId: optional(commentId),
} as const;

export const commentEdit = {
	...lax,
	commentId,
	content: readable(CONTENT_CHARS),
	mentions: optional(mentions),
} as const;

/** Delete, resolve, reopen, or seen by somebody who is mentioned. */
export const commentNamed = { ...lax, commentId } as const;

/** Sets one's own reaction, or with `remove` takes it back. */
export const commentReact = {
	...lax,
	commentId,
	reaction: readable(REACTION_CHARS),
	remove: { type: "boolean", optional: true },
} as const;

export const THREAD_STATES = ["open", "resolved"] as const;

/** Every filter that is there must hold; a thread's replies stand behind its first comment. `cursor`: the `nextCursor` of the page before. */
export const commentList = {
	...lax,
	prdId: docId,
	status: { type: "enum", values: THREAD_STATES, optional: true },
	authorId: optional(userId),
	/** Those in which the caller is mentioned and which he has not seen. */
	unread: { type: "boolean", optional: true },
	threadId: optional(commentId),
	/** Those whose text is gone, or those whose text is not; a page may then have fewer than it could. */
	orphaned: { type: "boolean", optional: true },
	limit: { type: "number", integer: true, min: 1, max: 200, optional: true },
	cursor: { type: "string", max: 64, optional: true },
} as const;

export const commentExport = {
	...lax,
	prdId: docId,
	cursor: { type: "string", max: 64, optional: true },
} as const;

/** Who did something. */
export const actor = {
	type: "object",
	props: {
		id: userId,
		name: "string",
		avatar: { type: "string", optional: true },
	},
} as const;

/** Where a comment stands in the text of `revision`; absent for one about the whole document, and for replies. */
const standing = {
	position: optional(place),
	selection: optional(selection),
	/** The selection in code points; of length 0 at the position when there is none. */
	range: {
		type: "object",
		optional: true,
		props: { position: count, length: count },
	},
	revision: optional(count),
	/** What was selected is no longer in the text. */
	orphaned: "boolean",
	/** The selected text when the comment was made, its beginning at least. */
	quote: { type: "string", optional: true },
} as const;

const reactions = {
	type: "array",
	items: {
		type: "object",
		props: { reaction: "string", userIds: { type: "array", items: userId } },
	},
} as const;

const comment = {
	commentId,
	prdId: docId,
	/** The thread's first comment; absent for itself. */
	parentId: optional(commentId),
	author: actor,
	content: "string",
	...standing,
	/** Those with access to the document. */
	mentions: { type: "array", items: userId },
	reactions,
	createdAt: "string",
	editedAt: { type: "string", optional: true },
	/** Present while the thread is resolved. */
	resolved: {
		type: "object",
		optional: true,
		props: { by: actor, at: "string" },
	},
} as const;

export const commentAdded = comment;

export const commentUpdated = {
	commentId,
	prdId: docId,
	content: "string",
	mentions: { type: "array", items: userId },
	editedAt: "string",
} as const;

/** With a thread's first comment its replies go. */
export const commentDeleted = {
	commentId,
	prdId: docId,
	deletedBy: actor,
} as const;

export const commentResolved = {
	commentId,
	prdId: docId,
	resolvedBy: actor,
	resolvedAt: "string",
} as const;

export const commentReopened = {
	commentId,
	prdId: docId,
	reopenedBy: actor,
} as const;

export const commentReacted = { commentId, prdId: docId, reactions } as const;

/** To the mentioned alone. */
export const commentMentioned = {
	commentId,
	prdId: docId,
	parentId: optional(commentId),
	author: actor,
	content: "string",
	createdAt: "string",
} as const;

/** `unread`: the caller is mentioned in it and has not seen it. */
export const commentListed = {
	comments: {
		type: "array",
		items: {
			type: "object",
			props: { ...comment, unread: { type: "boolean" } },
		},
	},
	/** Of the text in which they stand. */
	revision: count,
	nextCursor: { type: "string", optional: true },
} as const;

/** Pages that follow one another as one text. */
export const commentExported = {
	markdown: "string",
	nextCursor: { type: "string", optional: true },
} as const;
