import type { ReplyData, ServerData } from "../protocol/events.ts";
import type {
	Approval,
	Cancellation,
	CompletedApproval,
	Decision,
} from "./approval.ts";

type Listed = ReplyData<"approval:list">["approvals"][number];

export const isoTime = (ms: number): string => new Date(ms).toISOString();

const nameOf = ({ approvalId, docId, version }: Approval) => ({
	approvalId,
	prdId: docId,
	version,
});

const commentOf = ({ comment }: { readonly comment?: string }) =>
	comment === undefined ? {} : { comment };

export const requestedJson = (
	approval: Approval,
): ServerData<"approval:requested"> => ({
	...nameOf(approval),
	contentHash: approval.contentHash,
	requester: approval.requester,
	approvers: approval.approvers,
	...(approval.message === undefined ? {} : { message: approval.message }),
	policy: approval.policy,
	...(approval.dueAtMs === undefined
		? {}
		: { dueAt: isoTime(approval.dueAtMs) }),
	requestedAt: isoTime(approval.requestedAtMs),
});

export const decidedJson = (
	approval: Approval,
	decision: Decision,
): ServerData<"approval:granted" | "approval:rejected"> => ({
	...nameOf(approval),
	approver: decision.approver,
	...commentOf(decision),
	decidedAt: isoTime(decision.decidedAtMs),
});

export const cancelledJson = (
	approval: CompletedApproval,
	cancellation: Cancellation,
): ServerData<"approval:cancelled"> => ({
	...nameOf(approval),
	cancelledBy: cancellation.by,
	...commentOf(cancellation),
	cancelledAt: isoTime(approval.completedAtMs),
});

export const completedJson = (
	approval: CompletedApproval,
): ServerData<"approval:completed"> => ({
	...nameOf(approval),
	contentHash: approval.contentHash,
	outcome: approval.state,
	completedAt: isoTime(approval.completedAtMs),
});

export const listedJson = (approval: Approval): Listed => ({
	...requestedJson(approval),
	state: approval.state,
	decisions: approval.decisions.map((decision) => ({
		approver: decision.approver,
		verdict: decision.verdict,
		...commentOf(decision),
		decidedAt: isoTime(decision.decidedAtMs),
	})),
	...(approval.state === "pending" ? {} : endJson(approval)),
});

const endJson = ({ completedAtMs, cancellation }: CompletedApproval) => ({
	completedAt: isoTime(completedAtMs),
	...(cancellation === undefined ? {} : { cancelled: cancellation }),
});
