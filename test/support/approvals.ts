import { randomUUID } from "node:crypto";
import type {
	Actor,
	Decision,
	PendingApproval,
} from "../../src/approvals/approval.ts";
import type {
	ApprovalId,
	Verdict,
} from "../../src/protocol/schemas/approval.ts";
import type { DocId, UserId } from "../../src/shared/ids.ts";

export const NOW_MS = 1_700_000_000_000;

export const userOf = (name: string): UserId => name as UserId;
export const actorOf = (name: string): Actor => ({
	id: userOf(name),
	name: `${name} 👩‍⚖️`,
});

/** What Ann has asked Bob and Cy. */
export const pendingApproval = (
	parts: Partial<PendingApproval> = {},
): PendingApproval => ({
	approvalId: `approval_${randomUUID()}` as ApprovalId,
	docId: "doc" as DocId,
	version: "1.3.0",
	contentHash: "abc123",
	requester: actorOf("ann"),
	approvers: ["bob", "cy"].map(userOf),
	policy: "all",
	requestedAtMs: NOW_MS,
	decisions: [],
	state: "pending",
	...parts,
});

export const decisionOf = (
	name: string,
	verdict: Verdict = "granted",
	parts: Partial<Decision> = {},
): Decision => ({
	approver: actorOf(name),
	verdict,
	decidedAtMs: NOW_MS + 1,
	...parts,
});
