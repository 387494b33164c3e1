const STEPS = [
	["minute", 60],
	["hour", 3_600],
	["day", 86_400],
	["week", 604_800],
	["month", 2_629_800],
	["year", 31_557_600],
] as const;

/** How long ago something was, for people. */
export function timeAgo(thenMs: number, nowMs: number): string {
	const seconds = Math.max(0, (nowMs - thenMs) / 1_000);
	const step = STEPS.findLast(([, size]) => seconds >= size);
	if (step === undefined) return "just now";
	const [unit, size] = step;
	const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
	return format.format(-Math.floor(seconds / size), unit);
}
