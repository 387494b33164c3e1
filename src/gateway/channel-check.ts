import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { Backend } from "./backend.ts";
import type { Channels } from "./channels.ts";

/** After something may have been lost: at once, and again for what was still on its way to the disk. */
const AT_MS = [0, 1_000, 5_000];
const RETRY_MS = 500;
/** Documents in one question. */
const PAGE = 1_000;

export interface CheckDeps {
	readonly backend: Pick<Backend, "heads">;
	readonly channels: Pick<Channels, "places" | "expect">;
	readonly clock: Clock;
	readonly log: Logger;
}

/** Finds the channels that have missed something, when owners or the bus were away; they read it from the log. */
export class ChannelCheck {
	readonly #deps: CheckDeps;
	/** Counts the occasions: of an earlier one nothing is checked any more. */
	#occasion = 0;
	#isClosed = false;

	constructor(deps: CheckDeps) {
		this.#deps = deps;
	}

	start(): void {
		this.#occasion += 1;
		for (const delayMs of AT_MS) this.#later(delayMs, this.#occasion);
	}

	close(): void {
		this.#isClosed = true;
	}

	#later(delayMs: number, occasion: number): void {
		this.#deps.clock.after(delayMs, () => {
			if (!this.#isClosed && occasion === this.#occasion)
				void this.#check(occasion);
		});
	}

	async #check(occasion: number): Promise<void> {
		const { backend, channels, log } = this.#deps;
		const places = channels.places();
		try {
			for (let start = 0; start < places.length; start += PAGE) {
				const page = places.slice(start, start + PAGE);
				for (const [docId, rev] of await backend.heads(page))
					channels.expect(docId, rev);
			}
		} catch (err) {
			log.warn({ documents: places.length, err }, "channels not checked");
			this.#later(RETRY_MS, occasion);
		}
	}
}
