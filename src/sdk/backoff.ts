const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * Exponential back-off with full jitter: after `failures` failed attempts (1, 2, ...) wait anything up to
 * 1, 2, 4, ... 30 s, so that clients which lost the same server do not come back together.
 */
export function backoffMs(failures: number, random: () => number): number {
	const ceilingMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
	return Math.floor(random() * ceilingMs);
}
