import type {
	Approval,
	Cancellation,
	Decision,
} from "../approvals/approval.ts";
import type { ApprovalId } from "../protocol/schemas/approval.ts";
import type { DocId } from "../shared/ids.ts";
import type { Schema } from "./schema.ts";

type ApprovalRow = Schema["approvals"];
type DecisionRow = Schema["approval_decisions"];

/** The columns of a new row that are not null. */
export const approvalCells = (approval: Approval): Partial<ApprovalRow> => ({
	approval_id: approval.approvalId,
	doc_id: approval.docId,
	version: approval.version,
	content_hash: approval.contentHash,
	requester: JSON.stringify(approval.requester),
	approvers: JSON.stringify(approval.approvers),
	policy: JSON.stringify(approval.policy),
	state: approval.state,
	decided: approval.decisions.length,
	requested_at: approval.requestedAtMs,
	...(approval.message === undefined ? {} : { message: approval.message }),
	...(approval.dueAtMs === undefined ? {} : { due_at: approval.dueAtMs }),
});

/** The columns that a step changes. */
export function stateCells(approval: Approval): Partial<ApprovalRow> {
	const { state, decisions } = approval;
	const decided = decisions.length;
	if (state === "pending") return { state, decided };
	const { completedAtMs, cancellation } = approval;
	return {
		state,
		decided,
		completed_at: completedAtMs,
		cancellation:
			cancellation === undefined ? null : JSON.stringify(cancellation),
	};
}

export const decisionRow = (
	approvalId: ApprovalId,
	nth: number,
	decision: Decision,
): DecisionRow => ({
	approval_id: approvalId,
	approver_id: decision.approver.id,
	nth,
	approver: JSON.stringify(decision.approver),
	verdict: decision.verdict,
	comment: decision.comment ?? null,
	decided_at: decision.decidedAtMs,
});

/** @param decisions of that approval, by `nth`; they may have been read after the row and hold later ones */
export function approvalOf(
	row: ApprovalRow,
	decisions: readonly DecisionRow[],
): Approval {
	const asked = {
		approvalId: row.approval_id as ApprovalId,
		docId: row.doc_id as DocId,
		version: row.version,
		contentHash: row.content_hash,
		requester: JSON.parse(row.requester) as Approval["requester"],
		approvers: JSON.parse(row.approvers) as Approval["approvers"],
		...(row.message === null ? {} : { message: row.message }),
		policy: JSON.parse(row.policy) as Approval["policy"],
		requestedAtMs: row.requested_at,
		...(row.due_at === null ? {} : { dueAtMs: row.due_at }),
		decisions: decisions.slice(0, row.decided).map(decisionOf),
	};
	const { state, completed_at, cancellation } = row;
	if (state === "pending") return { ...asked, state };
	return {
		...asked,
		state,
		completedAtMs: completed_at ?? 0,
		...(cancellation === null
			? {}
			: { cancellation: JSON.parse(cancellation) as Cancellation }),
	};
}

const decisionOf = (row: DecisionRow): Decision => ({
	approver: JSON.parse(row.approver) as Decision["approver"],
	verdict: row.verdict,
	...(row.comment === null ? {} : { comment: row.comment }),
	decidedAtMs: row.decided_at,
});
