import type {
	PresentSession,
	StatusChange,
} from "../presence/presence-book.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId, SessionId } from "../shared/ids.ts";
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
/** Sessions that enter again at once. */
const ENTER_AT_ONCE = 50;

/** What others may not have heard, because the book, and perhaps the bus, was away. */
interface Missed {
	/** @param others those in the document whom the book knows */
	entered(
		seat: PresenceSeat,
		present: PresentSession,
		others: readonly PresentSession[],
	): void;
	left(docId: DocId, session: PresentSession): void;
}
/** Sessions that left meanwhile, and are told of again. */
const MOST_LEFT = 10_000;

/** Keeps the presence service's book right: tells it in one batch a second, and all anew after calls have failed. */
export class PresenceBeat {
	readonly #deps: BeatDeps;
	readonly #missed: Missed;
	readonly #seats = new Set<PresenceSeat>();
	#cancel: (() => void) | undefined;
	#reportedAtMs = 0;
	#isReporting = false;
	/** The book has not answered a report yet, and has everything. */
	#isFirst = true;
	/** A call has failed: the book has less than it should, or more. */
	#startsAnew = false;
	/** Those of whom the book could not be told that they have left. */
	#left: { readonly docId: DocId; readonly session: PresentSession }[] = [];
	/** The failing is in the log already. */
	#isFailing = false;

	constructor(deps: BeatDeps, missed: Missed) {
		this.#deps = deps;
		this.#missed = missed;
	}

	add(seat: PresenceSeat): void {
		if (this.#seats.size === 0) this.#reportedAtMs = this.#deps.clock.nowMs();
		this.#seats.add(seat);
		this.#cancel ??= this.#arm();
	}

	delete(seat: PresenceSeat): void {
		this.#seats.delete(seat);
		if (this.#seats.size > 0) return;
		this.#isFirst = true;
		this.close();
	}

	/** Undefined: nobody knows now who else is there. */
	async enter(
		docId: DocId,
		present: PresentSession,
	): Promise<readonly PresentSession[] | undefined> {
		try {
			return await this.#deps.backend.present(docId, present);
		} catch (err) {
			this.#noteFailure(err);
			return undefined;
		}
	}

	/** @returns whether the book knows it */
	async leave(docId: DocId, sessionId: SessionId): Promise<boolean> {
		try {
			await this.#deps.backend.absent(docId, sessionId);
			return true;
		} catch (err) {
			this.#noteFailure(err);
			return false;
		}
	}

	/** Like `leave`, of a session that others have seen. */
	async part(docId: DocId, session: PresentSession): Promise<void> {
		const isTold = await this.leave(docId, session.sessionId);
		if (!isTold && this.#left.length < MOST_LEFT)
			this.#left.push({ docId, session });
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
		if (changed.length === 0 && !isDue && !this.#startsAnew) return;
		this.#isReporting = true;
		const isKnown = await this.#tell(changed.map(({ change }) => change));
		if (isKnown !== undefined) {
			this.#reportedAtMs = nowMs;
			for (const { seat, change } of changed) seat.reported = change.status;
			for (const { docId, session } of this.#left.splice(0))
				this.#missed.left(docId, session);
			if (!isKnown) await this.#enterAgain();
			this.#isFirst = false;
		}
		this.#isReporting = false;
	}

	/** Undefined: the service could not be asked; what is new stays new for the next beat. */
	async #tell(changes: readonly StatusChange[]): Promise<boolean | undefined> {
		const startsAnew = this.#startsAnew;
		this.#startsAnew = false;
		try {
			const { backend } = this.#deps;
			const isKnown = await backend.reportPresence(changes, startsAnew);
			this.#isFailing = false;
			return isKnown;
		} catch (err) {
			this.#noteFailure(err);
			return undefined;
		}
	}

	/** Once per outage: sessions come and go meanwhile, and each of them fails. */
	#noteFailure(err: unknown): void {
		this.#startsAnew = true;
		this.#isFirst = false;
		if (!this.#isFailing) this.#deps.log.warn({ err }, "presence not told");
		this.#isFailing = true;
	}

	async #enterAgain(): Promise<void> {
		const seats = [...this.#seats];
		const isNews = !this.#isFirst;
		while (seats.length > 0 && !this.#startsAnew)
			await Promise.all(
				seats
					.splice(0, ENTER_AT_ONCE)
					.map((seat) => this.#enterOne(seat, isNews)),
			);
	}

	async #enterOne(seat: PresenceSeat, isNews: boolean): Promise<void> {
		const { docId, present } = seat;
		if (present === undefined || !this.#seats.has(seat)) return;
		seat.reported = undefined;
		const others = await this.enter(docId, present);
		if (!this.#seats.has(seat)) await this.leave(docId, present.sessionId);
		else if (isNews && others !== undefined)
			this.#missed.entered(seat, present, others);
	}
}
