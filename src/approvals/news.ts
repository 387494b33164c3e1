import type { ServerData } from "../protocol/events.ts";
import type { UserId } from "../shared/ids.ts";
import type { NewFact } from "../shared/ports/fact-feed.ts";
import type {
	Approval,
	ApprovalEvent,
	CompletedApproval,
	PendingApproval,
} from "./approval.ts";
import {
	cancelledJson,
	completedJson,
	decidedJson,
	requestedJson,
} from "./approval-json.ts";

type Name =
	| "approval:requested"
	| "approval:granted"
	| "approval:rejected"
	| "approval:cancelled"
	| "approval:completed";

/** An event that people are told, and whose doing it was. */
export type News = {
	readonly [N in Name]: {
		readonly name: N;
		readonly data: ServerData<N>;
		readonly actor: UserId;
		readonly atMs: number;
	};
}[Name];

/** Tells everybody in the document, and all sessions of requester and approvers beside. */
export type TellNews = (
	news: News,
	about: Pick<Approval, "docId" | "requester" | "approvers">,
) => void;

export const newsOfRequest = (approval: PendingApproval): News => ({
	name: "approval:requested",
	data: requestedJson(approval),
	actor: approval.requester.id,
	atMs: approval.requestedAtMs,
});

/** What a step that led to this state has brought, in the order in which it is told. */
export function newsOf(
	approval: Approval,
	event: ApprovalEvent,
): readonly News[] {
	const own = newsOfAct(approval, event);
	if (approval.state === "pending") return own;
	return [...own, newsOfEnd(approval, own.at(-1)?.actor)];
}

function newsOfAct(approval: Approval, event: ApprovalEvent): readonly News[] {
	if (event.kind === "decide") {
		const { decision } = event;
		const name = `approval:${decision.verdict}` as const;
		const data = decidedJson(approval, decision);
		const { approver, decidedAtMs: atMs } = decision;
		return [{ name, data, actor: approver.id, atMs }];
	}
	if (event.kind !== "cancel" || approval.state === "pending") return [];
	const { cancellation, atMs } = event;
	const data = cancelledJson(approval, cancellation);
	const actor = cancellation.by.id;
	return [{ name: "approval:cancelled", data, actor, atMs }];
}

/** What ends by itself is the requester's. */
const newsOfEnd = (
	approval: CompletedApproval,
	actor: UserId = approval.requester.id,
): News => ({
	name: "approval:completed",
	data: completedJson(approval),
	actor,
	atMs: approval.completedAtMs,
});

/** For the list of facts: what it was and who did it, without what people wrote to it. */
export const factOf = (
	{ name, actor, atMs, data }: News,
	{ docId, approvalId, version, contentHash }: Approval,
): NewFact => ({
	kind: name,
	docId,
	actor,
	payload: {
		approvalId,
		version,
		contentHash,
		...("outcome" in data ? { outcome: data.outcome } : {}),
	},
	atMs,
});
