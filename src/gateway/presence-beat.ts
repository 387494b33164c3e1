import type {
	PresentSession,
	StatusChange,
} from "../presence/presence-book.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";
import type { Logger } from "../shared/logger.ts";
import type { Backend } from "./backend.ts";
import type { PresenceSeat } from "./presence-seat.ts";

export interface BeatDeps {
	readonly clock: Clock;
	readonly log: Logger;
	readonly backend: Pick<Backend, "present" | "absent" | "reportPresence">;
}

export const BEAT_MS = 1_000;
/** The book forgets a gateway that is silent three times as long. */
const SIGN_OF_LIFE_MS = 10_000;

/** Once a second: finds who has fallen silent, and tells the presence service in one batch. */
export class PresenceBeat {
	readonly #deps: BeatDeps;
	readonly #enteredAgain: (docId: DocId, session: PresentSession) => void;
	readonly #seats = new Set<PresenceSeat>();
	#cancel: (() => void) | undefined;
	#reportedAtMs = 0;
	#isReporting = false;

	/** @param enteredAgain the book had forgotten this session, and others may have been told that it left */
	constructor(
		deps: BeatDeps,
		enteredAgain: (docId: DocId, session: PresentSession) => void,
	) {
		this.#deps = deps;
		this.#enteredAgain = enteredAgain;
	}

	add(seat: PresenceSeat): void {
		if (this.#seats.size === 0) this.#reportedAtMs = this.#deps.clock.nowMs();
		this.#seats.add(seat);
		this.#cancel ??= this.#arm();
	}

	delete(seat: PresenceSeat): void {
		this.#seats.delete(seat);
		if (this.#seats.size === 0) this.close();
	}

	close(): void {
		this.#cancel?.();
		this.#cancel = undefined;
	}

	#arm(): () => void {
		return this.#deps.clock.after(BEAT_MS, () => {
			this.#cancel = this.#arm();
			const nowMs = this.#deps.clock.nowMs();
			for (const seat of this.#seats) seat.watch(nowMs);
			void this.#report(nowMs);
		});
	}

	async #report(nowMs: number): Promise<void> {
		if (this.#isReporting) return;
		const changed = [...this.#seats].flatMap((seat) => {
			const change = seat.change();
			return change === undefined ? [] : [{ seat, change }];
		});
		const isDue = nowMs - this.#reportedAtMs >= SIGN_OF_LIFE_MS;
		if (changed.length === 0 && !isDue) return;
		this.#isReporting = true;
		const isKnown = await this.#tell(changed.map(({ change }) => change));
		this.#isReporting = false;
		if (isKnown === undefined) return;
		this.#reportedAtMs = nowMs;
		for (const { seat, change } of changed) seat.reported = change.status;
		if (!isKnown) await this.#enterAgain();
	}

	/** Undefined: the service could not be asked; what is new stays new for the next beat. */
	async #tell(changes: readonly StatusChange[]): Promise<boolean | undefined> {
		try {
			return await this.#deps.backend.reportPresence(changes);
		} catch (err) {
			this.#deps.log.warn({ err }, "presence not told");
			return undefined;
		}
	}

	async #enterAgain(): Promise<void> {
		for (const seat of [...this.#seats]) {
			const { docId, present } = seat;
			if (present === undefined) continue;
			seat.reported = undefined;
			try {
				await this.#deps.backend.present(docId, present);
			} catch (err) {
				this.#deps.log.warn({ doc: docId, err }, "presence not told");
			}
			if (this.#seats.has(seat)) this.#enteredAgain(docId, present);
			else await this.#deps.backend.absent(docId, present.sessionId);
		}
	}
}
