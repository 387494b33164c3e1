import { served, server } from "./event.ts";
import * as approvals from "./schemas/approval.ts";

/** Who has asked whom to approve which version, and what came of it. */
export const APPROVAL_EVENTS = {
	"approval:request": served(approvals.approvalRequest, {
		role: "edit",
		rate: "review",
		action: "approvals.request",
		answer: "approval:requested",
	}),
	/** Who is named decides, with or without a role in the document. */
	"approval:grant": served(approvals.approvalNamed, {
		role: null,
		rate: "review",
		action: "approvals.grant",
		answer: "approval:granted",
	}),
	"approval:reject": served(approvals.approvalNamed, {
		role: null,
		rate: "review",
		action: "approvals.reject",
		answer: "approval:rejected",
	}),
	"approval:cancel": served(approvals.approvalNamed, {
		role: null,
		rate: "review",
		action: "approvals.cancel",
		answer: "approval:cancelled",
	}),
	"approval:list": served(approvals.approvalList, {
		role: "view",
		rate: "review",
		action: "approvals.list",
		answer: null,
		reply: approvals.approvalListed,
	}),
	"approval:requested": server(approvals.approvalRequested),
	"approval:granted": server(approvals.approvalDecided),
	"approval:rejected": server(approvals.approvalDecided),
	"approval:cancelled": server(approvals.approvalCancelled),
	"approval:completed": server(approvals.approvalCompleted),
} as const;
