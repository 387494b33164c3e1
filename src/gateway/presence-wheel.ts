import type { PresenceUpdate } from "../presence/presence-message.ts";
import type { Clock } from "../shared/clock.ts";
import type { DocId } from "../shared/ids.ts";

/** A session tells at most one update in this time: 20 a second. */
export const TOLD_EVERY_MS = 50;

/** Somebody who has something to tell now and then. */
export interface Teller {
	readonly docId: DocId;
	toldAtMs: number;
	/** All that the others should know now. */
	update(): PresenceUpdate;
}

/** Tells a first update at once and the latest of those that follow on the next turn; one timer for all sessions. */
export class PresenceWheel {
	readonly #clock: Clock;
	readonly #tell: (docId: DocId, updates: readonly PresenceUpdate[]) => void;
	readonly #waiting = new Set<Teller>();
	#cancel: (() => void) | undefined;

	constructor(
		clock: Clock,
		tell: (docId: DocId, updates: readonly PresenceUpdate[]) => void,
	) {
		this.#clock = clock;
		this.#tell = tell;
	}

	touch(teller: Teller): void {
		if (this.#waiting.has(teller)) return;
		const nowMs = this.#clock.nowMs();
		if (nowMs - teller.toldAtMs >= TOLD_EVERY_MS) {
			teller.toldAtMs = nowMs;
			this.#tell(teller.docId, [teller.update()]);
			return;
		}
		this.#waiting.add(teller);
		this.#cancel ??= this.#clock.after(TOLD_EVERY_MS, () => this.#turn());
	}

	forget(teller: Teller): void {
		this.#waiting.delete(teller);
	}

	close(): void {
		this.#cancel?.();
		this.#waiting.clear();
	}

	/** What one turn has of one document travels in one message. */
	#turn(): void {
		this.#cancel = undefined;
		const nowMs = this.#clock.nowMs();
		const documents = new Map<DocId, PresenceUpdate[]>();
		for (const teller of this.#waiting) {
			if (nowMs - teller.toldAtMs < TOLD_EVERY_MS) continue;
			this.#waiting.delete(teller);
			teller.toldAtMs = nowMs;
			const updates = documents.get(teller.docId) ?? [];
			documents.set(teller.docId, updates);
			updates.push(teller.update());
		}
		if (this.#waiting.size > 0)
			this.#cancel = this.#clock.after(TOLD_EVERY_MS, () => this.#turn());
		for (const [docId, updates] of documents) this.#tell(docId, updates);
	}
}
