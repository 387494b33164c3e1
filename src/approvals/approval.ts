import { CollabError } from "../protocol/errors.ts";
import type {
	ApprovalId,
	Outcome,
	Policy,
	Verdict,
} from "../protocol/schemas/approval.ts";
import type { DocId, UserId } from "../shared/ids.ts";

/** Somebody as he was called when he did it. */
export interface Actor {
	readonly id: UserId;
	readonly name: string;
	readonly avatar?: string;
}

/** What one approver has said; he says it once. */
export interface Decision {
	readonly approver: Actor;
	readonly verdict: Verdict;
	readonly comment?: string;
	readonly decidedAtMs: number;
}

/** Who has called it off, and why. */
export interface Cancellation {
	readonly by: Actor;
	readonly comment?: string;
}

interface Asked {
	readonly approvalId: ApprovalId;
	readonly docId: DocId;
	readonly version: string;
	/** Of the version's content: what is approved is this text, and no other. */
	readonly contentHash: string;
	readonly requester: Actor;
	/** Each of them once. */
	readonly approvers: readonly UserId[];
	readonly message?: string;
	readonly policy: Policy;
	readonly requestedAtMs: number;
	/** From then on nothing is decided any more. */
	readonly dueAtMs?: number;
	/** Oldest first. */
	readonly decisions: readonly Decision[];
}

export type PendingApproval = Asked & { readonly state: "pending" };
export type CompletedApproval = Asked & {
	readonly state: Outcome;
	readonly completedAtMs: number;
	/** Of one that was cancelled. */
	readonly cancellation?: Cancellation;
};
/** The decision process about one version of a document. */
export type Approval = PendingApproval | CompletedApproval;

export type ApprovalEvent =
	| { readonly kind: "decide"; readonly decision: Decision }
	| {
			readonly kind: "cancel";
			readonly cancellation: Cancellation;
			readonly atMs: number;
	  }
	/** A newer version is there. */
	| { readonly kind: "supersede"; readonly atMs: number }
	| { readonly kind: "expire"; readonly atMs: number };

/** Throws `FORBIDDEN` for a decision of somebody who is not asked, `INVALID_STATE` for whatever comes too late or twice. */
export function step(approval: Approval, event: ApprovalEvent): Approval {
	switch (event.kind) {
		case "decide":
			return decide(approval, event.decision);
		case "cancel":
			return {
				...complete(open(approval, event.atMs), "cancelled", event.atMs),
				cancellation: event.cancellation,
			};
		case "supersede":
			return complete(open(approval, event.atMs), "superseded", event.atMs);
		case "expire":
			return expire(approval, event.atMs);
		default:
			return unreachable(event);
	}
}

/** Pending, and its time is over. */
export const isDue = (
	approval: Approval,
	nowMs: number,
): approval is PendingApproval & { readonly dueAtMs: number } =>
	approval.state === "pending" &&
	approval.dueAtMs !== undefined &&
	approval.dueAtMs <= nowMs;

/** How many must grant. */
export function neededOf({
	policy,
	approvers,
}: Pick<Asked, "policy" | "approvers">): number {
	if (policy === "all") return approvers.length;
	return policy === "any" ? 1 : policy.quorum;
}

function decide(approval: Approval, decision: Decision): Approval {
	const { id } = decision.approver;
	if (!approval.approvers.includes(id))
		throw new CollabError("FORBIDDEN", "You are not asked to decide this");
	const pending = open(approval, decision.decidedAtMs);
	if (pending.decisions.some(({ approver }) => approver.id === id))
		throw invalidState("You have decided this already", "decided");
	const decisions = [...pending.decisions, decision];
	const next: PendingApproval = { ...pending, decisions };
	const outcome = outcomeOf(next);
	return outcome === undefined
		? next
		: complete(next, outcome, decision.decidedAtMs);
}

/** Decided as soon as those who are left cannot change it. */
function outcomeOf(approval: PendingApproval): Outcome | undefined {
	const { approvers, decisions } = approval;
	const needed = neededOf(approval);
	const granted = decisions.filter(({ verdict }) => verdict === "granted");
	if (granted.length >= needed) return "approved";
	const rejected = decisions.length - granted.length;
	return approvers.length - rejected < needed ? "rejected" : undefined;
}

/** It ended when it was due, whoever notices when. */
function expire(approval: Approval, atMs: number): Approval {
	if (isDue(approval, atMs))
		return complete(approval, "expired", approval.dueAtMs);
	throw invalidState("This approval is not due", approval.state);
}

function open(approval: Approval, atMs: number): PendingApproval {
	const state = isDue(approval, atMs) ? "expired" : approval.state;
	if (approval.state === "pending" && state === "pending") return approval;
	throw invalidState("This approval is completed", state);
}

const complete = (
	approval: PendingApproval,
	state: Outcome,
	completedAtMs: number,
): CompletedApproval => ({ ...approval, state, completedAtMs });

const invalidState = (message: string, state: string): CollabError =>
	new CollabError("INVALID_STATE", message, { state });

function unreachable(value: never): never {
	throw new TypeError(`Unexpected value ${String(value)}`);
}
