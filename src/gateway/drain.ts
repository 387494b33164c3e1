import { CLOSES } from "../protocol/close-codes.ts";
import type { Clock } from "../shared/clock.ts";
import type { Session } from "./session.ts";
import type { Sessions } from "./sessions.ts";

/** Clients come back spread over this many seconds. */
const RETRY_SPREAD_S = 5;
/** Share of the time limit that answers to edits may take, and that the closes are spread over. */
const PATIENCE = 1 / 3;
const STEP_MS = 50;

/** Ends all sessions of a gateway that is about to stop, without losing an answer. */
export class Drain {
	readonly #sessions: Sessions;
	readonly #clock: Clock;
	readonly #random: () => number;
	#running: Promise<void> | undefined;

	constructor(sessions: Sessions, clock: Clock, random: () => number) {
		this.#sessions = sessions;
		this.#clock = clock;
		this.#random = random;
	}

	get hasBegun(): boolean {
		return this.#running !== undefined;
	}

	/** Tells everybody, waits for what is in flight, then closes 1012 one after another. */
	run(limitMs: number): Promise<void> {
		this.#running ??= this.#run(limitMs);
		return this.#running;
	}

	async #run(limitMs: number): Promise<void> {
		const sessions = [...this.#sessions.all];
		for (const session of sessions)
			session.sendEvent("system:draining", {
				retryAfter: 1 + Math.floor(this.#random() * RETRY_SPREAD_S),
			});
		await Promise.race([
			Promise.all(sessions.flatMap(idleOf)),
			this.#pause(limitMs * PATIENCE),
		]);
		await this.#closeAll(limitMs * PATIENCE);
	}

	async #closeAll(spreadMs: number): Promise<void> {
		const sessions = [...this.#sessions.all];
		const steps = Math.max(1, Math.floor(spreadMs / STEP_MS));
		const perStep = Math.ceil(sessions.length / steps);
		for (let i = 0; i < sessions.length; i += perStep) {
			if (i > 0) await this.#pause(STEP_MS);
			for (const session of sessions.slice(i, i + perStep))
				session.close(CLOSES.restart);
		}
	}

	#pause(delayMs: number): Promise<void> {
		const { promise, resolve } = Promise.withResolvers<void>();
		this.#clock.after(delayMs, resolve);
		return promise;
	}
}

const idleOf = (session: Session): readonly Promise<void>[] =>
	[...session.memberships.values()].map((membership) => membership.idle());
