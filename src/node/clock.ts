import type { Clock } from "../shared/clock.ts";

/** The real time. Its timers do not keep the process alive. */
export const systemClock: Clock = {
	nowMs: () => Date.now(),
	after(delayMs, task) {
		const timer = setTimeout(task, delayMs).unref();
		return () => clearTimeout(timer);
	},
};
