import { setImmediate as nextTurn } from "node:timers/promises";
import type { SubmissionResult } from "../../src/protocol/submission.ts";

/** `committed 3`, `known 3`, `unknown`, or the code and reason of a refusal. */
export function outcome(result: SubmissionResult | undefined): string {
	switch (result?.outcome) {
		case "committed":
			return `committed ${result.rev}`;
		case "known":
			return `known ${result.message.head.rev}`;
		case "refused": {
			const { code, data } = result.error;
			return data?.reason === undefined
				? code
				: `${code} ${String(data.reason)}`;
		}
		default:
			return "unknown";
	}
}

export const outcomes = async (
	results: Promise<readonly SubmissionResult[]>,
): Promise<readonly string[]> => (await results).map(outcome);

/** Lets everything happen that waits for nothing but its turn. */
export async function turns(count = 5): Promise<void> {
	for (let i = 0; i < count; i++) await nextTurn();
}
