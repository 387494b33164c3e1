import { CollabError } from "../protocol/errors.ts";
import type { ClientData } from "../protocol/events.ts";
import type { ApprovalId } from "../protocol/schemas/approval.ts";
import { neededOf, type PendingApproval } from "./approval.ts";

type Request = ClientData<"approval:request">;
type Given = Pick<
	PendingApproval,
	"approvalId" | "contentHash" | "requester" | "requestedAtMs"
>;

const YEAR_MS = 366 * 24 * 3_600_000;

/** What a request asks beyond its form. Throws `VALIDATION_FAILED` with the field. */
export function checkRequest(
	{ approvers, policy = "all", dueAt }: Request,
	nowMs: number,
): void {
	if (neededOf({ policy, approvers }) > approvers.length)
		throw badField("policy", "More grants are needed than people are asked");
	if (dueAt === undefined) return;
	const inMs = Date.parse(dueAt) - nowMs;
	if (inMs <= 0) throw badField("dueAt", "The due date has passed");
	if (inMs > YEAR_MS)
		throw badField("dueAt", "The due date is more than a year away");
}

export const newApproval = (
	{ prdId, version, approvers, message, policy = "all", dueAt }: Request,
	given: Given,
): PendingApproval => ({
	...given,
	docId: prdId,
	version,
	approvers,
	...(message === undefined ? {} : { message }),
	policy,
	...(dueAt === undefined ? {} : { dueAtMs: Date.parse(dueAt) }),
	decisions: [],
	state: "pending",
});

export const approvalIdOf = (random: string): ApprovalId =>
	`approval_${random}` as ApprovalId;

const badField = (field: string, message: string): CollabError =>
	new CollabError("VALIDATION_FAILED", message, { field });
