import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { ChannelBus } from "../shared/ports/channel-bus.ts";
import type { Presence, PresenceBook } from "./presence-book.ts";
import { type PresenceMessage, presenceChannel } from "./presence-message.ts";

export interface SweepDeps {
	readonly clock: Clock;
	readonly bus: Pick<ChannelBus, "publish">;
	readonly logger: Logger;
}

export const SWEEP_MS = 5_000;

/** Forgets gateways that are gone, and tells those who still see their sessions that these have left. */
export class PresenceSweep {
	readonly #book: Pick<PresenceBook, "forgetGone">;
	readonly #deps: SweepDeps;
	#cancel = () => {};
	/** Told to the log already. */
	#isFailing = false;

	constructor(book: Pick<PresenceBook, "forgetGone">, deps: SweepDeps) {
		this.#book = book;
		this.#deps = deps;
	}

	start(): void {
		this.#cancel = this.#deps.clock.after(SWEEP_MS, () => {
			this.start();
			void this.#sweep();
		});
	}

	close(): void {
		this.#cancel();
	}

	async #sweep(): Promise<void> {
		try {
			await this.#book.forgetGone((gone) => this.#tell(gone));
			this.#isFailing = false;
		} catch (err) {
			if (!this.#isFailing)
				this.#deps.logger.warn({ err }, "presence not swept");
			this.#isFailing = true;
		}
	}

	#tell(gone: readonly Presence[]): void {
		for (const { docId, session } of gone) {
			const head: PresenceMessage = { kind: "left", session };
			this.#deps.bus.publish(presenceChannel(docId), { head });
		}
	}
}
