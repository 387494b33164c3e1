import type { SubmissionResult } from "../protocol/submission.ts";
import type { Clock } from "../shared/clock.ts";

const LATE: SubmissionResult = { outcome: "unknown", reason: "slow" };

/** The results in their order; what has none after `patienceMs` is `unknown`, and its author's gateway asks again. */
export function answersWithin(
	patienceMs: number,
	clock: Clock,
	results: readonly Promise<SubmissionResult>[],
): Promise<readonly SubmissionResult[]> {
	const { promise, resolve } =
		Promise.withResolvers<readonly SubmissionResult[]>();
	const answers: SubmissionResult[] = results.map(() => LATE);
	const finish = (): void => {
		cancel();
		resolve([...answers]);
	};
	const cancel = clock.after(patienceMs, finish);
	let open = results.length;
	for (const [i, result] of results.entries())
		void result.then((answer) => {
			answers[i] = answer;
			open -= 1;
			if (open === 0) finish();
		});
	if (open === 0) finish();
	return promise;
}
