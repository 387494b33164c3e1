import { CollabError } from "../protocol/errors.ts";
import type { DocId } from "../shared/ids.ts";
import type { ActorPorts } from "./actor-ports.ts";
import type { LostSubmissions } from "./lost-submissions.ts";
import { ENDED } from "./pending.ts";

/** After failures in a row it is tried again so often, then the submissions are answered `unknown`. */
const DELAYS_MS = [100, 200, 400, 800, 1_600, 3_200, 3_200];

/** Brings a document back after a failed commit: again and again, until its lost submissions can be answered. */
export class ReadBack {
	readonly #docId: DocId;
	readonly #ports: Pick<ActorPorts, "clock" | "logger">;
	readonly #lost: LostSubmissions;
	/** Loads the document and plays the lost submissions again. */
	readonly #load: () => Promise<unknown>;
	/** Of reading or committing, without a success between. */
	#failures = 0;

	constructor(
		docId: DocId,
		ports: Pick<ActorPorts, "clock" | "logger">,
		lost: LostSubmissions,
		load: () => Promise<unknown>,
	) {
		this.#docId = docId;
		this.#ports = ports;
		this.#lost = lost;
		this.#load = load;
	}

	/** A commit has gone through. */
	succeeded(): void {
		this.#failures = 0;
	}

	/** A commit of this document was overtaken: there is nothing to wait for. */
	async begin(): Promise<void> {
		try {
			await this.#load();
		} catch (err) {
			if (err instanceof CollabError && err.code === "NOT_FOUND") {
				// The document has been deleted.
				for (const { item } of this.#lost.take()) item.answer(ENDED.deleted);
				return;
			}
			this.#failures ||= 1;
			this.afterFailure(err);
		}
	}

	/** At once after the first failure, then later and later: a disk that takes nothing is not asked in a tight loop. */
	afterFailure(err: unknown): void {
		const failures = this.#failures++;
		const delayMs = failures === 0 ? 0 : DELAYS_MS[failures - 1];
		if (delayMs === 0) void this.begin();
		else if (delayMs === undefined) this.#giveUp(err);
		else this.#ports.clock.after(delayMs, () => void this.begin());
	}

	#giveUp(err: unknown): void {
		this.#failures = 0;
		const lost = this.#lost.giveUp();
		this.#ports.logger.error(
			{ prdId: this.#docId, submissions: lost.length, err },
			"the document could not be read back",
		);
		for (const { answer } of lost)
			answer({ outcome: "unknown", reason: "storage" });
	}
}
