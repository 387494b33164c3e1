/** Time as an argument: the real one in `node/platform.ts`, a hand-driven one in tests. */
export interface Clock {
	/** Milliseconds since 1970 UTC. */
	nowMs(): number;
	/** Runs `task` once after `delayMs`; the returned function cancels it. */
	after(delayMs: number, task: () => void): () => void;
}
