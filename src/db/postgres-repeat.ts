import { CollabError } from "../protocol/errors.ts";
import { isRepeatable } from "./postgres-errors.ts";

const REPEATS = 10;

/** Runs it again while it is the victim of a deadlock or a serialization failure: nothing of it was written then. */
export async function repeatedly<Result>(
	run: () => Promise<Result>,
): Promise<Result> {
	for (let repeats = 0; ; repeats += 1)
		try {
			return await run();
		} catch (error) {
			const failure = error instanceof CollabError ? error.cause : error;
			if (!isRepeatable(failure) || repeats === REPEATS) throw error;
		}
}
