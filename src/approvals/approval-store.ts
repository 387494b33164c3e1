import type { ApprovalId } from "../protocol/schemas/approval.ts";
import type { DocId } from "../shared/ids.ts";
import type { NewFact } from "../shared/ports/fact-feed.ts";
import type { Approval, PendingApproval } from "./approval.ts";

/** Approvals with their decisions. */
export interface ApprovalStore {
	/** With its fact, in one transaction. Throws `NOT_FOUND` when there is no such document. */
	add(approval: PendingApproval, fact: NewFact): Promise<void>;
	find(approvalId: ApprovalId): Promise<Approval | undefined>;
	/**
	 * Puts the next state, with at most one decision more, in the place of this one: a compare-and-set, in one
	 * transaction with the facts of it.
	 * @returns false when it is not in this state any more; nothing was changed.
	 */
	advance(
		from: Approval,
		to: Approval,
		facts: readonly NewFact[],
	): Promise<boolean>;
	/** Of one document, newest first, at most `limit`, those asked for before the approval `before`. */
	list(
		docId: DocId,
		limit: number,
		before?: ApprovalId,
	): Promise<readonly Approval[]>;
	/**
	 * Pending ones for another version than the latest of their document, oldest first, at most `limit`; of all documents
	 * when none is named.
	 */
	listSuperseded(limit: number, docId?: DocId): Promise<readonly Approval[]>;
	/** Pending ones whose time is over, the longest first, at most `limit`. */
	listDue(nowMs: number, limit: number): Promise<readonly Approval[]>;
	/** When the next pending one is due; undefined: none has a due date. */
	findNextDueAtMs(): Promise<number | undefined>;
}
