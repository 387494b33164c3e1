import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
	type Approval,
	type ApprovalEvent,
	step,
} from "../../src/approvals/approval.ts";
import { CollabError } from "../../src/protocol/errors.ts";
import {
	type Outcome,
	type Policy,
	VERDICTS,
	type Verdict,
} from "../../src/protocol/schemas/approval.ts";
import {
	actorOf,
	decisionOf,
	NOW_MS,
	pendingApproval,
	userOf,
} from "../support/approvals.ts";

const names = Array.from({ length: 6 }, (_, i) => `user-${i}`);

interface Settings {
	readonly approvers: readonly string[];
	readonly policy: Policy;
	readonly dueInMs: number | undefined;
}
type Act =
	| { readonly kind: "decide"; readonly who: string; readonly verdict: Verdict }
	| { readonly kind: "cancel" }
	| { readonly kind: "supersede" }
	| { readonly kind: "expire" };
interface Move {
	readonly act: Act;
	readonly afterMs: number;
}

const settings: fc.Arbitrary<Settings> = fc
	.subarray(names.slice(0, 5), { minLength: 1 })
	.chain((approvers) =>
		fc.record({
			approvers: fc.constant(approvers),
			policy: fc.oneof(
				fc.constantFrom<Policy>("all", "any"),
				fc
					.integer({ min: 1, max: approvers.length })
					.map((quorum) => ({ quorum })),
			),
			dueInMs: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
		}),
	);
const decide: fc.Arbitrary<Act> = fc.record({
	kind: fc.constant("decide" as const),
	who: fc.constantFrom(...names),
	verdict: fc.constantFrom(...VERDICTS),
});
const end = fc.constantFrom<Act>(
	{ kind: "cancel" },
	{ kind: "supersede" },
	{ kind: "expire" },
);
const moves: fc.Arbitrary<readonly Move[]> = fc.array(
	fc.record({
		act: fc.oneof(
			{ weight: 9, arbitrary: decide },
			{ weight: 1, arbitrary: end },
		),
		afterMs: fc.integer({ min: 0, max: 10 }),
	}),
	{ maxLength: 16, size: "max" },
);

/** The rules in the plainest words: who has said what, and how it ended. */
class Model {
	readonly said: [string, Verdict][] = [];
	outcome: Outcome | undefined;
	readonly #settings: Settings;

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	/** @returns the code of the refusal */
	play(act: Act, passedMs: number): string | undefined {
		const { approvers, dueInMs } = this.#settings;
		const isLate = dueInMs !== undefined && passedMs >= dueInMs;
		if (act.kind === "decide" && !approvers.includes(act.who))
			return "FORBIDDEN";
		if (this.outcome !== undefined) return "INVALID_STATE";
		if (act.kind === "expire") {
			if (!isLate) return "INVALID_STATE";
			this.outcome = "expired";
			return undefined;
		}
		if (isLate) return "INVALID_STATE";
		if (act.kind === "cancel") this.outcome = "cancelled";
		else if (act.kind === "supersede") this.outcome = "superseded";
		else return this.#say(act.who, act.verdict);
		return undefined;
	}

	#say(who: string, verdict: Verdict): string | undefined {
		if (this.said.some(([name]) => name === who)) return "INVALID_STATE";
		this.said.push([who, verdict]);
		const silent = this.#settings.approvers.length - this.said.length;
		const grants = this.said.filter(([, said]) => said === "granted").length;
		if (this.#isEnough(grants)) this.outcome = "approved";
		else if (!this.#isEnough(grants + silent)) this.outcome = "rejected";
		return undefined;
	}

	#isEnough(grants: number): boolean {
		const { policy, approvers } = this.#settings;
		if (policy === "any") return grants > 0;
		if (policy === "all") return grants === approvers.length;
		return grants >= policy.quorum;
	}
}

function eventOf(act: Act, atMs: number): ApprovalEvent {
	if (act.kind === "decide") {
		const parts = { decidedAtMs: atMs };
		const decision = decisionOf(act.who, act.verdict, parts);
		return { kind: act.kind, decision };
	}
	if (act.kind === "cancel")
		return { ...act, cancellation: { by: actorOf("ann") }, atMs };
	return { ...act, atMs };
}

function refusalOf(task: () => void): string | undefined {
	try {
		task();
	} catch (error) {
		if (error instanceof CollabError) return error.code;
		throw error;
	}
	return undefined;
}

describe("an approval", () => {
	it("[APPROVAL-4] goes through its states as the rules say, whatever happens in whatever order", () => {
		const seen = new Set<string>();
		fc.assert(
			fc.property(settings, moves, (given, played) => {
				const model = new Model(given);
				const { approvers, policy, dueInMs } = given;
				let approval: Approval = pendingApproval({
					approvers: approvers.map(userOf),
					policy,
					...(dueInMs === undefined ? {} : { dueAtMs: NOW_MS + dueInMs }),
				});
				let passedMs = 0;
				for (const { act, afterMs } of played) {
					passedMs += afterMs;
					const before = structuredClone(approval);
					const refusal = refusalOf(() => {
						approval = step(approval, eventOf(act, NOW_MS + passedMs));
					});
					expect(refusal).toBe(model.play(act, passedMs));
					if (refusal !== undefined) expect(approval).toStrictEqual(before);
					expect(approval.state).toBe(model.outcome ?? "pending");
					expect(
						approval.decisions.map((one) => [one.approver.id, one.verdict]),
					).toEqual(model.said);
					seen.add(approval.state);
				}
			}),
			{ numRuns: 1_000 },
		);
		// Every state has been reached: the moves are not all refused.
		expect(seen.size).toBe(6);
	});

	it("[APPROVAL-3] ends the same way in whatever order the same people decide", () => {
		const verdicts = fc.array(fc.constantFrom(...VERDICTS), {
			minLength: 5,
			maxLength: 5,
		});
		const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });
		fc.assert(
			fc.property(settings, verdicts, order, (given, said, turns) => {
				const outcomeOf = (sequence: readonly number[]): string =>
					sequence.reduce<Approval>(
						(approval, i) => {
							const who = given.approvers[i];
							if (who === undefined || approval.state !== "pending")
								return approval;
							const decision = decisionOf(who, said[i]);
							return step(approval, { kind: "decide", decision });
						},
						pendingApproval({
							approvers: given.approvers.map(userOf),
							policy: given.policy,
						}),
					).state;
				const inOrder = outcomeOf([0, 1, 2, 3, 4]);
				expect(["approved", "rejected"]).toContain(inOrder);
				expect(outcomeOf(turns)).toBe(inOrder);
			}),
			{ numRuns: 500 },
		);
	});
});
