import type {
	PresenceState,
	PresenceStatus,
	PresentSession,
} from "./presence-book.ts";

/** Without activity for this long a session is idle, and then away, whatever its client says. */
export const IDLE_MS = 60_000;
export const AWAY_MS = 300_000;

export type Place = Pick<PresenceState, "cursor" | "selection" | "revision">;

/** One session's presence in one document, as it makes it itself; `true` answers: something others see has changed. */
export class OwnPresence {
	#place: Place = {};
	#status: PresenceStatus | undefined;
	/** The status was not set by the client: its next activity ends it. */
	#isFound = false;
	#activeAtMs: number;

	constructor(nowMs: number) {
		this.#activeAtMs = nowMs;
	}

	get status(): PresenceStatus | undefined {
		return this.#status;
	}

	get lastActivity(): string {
		return new Date(this.#activeAtMs).toISOString();
	}

	/** A cursor without a selection ends the selection before it. */
	move({ cursor, selection, revision }: Place, nowMs: number): true {
		this.act(nowMs);
		this.#place = {
			...(cursor === undefined ? {} : { cursor }),
			...(selection === undefined ? {} : { selection }),
			...(revision === undefined ? {} : { revision }),
		};
		return true;
	}

	/** To say that one is idle or away is no activity. */
	say(status: PresenceStatus, nowMs: number): true {
		if (status === "typing") this.#activeAtMs = nowMs;
		this.#status = status;
		this.#isFound = false;
		return true;
	}

	act(nowMs: number): boolean {
		this.#activeAtMs = nowMs;
		if (!this.#isFound) return false;
		this.#isFound = false;
		this.#status = undefined;
		return true;
	}

	watch(nowMs: number): boolean {
		const silentMs = nowMs - this.#activeAtMs;
		if (silentMs >= AWAY_MS) return this.#find("away");
		return silentMs >= IDLE_MS && this.#status !== "away" && this.#find("idle");
	}

	state(): PresenceState {
		const status = this.#status;
		return {
			...this.#place,
			...(status === undefined ? {} : { status }),
			lastActivity: this.lastActivity,
		};
	}

	#find(status: PresenceStatus): boolean {
		if (this.#status === status) return false;
		this.#status = status;
		this.#isFound = true;
		return true;
	}
}

/** A session with what was last heard of it. */
export function withState(
	session: PresentSession,
	{ cursor, selection, revision, status, lastActivity }: PresenceState,
): PresentSession {
	const { sessionId, userId, userName, avatar, mode, color } = session;
	return {
		sessionId,
		userId,
		userName,
		...(avatar === undefined ? {} : { avatar }),
		mode,
		...(status === undefined ? {} : { status }),
		...(cursor === undefined ? {} : { cursor }),
		...(selection === undefined ? {} : { selection }),
		...(revision === undefined ? {} : { revision }),
		color,
		lastActivity,
	};
}
