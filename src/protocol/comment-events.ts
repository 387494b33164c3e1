import { served, server } from "./event.ts";
import * as comments from "./schemas/comment.ts";

/** What is said beside the text. */
export const COMMENT_EVENTS = {
	"comment:add": served(comments.commentAdd, {
		role: "comment",
		rate: "review",
		action: "comments.add",
		answer: "comment:added",
	}),
	"comment:edit": served(comments.commentEdit, {
		role: "comment",
		rate: "review",
		action: "comments.edit",
		answer: "comment:updated",
	}),
	"comment:delete": served(comments.commentNamed, {
		role: "comment",
		rate: "review",
		action: "comments.delete",
		answer: "comment:deleted",
	}),
	"comment:resolve": served(comments.commentNamed, {
		role: "comment",
		rate: "review",
		action: "comments.resolve",
		answer: "comment:resolved",
	}),
	"comment:reopen": served(comments.commentNamed, {
		role: "comment",
		rate: "review",
		action: "comments.reopen",
		answer: "comment:reopened",
	}),
	"comment:react": served(comments.commentReact, {
		role: "comment",
		rate: "review",
		action: "comments.react",
		answer: "comment:reacted",
	}),
	"comment:seen": served(comments.commentNamed, {
		role: "view",
		rate: "review",
		action: "comments.seen",
		answer: null,
	}),
	"comment:list": served(comments.commentList, {
		role: "view",
		rate: "review",
		action: "comments.list",
		answer: null,
		reply: comments.commentListed,
	}),
	"comment:export": served(comments.commentExport, {
		role: "view",
		rate: "review",
		action: "comments.export",
		answer: null,
		reply: comments.commentExported,
	}),
	"comment:added": server(comments.commentAdded),
	"comment:updated": server(comments.commentUpdated),
	"comment:deleted": server(comments.commentDeleted),
	"comment:resolved": server(comments.commentResolved),
	"comment:reopened": server(comments.commentReopened),
	"comment:reacted": server(comments.commentReacted),
	"comment:mentioned": server(comments.commentMentioned),
} as const;
