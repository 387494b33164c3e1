import type { Rate } from "../shared/token-bucket.ts";

/** What requests of one class may cost; one bucket per session. */
export interface ClassRate extends Rate {
	/** One bucket for each document instead. */
	readonly perDocument?: true;
	/**
	 * Once it is empty nothing is taken for so long: what a client has sent before it heard of the first refusal is
	 * refused with it, instead of being taken without what it builds on.
	 */
	readonly pauseMs?: number;
}

/** Every rate class of the registry; announced by event in `session:ready.limits.rates`. */
export const RATES = {
	auth: { capacity: 10, perSecond: 1 / 6 },
	control: { capacity: 200, perSecond: 100 },
	join: { capacity: 10, perSecond: 1 / 6, perDocument: true },
	recover: { capacity: 10, perSecond: 1 / 6 },
	edit: { capacity: 1_000, perSecond: 200, pauseMs: 1_000 },
	presence: { capacity: 60, perSecond: 20 },
	room: { capacity: 100, perSecond: 50 },
	review: { capacity: 100, perSecond: 10 },
} as const satisfies Record<string, ClassRate>;

export type RateClass = keyof typeof RATES;
