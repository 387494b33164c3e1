import type { Clock } from "../shared/clock.ts";

/** Real time; the one place where the client library looks at a clock. Monotonic between sleeps of the machine. */
export const systemClock: Clock = {
	nowMs: () => Math.trunc(performance.timeOrigin + performance.now()),
	after(delayMs, task) {
		const timer = setTimeout(task, delayMs);
		return () => clearTimeout(timer);
	},
};

/** Uniform in [0, 1), from the platform's secure source: client ids must not meet. */
export function systemRandom(): number {
	const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
	return word / 2 ** 32;
}
