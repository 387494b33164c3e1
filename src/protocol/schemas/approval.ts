import { actor } from "./comment.ts";
import { docId, optional, userId } from "./common.ts";
import { typed } from "./infer.ts";

const lax = { $$strict: "remove" } as const;

export const MAX_APPROVERS = 50;
const REMARK_CHARS = 2_000;
const VERSION_CHARS = 64;

export const OUTCOMES = [
	"approved",
	"rejected",
	"cancelled",
	"superseded",
	"expired",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const VERDICTS = ["granted", "rejected"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** How many of the approvers must grant: every one, one, or so many. */
export type Policy = "all" | "any" | { readonly quorum: number };

declare const brand: unique symbol;
/** `approval_` and random characters. */
export type ApprovalId = string & { readonly [brand]: "ApprovalId" };
const APPROVAL_ID = /^approval_[A-Za-z0-9_-]{1,64}$/;

interface RuleError {
	readonly type: string;
}

/** Text that passes `test`; `name` is the rule that an error names. */
const text = (name: string, max: number, test: (value: string) => boolean) =>
	({
		type: "string",
		max,
		custom: (value: unknown, errors: RuleError[]) => {
			if (typeof value === "string" && !test(value))
				errors.push({ type: name });
			return value;
		},
	}) as const;

/** What every database keeps as it is. */
const remark = text(
	"text",
	REMARK_CHARS,
	(value) => value.isWellFormed() && !value.includes("\0"),
);

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
/** ISO 8601, UTC, of a day that exists. */
const time = text("time", 32, (value) => {
	const ms = UTC.test(value) ? Date.parse(value) : Number.NaN;
	return (
		!Number.isNaN(ms) &&
		new Date(ms).toISOString().slice(0, 10) === value.slice(0, 10)
	);
});

const approvalId = typed<ApprovalId>(
	text("approvalId", 128, (value) => APPROVAL_ID.test(value)),
);
const version = { type: "string", min: 1, max: VERSION_CHARS } as const;

const policy = typed<Policy>({
	type: "multi",
	rules: [
		{ type: "enum", values: ["all", "any"] },
		{
			type: "object",
			strict: "remove",
			props: {
				quorum: { type: "number", integer: true, min: 1, max: MAX_APPROVERS },
			},
		},
	],
} as { readonly type: string });

const approvers = {
	type: "array",
	items: userId,
	min: 1,
	max: MAX_APPROVERS,
	unique: true,
} as const;

export const approvalRequest = {
	...lax,
	prdId: docId,
	version,
	approvers,
	message: optional(remark),
	policy: optional(policy),
	dueAt: optional(time),
} as const;

/** Grant, reject or cancel. */
export const approvalNamed = {
	...lax,
	approvalId,
	comment: optional(remark),
} as const;

/** `cursor`: the `nextCursor` of the page before. */
export const approvalList = {
	...lax,
	prdId: docId,
	limit: { type: "number", integer: true, min: 1, max: 100, optional: true },
	cursor: optional(approvalId),
} as const;

const named = { approvalId, prdId: docId, version: "string" } as const;
const comment = { type: "string", optional: true } as const;

export const approvalRequested = {
	...named,
	/** Of the version's content: what is approved is this text, and no other. */
	contentHash: "string",
	requester: actor,
	approvers: { type: "array", items: userId },
	message: { type: "string", optional: true },
	policy,
	dueAt: { type: "string", optional: true },
	requestedAt: "string",
} as const;

/** Granted or rejected, by one of the approvers. */
export const approvalDecided = {
	...named,
	approver: actor,
	comment,
	decidedAt: "string",
} as const;

export const approvalCancelled = {
	...named,
	cancelledBy: actor,
	comment,
	cancelledAt: "string",
} as const;

export const approvalCompleted = {
	...named,
	contentHash: "string",
	outcome: { type: "enum", values: OUTCOMES },
	completedAt: "string",
} as const;

/** Newest first; of each what has been decided, oldest first. */
export const approvalListed = {
	approvals: {
		type: "array",
		items: {
			type: "object",
			props: {
				...approvalRequested,
				state: { type: "enum", values: ["pending", ...OUTCOMES] },
				decisions: {
					type: "array",
					items: {
						type: "object",
						props: {
							approver: actor,
							verdict: { type: "enum", values: VERDICTS },
							comment,
							decidedAt: "string",
						},
					},
				},
				completedAt: { type: "string", optional: true },
				cancelled: {
					type: "object",
					optional: true,
					props: { by: actor, comment },
				},
			},
		},
	},
	nextCursor: optional(approvalId),
} as const;
